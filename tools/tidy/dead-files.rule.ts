import ts from 'typescript';
import { isCode, isSpec, nodesOf, parse, type SourceFile } from './source-tree.js';

const ENTRY =
  /^apps[/][^/]+[/]src[/]main[.]tsx?$|^bench[/][^/]+[.]bench[.]ts$|^test[/]chaos[/]broken[/][^/]+[.]main[.]ts$|[.]d[.]ts$/;

/** Files that nothing starts, imports or names: not reached from an entry point, a benchmark or a spec. Delete or use them. */
export function deadFiles(files: readonly SourceFile[]): string[] {
  const sources = new Map(files.filter(isTypeScript).map((file) => [file.path, file]));
  const alive = new Set<string>();
  const queue = [...sources.values()].filter((file) => ENTRY.test(file.path) || isSpec(file));
  for (let file = queue.pop(); file; file = queue.pop()) {
    if (alive.has(file.path)) continue;
    alive.add(file.path);
    for (const path of namedIn(file)) {
      const named = sources.get(path);
      if (named) queue.push(named);
    }
  }
  return [...sources.keys()]
    .filter((path) => !alive.has(path))
    .map((path) => `${path}:1 is reached from nowhere: delete it, or use it`);
}

const isTypeScript = (file: SourceFile) => isCode(file) && /[.]tsx?$/.test(file.path);

/** Paths that a file may mean by its strings: imports, but also workers and other files named to be started. */
function namedIn(file: SourceFile): string[] {
  const strings = [...nodesOf(parse(file))].filter((node) => ts.isStringLiteralLike(node));
  return strings.flatMap(({ text }) => candidates(file.path, text));
}

function candidates(from: string, text: string): string[] {
  const lib = /^#libs[/]([\w-]+)$/.exec(text)?.[1];
  if (lib) return [`libs/${lib}/src/index.ts`];
  if (!/^[\w./-]+[.](js|ts|tsx)$/.test(text)) return [];
  // a compiled file that is started as a process of its own is named from the root
  const base = text.startsWith('dist/') ? 'file:///' : `file:///${from}`;
  const path = new URL(text.replace(/^dist[/]/, ''), base).pathname.slice(1).replace(/[.](js|tsx?)$/, '');
  return [`${path}.ts`, `${path}.tsx`];
}
