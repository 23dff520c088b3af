/** Cursors come back as they went out, and nothing else passes for one. */
import fc from 'fast-check';
import { isCursor, makeCursor, readCursor } from './cursor.js';

const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((value) => !value.includes('\0'));

describe('a cursor', () => {
  it('comes back as it was made', () =>
    fc.assert(
      fc.property(text, fc.maxSafeInteger(), (name, position) => {
        const cursor = makeCursor('accounts.1', [name, position]);
        expect(isCursor(cursor)).toBe(true);
        expect(readCursor('accounts.1', ['string', 'integer'], cursor)).toEqual([name, position]);
      }),
      { seed: 5 },
    ));

  it('of another list, with other parts or of another kind is refused', () => {
    const cursor = makeCursor('accounts.1', ['a', 1]);
    expect(() => readCursor('grants.1', ['string', 'integer'], cursor)).toThrow('not a cursor of this list');
    expect(() => readCursor('accounts.1', ['string'], cursor)).toThrow();
    expect(() => readCursor('accounts.1', ['integer', 'string'], cursor)).toThrow();
    expect(() => readCursor('accounts.1', ['string'], makeCursor('accounts.1', ['a\0']))).toThrow();
    expect(() => readCursor('accounts.1', ['integer'], makeCursor('accounts.1', [1.5]))).toThrow();
  });

  it('is never made of arbitrary text, and arbitrary text never breaks the reader', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (junk) => {
        expect(() => readCursor('accounts.1', [], junk)).toThrow(expect.objectContaining({ code: 'invalid-cursor' }));
      }),
      { seed: 6 },
    ));

  it('may not be endless', () => expect(isCursor(makeCursor('accounts.1', ['x'.repeat(2_000)]))).toBe(false));
});
