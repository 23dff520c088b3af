import ts from 'typescript';
import { at, isSpec, nodesOf, parse, type Rule } from './source-tree.js';

const TEST_WORDS = /^(describe|it|test)$/;
const FORBIDDEN_WORDS = /^(fit|fdescribe|ftest|xit|xdescribe|xtest)$/;

/**
 * Every test runs and can fail. `it.skip` is allowed only as the branch of a condition, `available ? it : it.skip`, for a
 * test that needs something the machine may not have (and says so).
 */
export const testsRun: Rule = (file) => {
  if (!isSpec(file) && !file.path.endsWith('.contract.ts')) return [];
  return [...nodesOf(parse(file))].flatMap((node) => {
    const fault = muting(node) ?? emptiness(node);
    return fault ? [at(node, fault)] : [];
  });
};

function muting(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && FORBIDDEN_WORDS.test(node.text) && ts.isCallExpression(node.parent))
    return `${node.text} leaves tests out`;
  if (!ts.isPropertyAccessExpression(node) || !TEST_WORDS.test(node.expression.getText())) return undefined;
  const { text } = node.name;
  if (text === 'only') return '.only leaves all other tests out';
  if (text === 'todo') return '.todo is a test that is not there: write it';
  return text === 'skip' && !ts.isConditionalExpression(node.parent)
    ? '.skip leaves a test out: repair or delete it'
    : undefined;
}

/** `expect(true)` and its kind, which no defect can break. */
function emptiness(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || node.expression.getText() !== 'expect' || node.arguments.length !== 1)
    return undefined;
  const [subject] = node.arguments;
  const isConstant =
    subject && (ts.isLiteralExpression(subject) || /^(true|false|null|undefined)$/.test(subject.getText()));
  return isConstant ? 'expects something of a constant: no defect can break this test' : undefined;
}
