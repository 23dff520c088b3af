import { isBuiltin } from 'node:module';
import ts from 'typescript';
import { at, isSpec, nodesOf, parse, type Rule } from './source-tree.js';

const IMPURE_PROPERTIES = new Set(['Date.now', 'Math.random', 'performance.now']);
const REMEDY = 'take it from the command, or from Clock and IdSource';

/** Where nothing may depend on time, chance or the machine: the same command on the same state decides the same, for ever. */
export const isPureFolder = (path: string) => /^libs[/](kernel|domain)[/]/.test(path);

/** No clock, no chance, no process and no Node module in kernel and domain. Their specs may read files and the environment. */
export const coreIsPure: Rule = (file) => {
  if (!isPureFolder(file.path)) return [];
  return [...nodesOf(parse(file))].flatMap((node) => {
    const found = impurity(node, isSpec(file));
    return found ? [at(node, `${found} in the pure core: ${REMEDY}`)] : [];
  });
};

function impurity(node: ts.Node, inSpec: boolean): string | undefined {
  if (ts.isPropertyAccessExpression(node) && IMPURE_PROPERTIES.has(node.getText())) return node.getText();
  if (ts.isIdentifier(node) && node.text === 'randomUUID') return 'randomUUID';
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return 'new Date() without an argument';
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
  if (inSpec) return undefined;
  if (ts.isIdentifier(node) && node.text === 'process') return 'process';
  if (ts.isStringLiteral(node) && isImportSpecifier(node) && isBuiltin(node.text)) return node.text;
  return undefined;
}

function isImportSpecifier({ parent }: ts.StringLiteral): boolean {
  if (ts.isCallExpression(parent)) return /^(import|require)$/.test(parent.expression.getText());
  return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);
}
