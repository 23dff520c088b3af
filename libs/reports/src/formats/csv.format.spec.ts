/** A CSV file is RFC 4180, says the same as the rows, and is what csv-stringify would write. */
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import type { Cell } from '../column.js';
import { csvFormat } from './csv.format.js';
import { guarded, unguarded } from './formula-guard.js';
import { ADA, fileOf, NOBODY, NOTES, VISITS } from './sample-report.fixture.js';

const HEAD = 'guest,count,share,welcome,cameAt,with\r\n';
const text = fc.string({ unit: fc.constantFrom(...'ab1 =+-@\'",;\t\r\n', 'é', '😀') });

describe('a CSV file', () => {
  it('has the names of the columns, then a line for each row, without a byte-order mark', async () => {
    const file = (await fileOf(csvFormat, [ADA, NOBODY])).toString('utf8');
    expect(file).toBe(`${HEAD}Ada,12,0.5,true,2026-06-30T21:59:59.999Z,"Bob; Eve"\r\n,,,,,\r\n`);
  });

  it('tells the empty text from no value', async () => {
    expect((await fileOf(csvFormat, [['', 0, 0, false, null, []]])).toString()).toBe(`${HEAD}"",0,0,false,,""\r\n`);
  });

  it('without rows is its head', async () => expect((await fileOf(csvFormat, [])).toString()).toBe(HEAD));

  it.each<[Cell, string]>([
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['@x', "'@x"],
    ['\ttab', '"\'\ttab"'],
    ['\rreturn', '"\'\rreturn"'],
    [['=1', '=2'], '"\'=1; \'=2"'],
    [-5, '-5'],
    ['-5', "'-5"],
    ['a "word"', '"a ""word"""'],
    [' space', '" space"'],
    ['\ud800', '\ufffd'],
  ])('writes %j so that it stays what it is', async (cell, field) => {
    expect((await fileOf(csvFormat, [[cell]], NOTES)).toString()).toBe(`note\r\n${field}\r\n`);
  });

  it('reads back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.option(text))), async (rows) => {
        const [, ...read] = fieldsOf((await fileOf(csvFormat, rows, NOTES)).toString());
        expect(read.map(([field]) => field && unguarded(field))).toEqual(rows.map(([cell]) => cell));
      }),
      { seed: 4180, numRuns: 500 },
    );
  });

  it('is what csv-stringify writes of guarded texts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            text,
            fc.integer(),
            fc.double({ noNaN: true, noDefaultInfinity: true }),
            fc.boolean(),
            fc.option(text),
            fc.array(text),
          ),
        ),
        async (rows) => {
          const theirs = stringify(
            rows.map((row) => row.map(asText)),
            {
              record_delimiter: '\r\n',
              quoted_match: /[",;\t\r\n]|^$|^\s|\s$/,
              cast: { boolean: String },
            },
          );
          expect((await fileOf(csvFormat, rows)).toString()).toBe(HEAD + theirs);
        },
      ),
      { seed: 4180, numRuns: 500 },
    );
  });

  it('has no trace of how its rows came', async () => {
    const rows = Array.from({ length: 25 }, (_, at) => [`guest ${at}`, ...ADA.slice(1)]);
    expect(await fileOf(csvFormat, rows, VISITS, 7)).toEqual(await fileOf(csvFormat, rows, VISITS, 25));
  });
});

function asText(cell: Cell): Cell {
  if (typeof cell === 'object' && cell !== null) return guarded(cell.join('; '));
  return typeof cell === 'string' ? guarded(cell) : cell;
}

/** Reads fields as RFC 4180 has them; null where nothing stands between two commas. */
function fieldsOf(file: string): (string | null)[][] {
  const lines: (string | null)[][] = [[]];
  for (const [, quoted, plain, end] of file.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    lines.at(-1)?.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    if (end === '\r\n') lines.push([]);
    if (end === '') break;
  }
  return lines.slice(0, -1);
}
