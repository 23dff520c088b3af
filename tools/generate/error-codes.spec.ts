/**
 * A code is a promise: it means one thing, for good. Shown on the whole product, and on planted sources in which it is broken.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { collectErrors } from './error-classes.mjs';
import { ambiguities, errorCodes } from './error-codes.mjs';

const KERNEL =
  'export abstract class DomainError extends Error { abstract readonly code: string; abstract readonly kind: string; }';
const IMPORT = "import { DomainError } from './kernel.js';\n";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatebook-errors-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the error codes of the product', () => {
  const codes = errorCodes(process.cwd());

  it('each stand for one thing', () => {
    expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length);
    expect(codes.length).toBeGreaterThan(100);
  });

  it('are stable words, each with a status and a meaning', () => {
    for (const { code, status, meaning } of codes) {
      expect(code).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
      expect([code, status]).toEqual([code, expect.any(Number)]);
      expect([code, meaning]).toEqual([code, expect.stringMatching(/^[A-Z`].*\.$/)]);
    }
  });

  it.each([
    ['account-not-found', 404],
    ['foreign-domain', 403],
    ['invalid-signature', 400],
    ['too-large', 413],
    ['idempotency-key-reused', 422],
    ['unsupported-media-type', 415],
    ['internal-error', 500],
  ])('hold %s with status %i', (code, status) =>
    expect(codes).toContainEqual(expect.objectContaining({ code, status })),
  );
});

describe('in planted sources', () => {
  it('two classes with one code and other words are found', () => {
    plant({ a: error('AError', 'same', 'conflict', 'One.'), b: error('BError', 'same', 'conflict', 'Another.') });
    expect(ambiguities(collectErrors(folder))).toEqual(['same (AError, BError)']);
  });

  it('two classes with one code and another kind are found', () => {
    plant({ a: error('AError', 'same', 'conflict', 'One.'), b: error('BError', 'same', 'invalid', 'One.') });
    expect(ambiguities(collectErrors(folder))).toEqual(['same (AError, BError)']);
  });

  it('two ways to the very same refusal are no fault', () => {
    plant({ a: error('AError', 'same', 'conflict', 'One.'), b: error('BError', 'same', 'conflict', 'One.') });
    expect(ambiguities(collectErrors(folder))).toEqual([]);
  });

  it('a base class leaves the codes of its derived classes to them', () => {
    plant({
      a: `${IMPORT}/** Either. */\nexport class AError extends DomainError { readonly code: 'a' | 'b' = 'a'; readonly kind = 'invalid'; constructor(text = 'A.') { super(text); } }
/** B. */\nexport class BError extends AError { override readonly code = 'b'; constructor() { super('B.'); } }`,
    });
    expect(collectErrors(folder).map(({ code, className, texts }) => [code, className, texts])).toEqual([
      ['a', 'AError', ['A.']],
      ['b', 'BError', ['B.']],
    ]);
  });

  it('a code is read from wherever its type says it: a literal, a union, the keys of a table', () => {
    plant({
      a: `${IMPORT}const TABLE = { 'from-table': 'What the table says.' } as const;
/** A table speaks. */
export class TableError extends DomainError { readonly kind = 'invalid'; constructor(readonly code: keyof typeof TABLE) { super(TABLE[code]); } }
/** One of two. */
export class EitherError extends DomainError { readonly code: 'one' | 'two' = 'one'; readonly kind = 'invalid'; }`,
    });
    expect(collectErrors(folder).map(({ code, texts, meaning }) => ({ code, texts, meaning }))).toEqual([
      { code: 'from-table', texts: ['What the table says.'], meaning: 'A table speaks.' },
      { code: 'one', texts: [], meaning: 'One of two.' },
      { code: 'two', texts: [], meaning: 'One of two.' },
    ]);
  });

  it('texts show what is filled in and what the case decides', () => {
    plant({
      a: `${IMPORT}export class AError extends DomainError { readonly code = 'a'; readonly kind = 'invalid';
  constructor(id: string, late: boolean) { super(late ? 'Too late.' : \`The thing \${id} is \${id.length} long.\`); } }`,
    });
    expect(collectErrors(folder)[0]?.texts).toEqual(['Too late.', 'The thing {id} is {id.length} long.']);
  });

  it('a class whose codes nobody can know is refused, not left out', () => {
    plant({
      a: `${IMPORT}export class AError extends DomainError { readonly kind = 'invalid'; constructor(readonly what: string, readonly code: string) { super(what); } }`,
    });
    expect(() => collectErrors(folder)).toThrow('libs/bus/a.ts: the codes of AError cannot be read from its type.');
  });
});

function plant(files: Record<string, string>): void {
  for (const [name, text] of Object.entries({ kernel: KERNEL, ...files })) {
    const path = join(folder, 'libs/bus', `${name}.ts`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function error(name: string, code: string, kind: string, text: string): string {
  return `${IMPORT}/** A fault. */\nexport class ${name} extends DomainError { readonly code = '${code}'; readonly kind = '${kind}'; constructor() { super('${text}'); } }`;
}
