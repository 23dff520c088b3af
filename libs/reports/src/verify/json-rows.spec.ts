import { type JsonRow, jsonRows } from './json-rows.js';

async function* inPieces(text: string, length: number): AsyncIterable<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

async function rows(text: string, length = 1_000): Promise<JsonRow[]> {
  const found: JsonRow[] = [];
  for await (const row of jsonRows(inPieces(text, length))) found.push(row);
  return found;
}

const report = {
  kind: 'access',
  columns: [{ name: 'rows', type: 'text' }],
  rows: [
    { rows: 'a "}]', list: ['x', { deep: '\\' }] },
    { rows: null, list: [] },
  ],
};

describe('the rows of a report in JSON', () => {
  it.each([undefined, 1, 2])('are found however it is laid out (%s)', async (indent) => {
    const text = JSON.stringify(report, null, indent);
    for (const length of [1, 2, 3, 1_000]) expect(await rows(text, length)).toEqual(report.rows);
  });

  it('are none where there are none', async () => expect(await rows('{"rows":[]}')).toEqual([]));

  it.each(['{"rows":[{"a":1},', '{"rows":[{"a":"', '[', '', '{"rows":[{"a":1 "b"}]}', '}'])(
    'are refused in %j',
    (text) => expect(rows(text)).rejects.toThrow(SyntaxError),
  );
});
