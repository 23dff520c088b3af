/** Reports from the command line: made by a server, fetched, verified offline, sampled. The server runs the last build. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN_KEY, dataFolder, type StartedServer, startServer } from '../../../../test/support/started-server.js';
import { runCommandLine } from '../command-line.js';

jest.setTimeout(120_000);

const CONFIGURATION = `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles: [{ id: crm.reader, application: crm, name: Reader }]
`;

describe('reports from the command line', () => {
  const folder = dataFolder();
  const report = join(folder, 'report');
  let server: StartedServer;
  let id: string;

  /** Runs `gatebook` in this process. */
  async function gatebook(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCommandLine(args, {
      env: { GATEBOOK_DATA_DIR: join(folder, 'elsewhere'), ...env },
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      isScreen: false,
    });
    return { code, out: out.join(''), err: err.join('') };
  }
  const atServer = (...args: string[]) => gatebook(args, { GATEBOOK_URL: server.url, GATEBOOK_API_KEY: ADMIN_KEY });

  beforeAll(async () => {
    const file = join(folder, 'gatebook.yaml');
    writeFileSync(file, CONFIGURATION);
    server = await startServer();
    expect(await atServer('apply', file)).toMatchObject({ code: 0 });
  });
  afterAll(() => server?.stop());

  it('are made, fetched with the log, and hold', async () => {
    const made = await atServer(
      'report',
      'create',
      'configuration',
      '--tenant',
      'acme',
      '--formats',
      'csv,json',
      '--out',
      report,
      '--with-log',
    );
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('Valid: everything holds.') });
    expect(readdirSync(report).sort()).toEqual([
      'configuration.csv',
      'configuration.json',
      'events-acme.ndjson',
      'evidence.html',
      'evidence.json',
    ]);
    id = JSON.parse(readFileSync(join(report, 'evidence.json'), 'utf8')).report;
  });

  it('hold without any server', async () => {
    const verified = await gatebook(['report', 'verify', report, '--json']);
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.out)).toMatchObject({
      verdict: 'consistent',
      recorded: true,
      report: { id, kind: 'configuration', tenant: 'acme' },
    });
  });

  it('are the ones that were made, by a hash that came another way', async () => {
    const { files } = (await (
      await fetch(new URL(`/api/v1/reports/${id}`, server.url), { headers: { authorization: `Bearer ${ADMIN_KEY}` } })
    ).json()) as { files: readonly { name: string; sha256: string }[] };
    const sha256 = files.find(({ name }) => name === 'evidence.json')?.sha256 ?? '';
    const verify = (hex: string) => gatebook(['report', 'verify', report, '--sheet-sha256', hex]);
    expect(await verify(sha256)).toMatchObject({ code: 0, out: expect.stringContaining('Valid: everything holds.') });
    expect(await verify('0'.repeat(64))).toMatchObject({ code: 1, out: expect.stringContaining('given was 000') });
    expect(await verify('beef')).toMatchObject({ code: 2 });
    expect((await gatebook(['report', 'verify', report])).out).toContain('Consistent: the folder agrees with itself.');
  });

  it('do not hold once a file was changed, and the command says which and how', async () => {
    const file = join(report, 'configuration.csv');
    writeFileSync(file, `${readFileSync(file, 'utf8')}one more\r\n`);
    const verified = await gatebook(['report', 'verify', report]);
    expect(verified).toMatchObject({ code: 1, out: expect.stringContaining('✗ configuration.csv: Its SHA-256 is') });
    expect(verified.out).toContain('Invalid: ');
  });

  it('are fetched again over what was changed', async () => {
    expect(await atServer('report', 'get', id, '--out', report)).toMatchObject({ code: 0 });
  });

  it('cannot be judged without a sheet', async () => {
    rmSync(join(report, 'evidence.json'));
    expect(await gatebook(['report', 'verify', report])).toMatchObject({
      code: 2,
      out: expect.stringContaining('Not decided'),
    });
  });

  it('give a sample as one file', async () => {
    const file = join(folder, 'sample.html');
    expect(await atServer('report', 'sample', id, '--seed', '2026-Q1', '--size', '3', '--out', file)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(file, 'utf8')).toContain('Drawn by');
  });

  it.each<[string, readonly string[], number, string]>([
    ['a kind that there is not', ['report', 'create', 'weather'], 1, 'expected form'],
    ['a day that is not over', ['report', 'create', 'access', '--as-of', '2999-01-01'], 1, ''],
    [
      'a report that there is not',
      ['report', 'get', '00000000-0000-4000-8000-000000000000', '--out', 'x'],
      1,
      'report',
    ],
  ])('refuse %s', async (_what, args, code, text) => {
    const refused = await atServer(...args);
    expect(refused).toMatchObject({ code, err: expect.stringContaining(text) });
    expect(existsSync('x')).toBe(false);
  });

  it.each<[string, readonly string[]]>([
    ['no server', ['report', 'create', 'access']],
    ['no folder to write into', ['report', 'get', '00000000-0000-4000-8000-000000000000']],
    [
      'a size that is missing',
      ['report', 'sample', '00000000-0000-4000-8000-000000000000', '--seed', 's', '--out', 's.html'],
    ],
    ['a condition that is none', ['report', 'create', 'access', '--filter', 'crm']],
    ['a position that is none', ['report', 'create', 'access', '--known-at', 'now']],
  ])('cannot be had with %s', async (_what, args) => expect((await gatebook(args)).code).toBe(2));
});
