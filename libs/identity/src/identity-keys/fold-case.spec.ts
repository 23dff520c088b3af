import fc from 'fast-check';
import { foldCase } from './fold-case.js';

describe('folding a name', () => {
  it.each([
    ['Ada@Acme.Example', 'ada@acme.example'],
    ['MÜLLER', 'müller'],
    ['Mu\u0308ller', 'm\u00fcller'],
    ['ΣΟΦΙΑ', 'σοφια'],
    ['ẞ', 'ß'],
  ])('makes %j and %j one', (one, other) => expect(foldCase(one)).toBe(foldCase(other)));

  it.each([
    ['the Kelvin sign', 'mi\u212ae@acme.example', 'mike@acme.example'],
    ['a full-width letter', '\uff41da', 'ada'],
    ['a dotted capital I', '\u0130da', 'ida'],
    ['a ligature', '\ufb01ona', 'fiona'],
    ['another alphabet', '\u0430da', 'ada'],
    ['a long s', 'mo\u017fes', 'moses'],
  ])('does not take %s for a plain letter', (_, lookalike, name) =>
    expect(foldCase(lookalike)).not.toBe(foldCase(name)),
  );

  it('changes nothing more when repeated', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(foldCase(foldCase(text))).toBe(foldCase(text))),
    );
  });

  it('gives plain names to plain names only', () => {
    const plain = /^[\x20-\x7e]*$/;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        expect(plain.test(foldCase(text))).toBe(plain.test(text));
      }),
      { numRuns: 1000 },
    );
  });
});
