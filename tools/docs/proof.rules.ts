import { posix } from 'node:path';
import ts from 'typescript';
import { nodesOf, parse, type SourceFile } from '../tidy/source-tree.js';

/** Reads a file of the repository by its path; undefined where there is none. A folder has an empty text. */
export type Read = (path: string) => string | undefined;

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const QUOTED = /“([^”]+)”/g;
const OUTSIDE = /^(https?:|mailto:|#)/;
const RULER = /^\|[\s:|-]+\|$/;

interface Link {
  readonly path: string;
  /** What stands in “…” behind the link, before the next one. */
  readonly titles: readonly string[];
}

/** Links of a page that lead to no file of the repository. */
export function deadLinks(page: SourceFile, read: Read): string[] {
  return lines(page).flatMap(({ text, at }) =>
    linksIn(page, text).flatMap(({ path }) => (read(path) === undefined ? [`${at} ${path} is not there`] : [])),
  );
}

/** Titles that a page quotes behind a link to a spec, and that are no title of a test there. */
export function missingTitles(page: SourceFile, read: Read): string[] {
  const specs = new Map<string, ReadonlySet<string>>();
  const titlesIn = (path: string) => {
    const found = specs.get(path) ?? titlesOf({ path, text: read(path) ?? '' });
    specs.set(path, found);
    return found;
  };
  return lines(page).flatMap(({ text, at }) =>
    linksIn(page, text)
      .filter(({ path }) => path.endsWith('.spec.ts'))
      .flatMap(({ path, titles }) => {
        const known = titlesIn(path);
        return titles.flatMap((title) => (known.has(title) ? [] : [`${at} ${path} has no test “${title}”`]));
      }),
  );
}

/** Rows of tables with a column `proof` that name no guard or quote no test. */
export function unprovenRows(page: SourceFile): string[] {
  let proving = false;
  return lines(page).flatMap(({ text, at }) => {
    if (!text.startsWith('|')) proving = false;
    if (/\|\s*proof\s*\|$/.test(text)) {
      proving = true;
      return [];
    }
    if (!proving || RULER.test(text)) return [];
    const links = linksIn(page, text);
    return [
      ...(links.some(({ path }) => !path.endsWith('.spec.ts')) ? [] : [`${at} names no guard`]),
      ...(links.some(({ titles }) => titles.length > 0) ? [] : [`${at} quotes no test`]),
    ];
  });
}

function lines({ path, text }: SourceFile): { readonly text: string; readonly at: string }[] {
  return text.split('\n').map((line, index) => ({ text: line.trim(), at: `${path}:${index + 1}` }));
}

function linksIn({ path }: SourceFile, line: string): Link[] {
  const found = [...line.matchAll(LINK)];
  return found.flatMap((match, index) => {
    const [whole, target = ''] = match;
    if (OUTSIDE.test(target)) return [];
    const behind = line.slice(match.index + whole.length, found[index + 1]?.index);
    const titles = [...behind.matchAll(QUOTED)].map(([, title = '']) => title);
    return [{ path: posix.join(posix.dirname(path), target.replace(/#.*/, '')), titles }];
  });
}

/** First arguments of `it`, `test` and `describe`, also of their `each`. */
function titlesOf(file: SourceFile): ReadonlySet<string> {
  const titles = [...nodesOf(parse(file))].flatMap((node) => {
    if (!ts.isCallExpression(node) || !/^(it|test|describe)\b/.test(node.expression.getText())) return [];
    const [title] = node.arguments;
    return title && ts.isStringLiteralLike(title) ? [title.text] : [];
  });
  return new Set(titles);
}
