/** One list of all codes: those of the error classes, and those that HTTP itself gives. */
import ts from 'typescript';
import { collectErrors, newCalls, templates } from './error-classes.mjs';
import { nodesOf, programOf } from './program.mjs';

const STATUSES = 'STATUS_OF_KIND';
const BY_FRAMEWORK = 'FRAMEWORK_REFUSALS';
const BY_HTTP = 'HttpRefusalError';
const INTERNAL = 'INTERNAL';

/**
 * Every code with its HTTP status, in alphabetical order.
 * @throws {Error} when one code means two things
 */
export function errorCodes(root) {
  const program = programOf(root);
  const statuses = Object.fromEntries(
    tableNamed(STATUSES, program.files).map(([kind, status]) => [kind, Number(status.text)]),
  );
  const classes = collectErrors(root, program);
  const ambiguous = ambiguities(classes);
  if (ambiguous.length > 0) throw new Error(`One code, several meanings: ${ambiguous.join('; ')}.`);
  const ofClasses = byCode(classes).map(({ kind, ...error }) => ({ ...error, status: statuses[kind] }));
  const known = new Set(ofClasses.map(({ code }) => code));
  const others = [...ofHttp(program.files), internalError(program.files)].filter(({ code }) => !known.has(code));
  return [...ofClasses, ...others].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Codes that two classes bear which do not mean the same: another kind, or other words. */
export function ambiguities(errors) {
  return byCodeGroups(errors).flatMap(([code, group]) => {
    const stated = group.filter(({ texts }) => texts.length > 0);
    const meanings = new Set(stated.map(({ kind, texts }) => `${kind}: ${texts.join(' / ')}`));
    const kinds = new Set(group.map(({ kind }) => kind));
    return meanings.size > 1 || kinds.size > 1
      ? [`${code} (${group.map(({ className }) => className).join(', ')})`]
      : [];
  });
}

/** One entry per code; the class that has words for it speaks. */
function byCode(errors) {
  return byCodeGroups(errors).map(([, group]) => group.find(({ texts }) => texts.length > 0) ?? group[0]);
}

const byCodeGroups = (errors) => [...Map.groupBy(errors, ({ code }) => code)];

function ofHttp(files) {
  const framework = tableNamed(BY_FRAMEWORK, files).map(([status, { elements }]) => ({
    code: elements[0].text,
    status: Number(status),
    texts: templates(elements[1]),
  }));
  const made = newCalls(files, BY_HTTP).map(({ arguments: [status, code, text] }) => ({
    code: code.text,
    status: Number(status.text),
    texts: templates(text),
  }));
  return [...Map.groupBy([...made, ...framework], ({ code }) => code)].map(([code, group]) => ({
    code,
    status: group[0].status,
    meaning: 'HTTP refuses the request before any rule is asked.',
    texts: [...new Set(group.flatMap(({ texts }) => texts))],
  }));
}

function internalError(files) {
  return {
    code: 'internal-error',
    status: 500,
    meaning: 'Something went wrong in the server; the request id leads to the log entry.',
    texts: templates(constantNamed(INTERNAL, files)),
  };
}

/** Entries of the object that a constant of this name holds. */
function tableNamed(name, files) {
  return constantNamed(name, files).properties.map((property) => [property.name.text, property.initializer]);
}

/** What a constant of this name is. @throws {Error} when there is none */
function constantNamed(name, files) {
  for (const node of files.flatMap((file) => [...nodesOf(file)])) {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name && node.initializer) return node.initializer;
  }
  throw new Error(`The sources have no constant ${name}.`);
}
