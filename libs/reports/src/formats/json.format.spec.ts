import { jsonFormat } from './json.format.js';
import { ADA, fileOf, NOBODY, VISITS } from './sample-report.fixture.js';

describe('a JSON file', () => {
  it('names its kind and columns, and has one row per line', async () => {
    const lines = (await fileOf(jsonFormat, [ADA, NOBODY])).toString().split('\n');
    expect(lines[0]).toMatch(
      /^\{"kind":"visits","version":3,"columns":\[\{"name":"guest","type":"text"\},.*"rows":\[$/,
    );
    expect(lines.slice(1)).toEqual([
      '{"guest":"Ada","count":12,"share":0.5,"welcome":true,"cameAt":"2026-06-30T21:59:59.999Z","with":["Bob","Eve"]},',
      '{"guest":null,"count":null,"share":null,"welcome":null,"cameAt":null,"with":null}',
      ']}',
      '',
    ]);
  });

  it.each([0, 1, 5])('of %i rows is one document', async (count) => {
    const file = await fileOf(jsonFormat, Array(count).fill(ADA), VISITS, 2);
    expect(JSON.parse(file.toString()).rows).toHaveLength(count);
  });

  it('holds any text as it is', async () => {
    const note = '=1 "\\\u2028\0\ud800';
    const file = await fileOf(jsonFormat, [[note, ...ADA.slice(1)]]);
    expect(JSON.parse(file.toString()).rows[0].guest).toBe(note);
  });

  it('has no trace of how its rows came', async () => {
    const rows = Array(25).fill(ADA);
    expect(await fileOf(jsonFormat, rows, VISITS, 7)).toEqual(await fileOf(jsonFormat, rows, VISITS, 25));
  });
});
