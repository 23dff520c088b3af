/** Finds every class of errors that speak to a caller, with its codes, its kinds and its texts, by the types of the sources. */
import ts from 'typescript';
import { nodesOf, programOf } from './program.mjs';

const BASE = 'DomainError';

/**
 * One stable code of one class.
 * @typedef {{ code: string, kind: string, texts: string[], meaning: string, className: string, bases: string[], file: string }} ErrorCode
 */

/**
 * Every code that a class of the product's errors can bear; what a derived class says of a code goes before its base.
 * @throws {Error} when a class is written in a way whose code or kind cannot be read: then the catalogue would have a hole
 * @returns {ErrorCode[]}
 */
export function collectErrors(root, { files, checker } = programOf(root)) {
  const classes = files.flatMap((file) => [...nodesOf(file)].filter(ts.isClassDeclaration));
  const errors = classes.filter((each) => isDomainError(each, checker) && !isAbstract(each));
  const said = textsByCode(files);
  const codes = errors.flatMap((declaration) => codesOfClass(declaration, checker, files, said, root));
  return codes.filter(
    (each) => !codes.some((other) => other.code === each.code && other.bases.includes(each.className)),
  );
}

function codesOfClass(declaration, checker, files, said, root) {
  const className = declaration.name.text;
  const type = checker.getTypeAtLocation(declaration);
  const codes = literalsOf(type, 'code', checker) ?? codesInCalls(declaration, files);
  if (codes.length === 0)
    throw new Error(`${where(declaration, root)}: the codes of ${className} cannot be read from its type.`);
  const file = where(declaration, root);
  return codes.map((code) => ({
    code,
    kind: kindOf(declaration, type, code, checker, root),
    texts: textsOf(declaration, code, said),
    meaning: docOf(declaration),
    className,
    bases: basesOf(declaration, checker).slice(1),
    file,
  }));
}

/** Values of a property whose type is a literal or a union of literals; undefined when it is wider. */
function literalsOf(type, name, checker) {
  const property = type.getProperty(name);
  const propertyType = property && checker.getTypeOfSymbol(property);
  const members = propertyType?.isUnion() ? propertyType.types : [propertyType];
  return members.every((member) => member?.isStringLiteral()) ? members.map(({ value }) => value) : undefined;
}

/** Codes of a class that takes any: the default of its parameter, and the literals that it is made with. */
function codesInCalls(declaration, files) {
  const maker = declaration.members.find(ts.isConstructorDeclaration);
  const at = maker?.parameters.findIndex(({ name }) => name.getText() === 'code') ?? -1;
  if (at < 0) return [];
  const codes = new Set(literalText(maker.parameters[at].initializer));
  for (const call of newCalls(files, declaration.name.text))
    for (const code of literalText(call.arguments?.[at])) codes.add(code);
  return [...codes].sort();
}

const literalText = (node) => (node && ts.isStringLiteralLike(node) ? [node.text] : []);

/** Every `new Name(…)` of the sources. */
export function newCalls(files, name) {
  return files.flatMap((file) =>
    [...nodesOf(file)].filter((node) => ts.isNewExpression(node) && node.expression.getText() === name),
  );
}

function kindOf(declaration, type, code, checker, root) {
  const [kind, ...others] = literalsOf(type, 'kind', checker) ?? [];
  if (kind && others.length === 0) return kind;
  const assigned = [...nodesOf(declaration)].find(
    (node) => ts.isBinaryExpression(node) && node.left.getText() === 'this.kind',
  );
  const chosen = assigned && choice(assigned.right, code);
  if (!chosen) throw new Error(`${where(declaration, root)}: the kind of ${declaration.name.text} cannot be read.`);
  return chosen;
}

/** The value of `code === 'a' ? 'x' : 'y'` for a code. */
function choice(expression, code) {
  if (ts.isStringLiteral(expression)) return expression.text;
  if (!ts.isConditionalExpression(expression)) return undefined;
  const { condition, whenTrue, whenFalse } = expression;
  if (!ts.isBinaryExpression(condition) || !ts.isStringLiteral(condition.right)) return undefined;
  return choice(condition.right.text === code ? whenTrue : whenFalse, code);
}

function textsOf(declaration, code, said) {
  const superCall = [...nodesOf(declaration)].find(
    (node) => ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword,
  );
  const own = (superCall?.arguments ?? [])
    .slice(0, 1)
    .flatMap((text) => templates(defaultOf(text, declaration) ?? text));
  return own.length > 0 ? own : [...(said.get(code) ?? [])];
}

/** What a parameter of the constructor is when it is not given. */
function defaultOf(expression, declaration) {
  const maker = declaration.members.find(ts.isConstructorDeclaration);
  return maker?.parameters.find(({ name }) => name.getText() === expression.getText())?.initializer;
}

/** Texts that an expression can become, with `{…}` for what is filled in; none when it is not a text. */
export function templates(expression) {
  if (ts.isStringLiteralLike(expression)) return [expression.text];
  if (ts.isParenthesizedExpression(expression)) return templates(expression.expression);
  if (ts.isConditionalExpression(expression)) return [expression.whenTrue, expression.whenFalse].flatMap(templates);
  if (ts.isTemplateExpression(expression))
    return [
      expression.head.text +
        expression.templateSpans.map(({ expression: inner, literal }) => `{${nameOf(inner)}}${literal.text}`).join(''),
    ];
  if (!ts.isBinaryExpression(expression)) return [];
  const [left, right] = [templates(expression.left), templates(expression.right)];
  return left.flatMap((begin) => right.map((end) => begin + end));
}

const nameOf = (expression) =>
  ts.isIdentifier(expression) || ts.isPropertyAccessExpression(expression) ? expression.getText() : '…';

/** What stands beside a code in a table (`code: 'text'`, `['code', 'text']`) or a call (`demand(…, 'code', 'text')`). */
function textsByCode(files) {
  const texts = new Map();
  const note = (code, expression) => {
    for (const text of expression ? templates(expression) : []) {
      if (/\s/.test(text)) texts.set(code, (texts.get(code) ?? new Set()).add(text));
    }
  };
  for (const node of files.flatMap((file) => [...nodesOf(file)])) {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name)) note(node.name.text, node.initializer);
    const list = ts.isArrayLiteralExpression(node)
      ? node.elements
      : (ts.isCallOrNewExpression(node) && node.arguments) || [];
    list.forEach((item, index) => {
      if (ts.isStringLiteral(item)) note(item.text, list[index + 1]);
    });
  }
  return texts;
}

const isDomainError = (declaration, checker) => basesOf(declaration, checker).slice(1).includes(BASE);

/** Names of a class and of the classes that it stands on. */
function basesOf(declaration, checker) {
  const names = [];
  for (let type = checker.getTypeAtLocation(declaration); type?.symbol; [type] = type.getBaseTypes?.() ?? [])
    names.push(type.symbol.name);
  return names;
}

const isAbstract = (declaration) =>
  (ts.getModifiers(declaration) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword);

function docOf(declaration) {
  const [doc] = ts.getJSDocCommentsAndTags(declaration).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(doc?.comment) ?? '';
  return text
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim();
}

const where = (node, root) => node.getSourceFile().fileName.slice(root.length).replace(/^\//, '');
