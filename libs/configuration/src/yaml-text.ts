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

/** Longest configuration file, in characters. */
const MAX_CONFIGURATION_LENGTH = 5_000_000;

/** Most problems that are told at once. */
const MAX_PROBLEMS = 50;

/** How often aliases may repeat what they stand for, all together. */
const MAX_ALIASES = 100;

/** What a reference stands for. */
type ReferredAs = 'text' | 'picture' | 'metadata';

/** Where `file:` and `env:` references of an operator's own file lead; through the API there is none and they are refused. */
export interface References {
  /**
   * @param as `picture`: a file is wanted as a `data:` address, not as text; `metadata`: the file may be larger
   * @throws {Error} with a text for the operator when the reference leads nowhere
   */
  resolve(reference: string, as?: ReferredAs): string;
}

/** Where something is in a document. */
export type Path = readonly PropertyKey[];

/** Told of everything that is wrong, and where. */
export type Report = (path: Path, problem: string) => void;

/** A text in YAML (or JSON, which is YAML) as plain values, and what was found wrong in it so far. */
export interface YamlText {
  /** References resolved. */
  readonly value: unknown;
  readonly report: Report;
  /** @throws {ConfigurationInvalidError} when anything was reported: at most 50 problems, each with its line */
  refuseIfReported(): void;
}

/**
 * Reads a text in YAML. Aliases are bounded, so no file unfolds without limit.
 * @throws {ConfigurationInvalidError} for what is no YAML, and for keys that are there twice
 */
export function readYaml(text: string, references: References): YamlText {
  if (text.length > MAX_CONFIGURATION_LENGTH)
    throw invalid(null, [], `is longer than ${MAX_CONFIGURATION_LENGTH} characters`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, stringKeys: true });
  const faults = [...document.errors.map(faultOf), ...(document.errors.length > 0 ? [] : keysThereTwice(document))];
  if (faults.length > 0) throw new ConfigurationInvalidError(faults.slice(0, MAX_PROBLEMS).map(inLines(lines)));
  const found: { readonly path: Path; readonly problem: string }[] = [];
  const report: Report = (path, problem) => found.push({ path, problem });
  return {
    value: plainValue(document, references, report),
    report,
    refuseIfReported() {
      if (found.length === 0) return;
      throw new ConfigurationInvalidError(
        found.slice(0, MAX_PROBLEMS).map(({ path, problem }) => ({
          line: lineOfPath(document.contents, path, lines),
          path: pathText(path),
          problem,
        })),
      );
    },
  };
}

/** Values that are at hand already, such as a request's body: nothing on the host can be referred to, and there are no lines. */
export function readValue(value: unknown, references: References): YamlText {
  const found: ConfigurationProblem[] = [];
  const report: Report = (path, problem) => found.push({ line: null, path: pathText(path), problem });
  return {
    value: withReferences(value, references, [], report),
    report,
    refuseIfReported() {
      if (found.length > 0) throw new ConfigurationInvalidError(found.slice(0, MAX_PROBLEMS));
    },
  };
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
  const reference = referenceIn(value, path);
  if (reference !== null) {
    try {
      return references.resolve(reference, REFERRED_AS.get(path.at(-1) as string) ?? 'text');
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

const REFERRED_AS: ReadonlyMap<string, ReferredAs> = new Map([
  ['logo', 'picture'],
  ['metadataFile', 'metadata'],
]);

/** `metadataFile` names a file also without saying `file:`; what begins with a tag is the document itself. */
function referenceIn(value: unknown, path: Path): string | null {
  if (typeof value !== 'string') return null;
  if (/^(file|env):/.test(value)) return value;
  return path.at(-1) === 'metadataFile' && value !== '' && !/^\s*</.test(value) ? `file:${value}` : null;
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
