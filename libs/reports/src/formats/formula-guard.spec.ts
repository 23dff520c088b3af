/** No text of a report can become a formula, whichever program takes it apart, and none is lost on the way. */
import fc from 'fast-check';
import { couldBecomeFormula, guarded, unguarded } from './formula-guard.js';

const NASTY = fc.array(
  fc.constantFrom('=', '+', '-', '@', '＝', "'", ';', '\t', '\r', '\n', '\0', ' ', '"', ',', 'a', '1'),
);

describe('the guard', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30 1234', "'+49 30 1234"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝1＋1', "'＝1＋1"],
    [' =1+1', " '=1+1"],
    ['\t=1', "'\t'=1"],
    ['\r\nx', "'\r\nx"],
    ['\0=1', "'\0=1"],
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ['left;=1+1;', "left;'=1+1;"],
    ['two\n-lines', "two\n'-lines"],
    ["'=1", "''=1"],
  ])('marks %j', (text, safe) => {
    expect(guarded(text)).toBe(safe);
    expect(couldBecomeFormula(text)).toBe(true);
  });

  it.each(['', 'a=b', 'ada@acme.example', '3f2504e0-4f89-41d3', "'quoted'", 'Core; Sales', '[withheld]', 'O’Brien'])(
    'leaves %j alone',
    (text) => {
      expect(guarded(text)).toBe(text);
      expect(couldBecomeFormula(text)).toBe(false);
    },
  );

  it('leaves no field that begins like a formula, wherever a program sees fields', () => {
    fc.assert(
      fc.property(NASTY, (signs) => {
        const fields = guarded(signs.join('')).split(/[;\t\r\n]/);
        for (const field of fields) expect(field).not.toMatch(/^ *[=+\-@＝＋－＠]/);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it('can be taken away again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          NASTY.map((signs) => signs.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => expect(unguarded(guarded(text))).toBe(text),
      ),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it('takes its time only for what is long, not for what is hostile', () => {
    const began = performance.now();
    for (const sign of [' ', "'", ';', '; ', "'\t"]) guarded(sign.repeat(200_000));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
