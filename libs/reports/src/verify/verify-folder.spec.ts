/** A folder as an auditor has it, and everything that can be changed in it: each change has to be told. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalHash } from '#libs/ledger';
import {
  ada,
  assigned,
  clearReader,
  type Fact,
  historyOf,
  provisioned,
  roleDefined,
  storedInClear,
} from '#libs/testing';
import type { EvidenceSheet } from '../evidence.js';
import { exportLines } from '../export/export-lines.js';
import { verifyFolder } from './verify-folder.js';

const REPORT = '3f0a7c52-9a64-5d0e-8f55-1c2b7e4d9a31';
const CSV = 'account,application\r\n1,crm\r\n"two, or ""so""",crm\r\n3,pay\r\n';
const JSON_FILE =
  '{"kind":"access","version":1,"columns":[{"name":"account","type":"text"}],"rows":[\n{"account":"1","application":"crm"},\n{"account":"2","application":"crm"},\n{"account":"3","application":"pay"}\n]}\n';
const PAGE = '<h1>Not complete</h1>';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const fileOf = (name: string, text: string) => ({
  name,
  sha256: sha256(text),
  bytes: Buffer.byteLength(text),
  rows: 3,
});

const sheet: EvidenceSheet = {
  report: REPORT,
  tenant: 'acme',
  kind: 'access',
  version: 1,
  title: 'Access',
  asOf: '2026-03-31T21:59:59.999Z',
  from: null,
  knownAt: 2,
  timeZone: 'Europe/Berlin',
  filter: {},
  personal: false,
  positions: { from: 0, through: 2 },
  events: { sealed: 3, projected: 3 },
  gaps: 0,
  parkedStreams: 0,
  lag: 0,
  rows: 3,
  population: [{ of: 'grants', recorded: 5, listed: 3, excluded: { ended: 2 } }],
  applications: { crm: 2, pay: 1 },
  flags: {},
  summary: {},
  sources: [],
  sourcesNotListed: 0,
  projections: [],
  truncated: false,
  erasedValues: 0,
  complete: true,
  problems: [],
  softwareVersion: '0.1.0',
  generatedBy: 'key:auditor',
  generatedAt: '2026-04-01T08:00:00.000Z',
  files: [fileOf('access.csv', CSV), fileOf('access.json', JSON_FILE)],
};

describe('a folder with a report', () => {
  let folder: string;
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const writeSheet = (over: Partial<EvidenceSheet> = {}) =>
    write('evidence.json', JSON.stringify({ ...sheet, ...over }, null, 2));
  const sheetSha256 = () => sha256(readFileSync(join(folder, 'evidence.json'), 'utf8'));
  const sheetAtHand = (): EvidenceSheet => JSON.parse(readFileSync(join(folder, 'evidence.json'), 'utf8'));
  /** Changes a row, and the sheet so that it fits. */
  const forge = () => {
    const forged = CSV.replace('"two', '"ten');
    write('access.csv', forged);
    writeSheet({ files: [fileOf('access.csv', forged), fileOf('access.json', JSON_FILE)] });
  };
  const verdict = async () => (await verifyFolder(folder)).verdict;
  const faults = async () =>
    (await verifyFolder(folder)).checks.filter(({ holds }) => !holds).map(({ about, says }) => `${about}: ${says}`);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatebook-verify-'));
    write('access.csv', CSV);
    write('access.json', JSON_FILE);
    writeSheet();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is valid as it was made, and says what of it nobody can know offline', async () => {
    expect(await faults()).toEqual([]);
    expect(await verifyFolder(folder)).toMatchObject({
      verdict: 'consistent',
      report: { id: REPORT, kind: 'access', tenant: 'acme', from: null, knownAt: 2, rows: 3 },
      sheetSha256: sha256(readFileSync(join(folder, 'evidence.json'), 'utf8')),
      recorded: false,
    });
  });

  it.each<[string, () => void, string]>([
    ['a changed file', () => write('access.csv', CSV.replace('3,pay', '3,crm')), 'access.csv: Its SHA-256 is'],
    ['a file that grew', () => write('access.csv', `${CSV}4,crm\r\n`), 'access.csv: It has 4 rows; the sheet says 3.'],
    [
      'a file that shrank',
      () => write('access.json', JSON_FILE.replace('{"account":"1","application":"crm"},\n', '')),
      'access.json: It has 2 rows; the sheet says 3.',
    ],
    [
      'a file that is cut off',
      () => write('access.json', JSON_FILE.slice(0, 150)),
      'access.json: It cannot be read as what its name says.',
    ],
    [
      'a missing file',
      () => rmSync(join(folder, 'access.csv')),
      'access.csv: The sheet lists it, and it is not in the folder.',
    ],
    [
      'rows moved between applications',
      () => writeSheet({ applications: { crm: 1, pay: 2 } }),
      'access.csv: It has 2 rows of the application crm; the sheet says 1. Applications that differ: 2.',
    ],
    ['a sheet of something that was cut off', () => writeSheet({ truncated: true }), 'The report was cut off.'],
  ])('is invalid with %s', async (_what, change, fault) => {
    change();
    expect(await verdict()).toBe('invalid');
    expect((await faults()).join('\n')).toContain(fault);
  });

  it('is incomplete when nothing is wrong but what its sheet says itself, and says that once', async () => {
    writeSheet({ complete: false, problems: ['A stream was parked.'], parkedStreams: 1 });
    expect(await verdict()).toBe('incomplete');
    expect(await faults()).toEqual(['evidence.json: A stream was parked.']);
    write('access.csv', `${CSV}more`);
    expect(await verdict()).toBe('invalid');
  });

  it('is consistent, never valid, when row and sheet were changed together; a hash from elsewhere tells', async () => {
    const made = sheetSha256();
    expect(await verifyFolder(folder, { files: { 'evidence.json': made } })).toMatchObject({ verdict: 'valid' });
    forge();
    expect(await verdict()).toBe('consistent');
    const { verdict: anchored, checks } = await verifyFolder(folder, { files: { 'evidence.json': made } });
    expect(anchored).toBe('invalid');
    expect(checks.filter(({ holds }) => !holds)).toMatchObject([
      {
        about: 'evidence.json',
        says: `Its SHA-256 is ${sheetSha256()}; the one that came from outside the folder is ${made}: it is not the file that was made.`,
      },
    ]);
  });

  it('says of the page for people that it was not checked, unless its hash is at hand', async () => {
    write('evidence.html', PAGE);
    expect((await verifyFolder(folder)).unchecked).toMatchObject([{ about: 'evidence.html' }]);
    const trusted = { files: { 'evidence.html': sha256(PAGE) } };
    expect(await verifyFolder(folder, trusted)).toMatchObject({ verdict: 'consistent', unchecked: [] });
    write('evidence.html', PAGE.replace('Not c', 'C'));
    expect(await verifyFolder(folder, trusted)).toMatchObject({ verdict: 'invalid' });
  });

  it.each<[string, () => void, string]>([
    ['a file', () => write('access.xlsx', 'never made'), 'access.xlsx: The sheet does not know it.'],
    ['a folder', () => mkdirSync(join(folder, 'signed')), 'signed: The sheet does not know it.'],
    ['a folder called as a log is', () => mkdirSync(join(folder, 'log.ndjson')), 'log.ndjson: It is not a file.'],
  ])('is invalid with %s that the sheet does not list', async (_what, add, fault) => {
    write('.DS_Store', 'what a desktop leaves behind');
    expect(await faults()).toEqual([]);
    add();
    expect((await faults()).join('\n')).toContain(fault);
  });

  it('says nothing that a terminal would obey', async () => {
    const trick = '\u001b[2J\u001b[HValid: everything holds.\u202e\u2028\u009b1m';
    writeSheet({ kind: trick, complete: false, problems: [trick, 'long '.repeat(1_000)] });
    const text = JSON.stringify(await verifyFolder(folder));
    expect(text).toContain('[HValid: everything holds.');
    expect(text).not.toMatch(/\\u001b|[\u0080-\u009f\u2028\u202e]/);
    expect((await faults()).every((fault) => fault.length < 600)).toBe(true);
  });

  it.each<[string, () => void]>([
    ['no sheet', () => rmSync(join(folder, 'evidence.json'))],
    ['a sheet that is none', () => write('evidence.json', '{"rows": 3}')],
    ['a sheet that is no JSON', () => write('evidence.json', 'complete')],
    [
      'a sheet that leads out of the folder',
      () => writeSheet({ files: [{ ...fileOf('access.csv', CSV), name: '../access.csv' }] }),
    ],
  ])('cannot be judged with %s', async (_what, change) => {
    change();
    expect(await verdict()).toBe('undecided');
  });

  describe('and the exported log', () => {
    const generated = (sheetHash: string): Fact => ({
      category: 'report',
      tenant: 'acme',
      id: REPORT,
      event: () => ({
        type: 'ReportGenerated',
        data: {
          report: REPORT,
          kind: 'access',
          version: 1,
          asOf: sheet.asOf,
          from: null,
          knownAt: 2,
          timeZone: sheet.timeZone,
          filter: {
            account: null,
            role: null,
            application: null,
            connection: null,
            directory: null,
            department: null,
            privileged: null,
            review: null,
            policy: null,
          },
          personal: false,
          rows: 3,
          complete: true,
          files: [
            ...sheetAtHand().files.map(({ rows: _rows, ...file }) => file),
            { name: 'evidence.json', sha256: sheetHash, bytes: 1 },
            { name: 'evidence.html', sha256: sha256(PAGE), bytes: PAGE.length },
          ],
          schedule: null,
        },
      }),
    });

    /** The log of the tenant, with what it recorded of the report, cut into parts after these positions. */
    async function writeLog(cuts: readonly number[] = [], ...recorded: readonly string[]): Promise<void> {
      const own = recorded.length > 0 ? recorded : [sheetSha256()];
      const before = [roleDefined('crm.reader'), provisioned(ada), assigned(ada, 'crm.reader')];
      const events = storedInClear(historyOf(...before, ...own.map(generated)));
      const ends = [...cuts, events.length - 1];
      for (const [index, through] of ends.entries()) {
        const after = index === 0 ? -1 : (ends[index - 1] as number);
        const part = events.filter(({ position }) => position > after && position <= through);
        const sealed = part.map((event) => ({
          event,
          row: { ...event, eventId: event.id, tenant: 'acme', hash: canonicalHash(event).toString('hex') },
        }));
        const lines = (await exportLines(clearReader, sealed, false)).map((line) => `${line}\n`).join('');
        const span = { from: after + 1, to: through };
        const manifest = {
          tenant: 'acme',
          type: null,
          after,
          through,
          events: part.length,
          positions: span,
          tenantPositions: span,
          gaps: 0,
          personal: false,
          sha256: sha256(lines),
        };
        write(`log-${index}.ndjson`, `${lines}${JSON.stringify({ manifest })}\n`);
      }
    }

    it('is valid to the sheet itself, which the log recorded', async () => {
      await writeLog();
      expect(await faults()).toEqual([]);
      expect(await verifyFolder(folder)).toMatchObject({ verdict: 'consistent', recorded: true });
    });

    it('is valid in parts that follow upon each other', async () => {
      await writeLog([0, 2]);
      expect(await faults()).toEqual([]);
    });

    it('is invalid when a part is missing', async () => {
      await writeLog([0, 2]);
      rmSync(join(folder, 'log-1.ndjson'));
      expect(await faults()).toContain('log-2.ndjson: It begins after position 2; log-0.ndjson ends with 0.');
    });

    it('is invalid when the sheet was written anew, however well it fits its files', async () => {
      await writeLog();
      forge();
      expect(await faults()).toEqual([
        'access.csv: The log recorded another SHA-256 when the report was made.',
        'evidence.json: The log recorded another SHA-256 when the report was made.',
      ]);
    });

    it('is invalid when the log holds more events than the sheet counted', async () => {
      writeSheet({ events: { sealed: 2, projected: 2 } });
      await writeLog();
      expect(await faults()).toEqual([
        'evidence.json: The exported log holds 3 events of the tenant up to position 2; the sheet says 2.',
      ]);
    });

    /** Rewrites the line of `ReportGenerated`, and what the manifest says of the lines. */
    function rewriteRecord(change: (line: Record<string, unknown>) => Record<string, unknown>): void {
      const lines = readFileSync(join(folder, 'log-0.ndjson'), 'utf8').trimEnd().split('\n');
      const { manifest } = JSON.parse(lines.pop() ?? '');
      const record = JSON.stringify(change(JSON.parse(lines.pop() ?? '')));
      const text = [...lines, record].map((line) => `${line}\n`).join('');
      write('log-0.ndjson', `${text}${JSON.stringify({ manifest: { ...manifest, sha256: sha256(text) } })}\n`);
    }
    const hashOfRecord = () => {
      const lines = readFileSync(join(folder, 'log-0.ndjson'), 'utf8').trimEnd().split('\n');
      return JSON.parse(lines.at(-2) ?? '').hash as string;
    };

    it('is invalid when the record shows other hashes than are stored, though the hash of what is stored fits', async () => {
      await writeLog();
      const before = sheetSha256();
      rewriteRecord((line) => ({ ...line, stored: { schemaVersion: line['schemaVersion'], data: line['data'] } }));
      expect(await faults()).toEqual([]);
      forge();
      const shown = (data: unknown) =>
        JSON.parse(
          JSON.stringify(data)
            .replace(before, sheetSha256())
            .replace(sha256(CSV), sha256(CSV.replace('"two', '"ten'))),
        );
      rewriteRecord((line) => ({ ...line, data: shown(line['data']) }));
      expect(await faults()).toEqual([
        'access.csv: The log recorded another SHA-256 when the report was made.',
        'evidence.json: The log recorded another SHA-256 when the report was made.',
      ]);
    });

    it('is consistent, never valid, when the log was written anew too; the hash of the record tells', async () => {
      await writeLog();
      const record = hashOfRecord();
      expect(await verifyFolder(folder, { record })).toMatchObject({ verdict: 'valid', recorded: true });
      forge();
      await writeLog();
      expect(await verifyFolder(folder)).toMatchObject({ verdict: 'consistent', recorded: true });
      expect(await verifyFolder(folder, { record })).toMatchObject({ verdict: 'invalid' });
    });

    it('is invalid when the hash of a record is given that no log in the folder has', async () =>
      expect(await verifyFolder(folder, { record: sha256('record') })).toMatchObject({ verdict: 'invalid' }));

    it('is invalid when the log records the report twice in different words', async () => {
      await writeLog([], sheetSha256(), sha256('another sheet'));
      expect(await faults()).toEqual(['report: The log in the folder records it twice, in different words.']);
    });

    it('is invalid when the page for people says something else', async () => {
      write('evidence.html', PAGE);
      await writeLog();
      expect(await verifyFolder(folder)).toMatchObject({ verdict: 'consistent', unchecked: [] });
      write('evidence.html', PAGE.replace('Not c', 'C'));
      expect(await faults()).toEqual(['evidence.html: The log recorded another SHA-256 when the report was made.']);
    });

    it('says so when the log does not reach far enough to count its events', async () => {
      await writeLog([0]);
      expect((await verifyFolder(folder)).unchecked).toEqual([]);
      rmSync(join(folder, 'log-0.ndjson'));
      expect(await faults()).toEqual([]);
      expect((await verifyFolder(folder)).unchecked).toEqual([
        {
          about: 'log-1.ndjson',
          says: 'The log in the folder begins after position 0 and ends with 3. To count its events again, it has to reach from the beginning to 2.',
        },
      ]);
    });
  });
});
