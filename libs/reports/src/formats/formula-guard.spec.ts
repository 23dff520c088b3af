/** No text of a report can become a formula, whichever program takes it apart, and none is lost on the way. */
import fc from 'fast-check';
import { csvCell } from './csv.format.js';
import { couldBecomeFormula, guarded, unguarded } from './formula-guard.js';

const NASTY = fc.array(
  fc.constantFrom('=', '+', '-', '@', '＝', "'", ';', '\t', '\r', '\n', '\0', ' ', '"', ',', 'a', '1'),
);

/**
 * The fields of a file for a program that splits it at something else than commas: quotation marks around a field are taken away, those in
 * the middle of one stay, and behind the closing one the field goes on.
 */
function fieldsOf(text: string, between: string): string[] {
  const field = new RegExp(` *(?:"((?:[^"]|"")*)(?:"|$))?([^${between}\\r\\n]*)(?:[${between}\\r\\n]|$)`, 'gy');
  return [...text.matchAll(field)].map(([, quoted = '', rest]) => `${quoted.replaceAll('""', '"')}${rest}`);
}

/** The fields for one that knows no quotation marks and drops them. */
const bareFieldsOf = (text: string): string[] => text.split(/[;\t\r\n]/).map((field) => field.replaceAll('"', ''));

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
    ['a;"=1+1;b', 'a;"\'=1+1;b'],
    ['a\t "" @b', 'a\t "" \'@b'],
    ['"=1', '"\'=1'],
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

  it.each<[string, (text: string) => string[]]>([
    ['at semicolons', (text) => fieldsOf(text, ';')],
    ['at tabs', (text) => fieldsOf(text, '\t')],
    ['at both, and drops quotation marks', bareFieldsOf],
  ])('leaves no field that begins like a formula for a program that splits the file %s', (_where, split) => {
    const cell = NASTY.map((signs) => csvCell(signs.join('')));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 3 }), { maxLength: 3 }), (lines) => {
        const file = lines.map((cells) => `${cells.join(',')}\r\n`).join('');
        for (const field of split(file)) expect(field).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
      }),
      { seed: 7, numRuns: 5_000 },
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
    for (const sign of [' ', "'", '"', ';', '; ', ';"', '" ', "'\t"]) guarded(sign.repeat(200_000));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
