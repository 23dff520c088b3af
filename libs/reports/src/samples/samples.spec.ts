/** Drawing a sample again, finding what its rows rest on, and the file that holds it all. */
import { createHash } from 'node:crypto';
import type { Column, ReportRow } from '../column.js';
import { drawSample, SAMPLE_METHOD } from './draw-sample.js';
import { jsonForReading } from './json-for-reading.js';
import { renderSample } from './render-sample.js';
import { referencesOf } from './row-references.js';
import type { SampleKit } from './sample-kit.js';

const rows = (count: number): ReportRow[] => Array.from({ length: count }, (_, index) => [`row ${index + 1}`]);

const never = new AbortController().signal;

const draw = (seed: string, size: number, count = 500, read: number[] = [], signal = never) =>
  drawSample({ population: count, readRows: (numbers) => rowsAt(numbers, read), signal }, { seed, size });
const numbers = async (...terms: Parameters<typeof draw>) => (await draw(...terms)).rows.map(({ number }) => number);

async function* rowsAt(numbers: readonly number[], read: number[]) {
  for (const number of numbers) {
    read.push(number);
    yield { number, row: [`row ${number}`] };
  }
}

describe('a sample', () => {
  it('is what anybody draws who does as the method says', async () => {
    const all = rows(500).map((_row, index) => ({
      number: index + 1,
      digest: createHash('sha256')
        .update(`2026-Q1\n${index + 1}`)
        .digest('hex'),
    }));
    const expected = all.sort((one, other) => (one.digest < other.digest ? -1 : 1)).slice(0, 25);
    expect((await draw('2026-Q1', 25)).rows.map(({ number, digest }) => ({ number, digest }))).toEqual(expected);
  });

  it('reads the rows that it draws and no others, in ascending order', async () => {
    const read: number[] = [];
    const { rows: drawn } = await draw('s', 25, 100_000, read);
    expect(read).toEqual(drawn.map(({ number }) => number).sort((a, b) => a - b));
  });

  it('leaves others their turn, and ends when nobody waits for it any more', async () => {
    const left = new AbortController();
    setImmediate(() => left.abort());
    await expect(draw('s', 25, 50_000_000, [], left.signal)).rejects.toThrow('aborted');
  });

  it('begins like a smaller one, and is another with another seed', async () => {
    const bigger = await numbers('s', 40);
    expect(bigger.slice(0, 10)).toEqual(await numbers('s', 10));
    expect(await numbers('t', 40)).not.toEqual(bigger);
  });

  it('is the whole report when that is smaller, and nothing of nothing', async () => {
    expect((await numbers('s', 25, 3)).sort()).toEqual([1, 2, 3]);
    expect(await draw('s', 25, 0)).toEqual({ population: 0, rows: [] });
  });

  it('holds each row itself, and says out of how many', async () => {
    const { population, rows: drawn } = await draw('s', 5);
    expect(population).toBe(500);
    for (const { number, row } of drawn) expect(row).toEqual([`row ${number}`]);
  });
});

describe('what a row rests on', () => {
  const ID = '0b0f4c6e-8c53-5d5f-9a55-0a6a1d1c2b3a';
  const OTHER = '1b0f4c6e-8c53-5d5f-9a55-0a6a1d1c2b3a';
  const columns = (...names: string[]): Column[] => names.map((name) => ({ name, type: 'text', means: '' }));

  it('is told by the names of its columns', () =>
    expect(
      referencesOf(columns('event', 'causeEvent', 'proof', 'position', 'endPosition', 'grant', 'eventful'), [
        ID,
        OTHER,
        ID,
        4,
        9,
        ID,
        OTHER,
      ]),
    ).toEqual({
      events: [ID, OTHER],
      positions: [4, 9],
      grant: ID,
      given: null,
    }));

  it('may be the grant that the event at its position gave', () =>
    expect(referencesOf(columns('accountId', 'role', 'position'), [ID, 'crm.reader', 4])).toMatchObject({
      positions: [4],
      grant: null,
      given: { account: ID, role: 'crm.reader', position: 4, connection: null, rule: null, ruleVersion: null },
    }));

  it('may be that of the several for which a role was given which its rule made', () => {
    const source = columns('accountId', 'role', 'position', 'connection', 'rule', 'ruleVersion');
    expect(referencesOf(source, [ID, 'crm.reader', 4, 'okta', 'staff', 2]).given).toMatchObject({
      ...{ connection: 'okta', rule: 'staff', ruleVersion: 2 },
    });
  });

  it('is nothing where nothing is named', () =>
    expect(referencesOf(columns('event', 'position', 'count'), [null, null, 7])).toEqual({
      events: [],
      positions: [],
      grant: null,
      given: null,
    }));
});

describe('the file of a sample', () => {
  const kit: SampleKit = {
    report: '3f0a7c52-9a64-5d0e-8f55-1c2b7e4d9a31',
    tenant: 'acme',
    kind: 'access',
    version: 1,
    title: 'Access',
    asOf: '2026-03-31T21:59:59.999Z',
    from: null,
    knownAt: 41,
    personal: true,
    seed: '<script>alert(1)</script>',
    size: 1,
    population: 500,
    method: SAMPLE_METHOD,
    files: [{ name: 'access.csv', sha256: 'a'.repeat(64), bytes: 1, rows: 500 }],
    rows: [
      {
        number: 7,
        digest: '0'.repeat(64),
        cells: { userName: '<b>ada</b>', endsAt: null, tags: ['one', 'two'] },
        because: [{ text: 'A rule gave it.', event: 'e-1', detail: {} }],
        events: [
          {
            id: 'e-1',
            type: 'RolesAssigned',
            stream: 'account-acme+1',
            revision: 1,
            position: 4,
            tenantPosition: 3,
            recordedAt: '2026-03-02T08:00:00.000Z',
            actor: 'connection:okta',
            hash: 'b'.repeat(64),
            data: { reason: '</pre>' },
          },
        ],
      },
    ],
  };

  it('as JSON is the sample', () => expect(JSON.parse(renderSample(kit, 'json'))).toEqual(kit));

  it('as a page needs nothing else, runs nothing, and holds every hash', () => {
    const page = renderSample(kit, 'html');
    expect(page).not.toMatch(/<script|<b>|src=|href=|<\/pre><\/pre>/);
    for (const text of ['Row 7', 'A rule gave it.', 'one; two', 'b'.repeat(64), 'a'.repeat(64), SAMPLE_METHOD])
      expect(page).toContain(text);
  });

  it('as a page shows once what several rows rest on', () => {
    const [row] = kit.rows;
    const page = renderSample({ ...kit, rows: [row, { ...row, number: 9 }] as SampleKit['rows'] }, 'html');
    expect(page.match(/<pre>/g)).toHaveLength(1);
    expect(page).toContain('position 4, in full under row 7');
  });
});

describe('JSON for reading', () => {
  it('has what is short in one line, and is the same value', () => {
    const value = { list: [1, 'two', null], empty: {}, many: Array.from({ length: 40 }, (_, at) => ({ at })) };
    const text = jsonForReading(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text.split('\n').slice(0, 5)).toEqual([
      '{',
      '  "list": [1, "two", null],',
      '  "empty": {},',
      '  "many": [',
      '    { "at": 0 },',
    ]);
  });
});
