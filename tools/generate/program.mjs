/** The sources of libs and apps as one TypeScript program with types, without specs and without dependencies. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const SOURCES = ['libs', 'apps'];

/** @returns {{ files: readonly ts.SourceFile[], checker: ts.TypeChecker }} */
export function programOf(root) {
  const names = SOURCES.flatMap((folder) => sourcesBelow(join(root, folder)));
  const program = ts.createProgram(names, {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ['app-source'],
    strict: true,
    noEmit: true,
    lib: ['lib.es2023.d.ts'],
    noResolve: true, // what is asked of the program are literal types: no dependency has a say in them
    types: [],
  });
  const ours = new Set(names);
  const files = program.getSourceFiles().filter(({ fileName }) => ours.has(fileName));
  return { files, checker: program.getTypeChecker() };
}

/** Every node below one, itself first. */
export function* nodesOf(node) {
  yield node;
  const children = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

function sourcesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesBelow(path);
    return /(?<![.](spec|contract|fixture|d))[.]ts$/.test(entry.name) ? [path] : [];
  });
}
