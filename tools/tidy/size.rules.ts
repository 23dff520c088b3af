import ts from 'typescript';
import { at, lineOf, nodesOf, parse, type Rule } from './source-tree.js';

/** Longest function, in lines from its name to its closing brace. What does not fit on a page is not understood at a glance. */
export const FUNCTION_LINES_MAX = 70;

/** Longest file, in lines. */
export const FILE_LINES_MAX = 400;

const SUITE_CALLS = /^(describe|it|test|beforeAll|beforeEach|afterAll|afterEach)$/;

/** A file of at most 400 lines. */
export const fileIsShort: Rule = ({ path, text }) => {
  const lines = text.trimEnd().split('\n').length;
  return lines > FILE_LINES_MAX
    ? [`${path}:1 has ${lines} lines (limit ${FILE_LINES_MAX}): split it by what its parts are for`]
    : [];
};

/** Functions of at most 70 lines. A suite, whose body lists tests, is a chapter and not a function; its tests count. */
export const functionsAreShort: Rule = (file) => {
  const tree = parse(file);
  return [...nodesOf(tree)].flatMap((node) => {
    if (!isFunctionWithBody(node) || isSuite(node)) return [];
    const lines = lineOf(tree, node.end) - lineOf(tree, node.getStart()) + 1;
    return lines > FUNCTION_LINES_MAX
      ? [at(node, `function has ${lines} lines (limit ${FUNCTION_LINES_MAX}): give its steps names`)]
      : [];
  });
};

function isFunctionWithBody(node: ts.Node): node is ts.FunctionLikeDeclaration & { body: ts.Node } {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function isSuite({ body }: { body: ts.Node }): boolean {
  return (
    ts.isBlock(body) &&
    body.statements.some((statement) => ts.isExpressionStatement(statement) && isSuiteCall(statement.expression))
  );
}

/** `describe(…)`, `it.each(…)(…)`, `(available ? describe : describe.skip)(…)`. */
function isSuiteCall(expression: ts.Expression): boolean {
  if (!ts.isCallExpression(expression)) return false;
  return [...nodesOf(expression.expression)].some((node) => ts.isIdentifier(node) && SUITE_CALLS.test(node.text));
}
