import { existsSync, readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** One text file of the repository; `path` is relative to its root and uses `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A rule looks at one file and answers what is wrong with it, each as `path:line what, and what to do`. */
export type Rule = (file: SourceFile) => string[];

const NOT_OURS = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.cache', '.cluster', 'generated']);
const TEXT = /[.](ts|tsx|mts|mjs|js|json|jsonc|md|ya?ml|sql|html|css|sh|swcrc|editorconfig)$|^[^.]+$/;

/** Every text file below `path` (a folder or a file), without dependencies and products. */
export function readTree(root: string, path: string): SourceFile[] {
  if (!existsSync(`${root}/${path}`)) return [];
  const entries = readdirSync(`${root}/${path}`, { withFileTypes: true }).filter(({ name }) => !NOT_OURS.has(name));
  return entries.flatMap((entry) => {
    const inner = path === '.' ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) return readTree(root, inner);
    return entry.isFile() && TEXT.test(entry.name)
      ? [{ path: inner, text: readFileSync(`${root}/${inner}`, 'utf8') }]
      : [];
  });
}

/** TypeScript and JavaScript, the languages whose syntax the rules read. */
export const isCode = ({ path }: SourceFile) => /[.](ts|tsx|mts|mjs|js)$/.test(path);

/** A file that is only ever run by the test runner. */
export const isSpec = ({ path }: SourceFile) => path.endsWith('.spec.ts');

/** Syntax tree with parent links; no types. */
export function parse({ path, text }: SourceFile): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Every node of the tree, parents first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** `path:line message` for a node. */
export function at(node: ts.Node, message: string): string {
  const file = node.getSourceFile();
  return `${file.fileName}:${lineOf(file, node.getStart())} ${message}`;
}

/** 1-based line of an offset. */
export function lineOf(file: ts.SourceFile, offset: number): number {
  return file.getLineAndCharacterOfPosition(offset).line + 1;
}
