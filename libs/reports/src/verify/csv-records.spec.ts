import fc from 'fast-check';
import { csvRecords } from './csv-records.js';

async function* inPieces(text: string, length: number): AsyncIterable<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

async function records(text: string, length = 1_000): Promise<string[][]> {
  const found: string[][] = [];
  for await (const record of csvRecords(inPieces(text, length))) found.push(record);
  return found;
}

describe('CSV', () => {
  it.each([
    [
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      '"a ""quoted"" one","two\r\nlines"\r\n,\r\n',
      [
        ['a "quoted" one', 'two\r\nlines'],
        ['', ''],
      ],
    ],
    ['one\r\n\r\n', [['one'], ['']]],
    ['', []],
  ])('%j has its records', async (text, expected) => expect(await records(text)).toEqual(expected));

  it('is the same in pieces of any length', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        async (rows, length) => {
          const text = rows
            .map((cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`)
            .join('');
          expect(await records(text, length)).toEqual(rows);
        },
      ),
    ));

  it('that is cut off inside quotes is refused', () => expect(records('a,"b')).rejects.toThrow(SyntaxError));
});
