import {
  type Document,
  isMap,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLParseError,
} from 'yaml';
import { ConfigurationInvalidError, type ConfigurationProblem } from './configuration.errors.js';
import { type Configuration, configurationSchema } from './configuration.schema.js';
import { crossReferences } from './cross-references.js';
import { schemaWords } from './schema-words.js';

/** Longest configuration file, in characters. */
const MAX_CONFIGURATION_LENGTH = 5_000_000;

/** Most problems that are told at once. */
const MAX_PROBLEMS = 50;

/** How often aliases may repeat what they stand for, all together. */
const MAX_ALIASES = 100;

/** Where `file:` and `env:` references of an operator's own file lead; through the API there is none and they are refused. */
export interface References {
  /** @throws {Error} with a text for the operator when the reference leads nowhere */
  resolve(reference: string): string;
}

type Path = readonly PropertyKey[];
type Report = (path: Path, problem: string) => void;

/**
 * Reads a configuration (YAML, or JSON, which is YAML). Unknown keys, bad values and references to things that the file does not define
 * are told together, at most 50, each with its line. Aliases are bounded, so no file unfolds without limit.
 * @throws {ConfigurationInvalidError}
 */
export function readConfiguration(text: string, references: References): Configuration {
  if (text.length > MAX_CONFIGURATION_LENGTH)
    throw invalid(null, [], `is longer than ${MAX_CONFIGURATION_LENGTH} characters`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, stringKeys: true });
  const faults = [...document.errors.map(faultOf), ...(document.errors.length > 0 ? [] : keysThereTwice(document))];
  if (faults.length > 0) throw new ConfigurationInvalidError(faults.slice(0, MAX_PROBLEMS).map(inLines(lines)));
  const found: { readonly path: Path; readonly problem: string }[] = [];
  const report: Report = (path, problem) => found.push({ path, problem });
  const parsed = configurationSchema.safeParse(plainValue(document, references, report), { error: schemaWords });
  for (const issue of parsed.error?.issues ?? []) reportIssue(issue, report);
  if (parsed.success) crossReferences(parsed.data, report);
  if (parsed.success && found.length === 0) return parsed.data;
  throw new ConfigurationInvalidError(
    found.slice(0, MAX_PROBLEMS).map(({ path, problem }) => ({
      line: lineOfPath(document.contents, path, lines),
      path: pathText(path),
      problem,
    })),
  );
}

/** Something wrong with the text itself, at an offset. */
interface Fault {
  readonly offset: number | undefined;
  readonly problem: string;
}

const inLines =
  (lines: LineCounter) =>
  ({ offset, problem }: Fault): ConfigurationProblem => ({
    line: offset === undefined ? null : lines.linePos(offset).line,
    path: '',
    problem,
  });

const faultOf = ({ pos, message }: YAMLParseError): Fault => ({ offset: pos[0], problem: firstLine(message) });

/** Keys that a map has twice, each where it comes again. The parser's own check takes quadratic time, which a large file would feel. */
function keysThereTwice(document: Document): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items as { key: Scalar }[]) {
        const name = String(key.value);
        if (seen.has(name)) faults.push({ offset: key.range?.[0], problem: `the key ${name} is there twice` });
        seen.add(name);
      }
    },
  });
  return faults;
}

function invalid(line: number | null, path: Path, problem: string): ConfigurationInvalidError {
  return new ConfigurationInvalidError([{ line, path: pathText(path), problem }]);
}

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? '';

function reportIssue(
  issue: { readonly code: string; readonly path: Path; readonly message: string; readonly keys?: readonly string[] },
  report: Report,
): void {
  if (issue.code !== 'unrecognized_keys') report(issue.path, issue.message);
  else for (const key of issue.keys ?? []) report([...issue.path, key], 'is not a known key');
}

/** The document as plain values. @throws {ConfigurationInvalidError} when an alias leads nowhere, in a circle or too far */
function plainValue(document: Document, references: References, report: Report): unknown {
  try {
    return withReferences(document.toJS({ maxAliasCount: MAX_ALIASES }), references, [], report);
  } catch {
    throw invalid(null, [], 'has an alias (*name) that leads nowhere, in a circle or too far: write its value out');
  }
}

/** Replaces `file:` and `env:` texts by what they stand for. */
function withReferences(value: unknown, references: References, path: Path, report: Report): unknown {
  if (typeof value === 'string' && /^(file|env):/.test(value)) {
    try {
      return references.resolve(value);
    } catch (error) {
      report(path, (error as Error).message);
      return value;
    }
  }
  if (Array.isArray(value))
    return value.map((item, index) => withReferences(item, references, [...path, index], report));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withReferences(item, references, [...path, key], report)]),
  );
}

function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    '',
  );
}

/** The line of the deepest node on a path that the file really has; a missing key is told at the line of its parent. */
function lineOfPath(root: Node | null, path: Path, lines: LineCounter): number | null {
  let node: unknown = root;
  let offset = root?.range?.[0];
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String((key as { value?: unknown })?.value) === String(part));
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? null : lines.linePos(offset).line;
}
