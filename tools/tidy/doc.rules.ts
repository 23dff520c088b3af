import ts from 'typescript';
import { at, isSpec, parse, type Rule } from './source-tree.js';

/**
 * Everything that a lib exports says what it does (and its limits, units, errors and source) in a doc comment.
 * One comment may head a block of declarations of one kind that no blank line parts; a value that is described by a
 * sentence among its own arguments, as an event is, has said it already.
 */
export const exportsAreDocumented: Rule = (file) => {
  if (!/^libs[/][^/]+[/]src[/].*[.]tsx?$/.test(file.path) || isSpec(file)) return [];
  const tree = parse(file);
  const undocumented = tree.statements.filter(
    (statement) => isExported(statement, tree) && !isDocumented(statement, tree),
  );
  return undocumented.map((statement) => at(statement, `export ${nameOf(statement)} has no doc comment`));
};

function isExported(statement: ts.Statement, tree: ts.SourceFile): boolean {
  if (!isDeclaration(statement)) return false;
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return (
    modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) || exportedLater(tree).has(nameOf(statement))
  );
}

function isDeclaration(statement: ts.Statement): boolean {
  return ts.isVariableStatement(statement) || ts.isDeclarationStatement(statement);
}

/** Names in `export { a, b };` without a module. */
function exportedLater(tree: ts.SourceFile): Set<string> {
  const lists = tree.statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) &&
    !statement.moduleSpecifier &&
    statement.exportClause &&
    ts.isNamedExports(statement.exportClause)
      ? [...statement.exportClause.elements]
      : [],
  );
  return new Set(lists.map(({ name, propertyName }) => (propertyName ?? name).text));
}

function isDocumented(statement: ts.Statement, tree: ts.SourceFile): boolean {
  return (
    blockOf(statement, tree).some((other) => ts.getJSDocCommentsAndTags(other).length > 0) || describesItself(statement)
  );
}

/** The statement and those right above it: overloads of one function, types of one family. */
function blockOf(statement: ts.Statement, tree: ts.SourceFile): ts.Statement[] {
  const above = tree.statements[tree.statements.indexOf(statement) - 1];
  const belongs =
    above && above.kind === statement.kind && !/\n\s*\n/.test(tree.text.slice(above.end, statement.getStart()));
  return belongs ? [statement, ...blockOf(above, tree)] : [statement];
}

function describesItself(statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  const calls = statement.declarationList.declarations.flatMap(({ initializer }) =>
    initializer && ts.isCallExpression(initializer) ? [initializer] : [],
  );
  return calls.some((call) =>
    call.arguments.some((argument) => ts.isStringLiteralLike(argument) && /\w \w+ \w/.test(argument.text)),
  );
}

function nameOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText()).join(', ');
  const name = ts.getNameOfDeclaration(statement as ts.DeclarationStatement);
  return name?.getText() ?? 'default';
}
