/** Reports from the command line: made by a server, fetched, verified offline, sampled. The server runs the last build. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

  /** Makes a key of the tenant acme. */
  async function keyWith(...scopes: readonly string[]): Promise<string> {
    const made = await fetch(new URL('/api/v1/keys', server.url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({
        name: 'test',
        tenant: 'acme',
        scopes,
        expiresAt: '2099-01-01T00:00:00Z',
        reason: 'For a test',
      }),
    });
    return ((await made.json()) as { secret: string }).secret;
  }

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

  it('are for whoever asked for them alone', () => {
    const modes = [report, join(report, 'configuration.csv')].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
  });

  it('are never written among the files of another', async () => {
    const refusal = { code: 2, err: expect.stringContaining(`holds the report ${id}`) };
    const other = '00000000-0000-4000-8000-000000000000';
    expect(await atServer('report', 'create', 'access', '--tenant', 'acme', '--out', report)).toMatchObject(refusal);
    expect(await atServer('report', 'get', other, '--out', report)).toMatchObject(refusal);
    expect(readdirSync(report)).not.toContain('access.csv');
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
    expect(await verify('0'.repeat(64))).toMatchObject({
      code: 1,
      out: expect.stringContaining('from outside the folder is 000'),
    });
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

  it('can be fetched by who may not see people, and say what is withheld', async () => {
    const out = join(folder, 'blind');
    const env = { GATEBOOK_URL: server.url, GATEBOOK_API_KEY: await keyWith('reports:write') };
    const made = await gatebook(['report', 'create', 'access', '--out', out, '--with-log'], env);
    expect(made).toMatchObject({
      code: 2,
      err: expect.stringMatching(/gatebook report get [0-9a-f-]{36} --out FOLDER/),
    });
    expect(readdirSync(out).sort()).toEqual(['access.csv', 'evidence.html', 'evidence.json']); // the log takes audit:read
    const again = await gatebook(['report', 'create', 'access'], env);
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('Personal data are withheld') });
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
    ['a kind that there is not', ['report', 'create', 'weather'], 1, '  kind: must be one of access, '],
    ['a format that there is not', ['report', 'create', 'access', '--formats', 'pdf'], 1, '  formats: must name each'],
    ['a day that no calendar has', ['report', 'create', 'access', '--as-of', '2026-02-30'], 1, '  asOf: must be a day'],
    ['a condition that there is not', ['report', 'create', 'access', '--filter', 'colour=red'], 1, '  filter.colour: '],
    [
      'a period that ends where it begins',
      ['report', 'create', 'revocations', '--tenant', 'acme', '--from', '2026-03-05', '--to', '2026-03-05'],
      1,
      'from is exclusive',
    ],
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

  it('say in JSON too which field is wrong', async () => {
    const { out } = await atServer('report', 'create', 'weather', '--json');
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'unknown-report', errors: [{ field: 'kind', problem: expect.stringContaining('one of') }] },
    });
  });

  it.each<[string, readonly string[]]>([
    ['reports:write', ['report', 'create', 'access']],
    ['audit:read', ['report', 'get', '00000000-0000-4000-8000-000000000000', '--out', 'x']],
  ])('want a key with %s and no more', async (scope, args) => {
    const { code, err } = await gatebook(args, { GATEBOOK_URL: server.url });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`a key with the scope ${scope}.`) });
    expect(err).not.toContain('admin');
  });

  it('are not asked for while nothing can be written', async () => {
    const out = join(folder, 'nowhere', 'sample.json');
    const { code, err } = await atServer('report', 'sample', id, '--seed', 's', '--size', '1', '--out', out);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('cannot be written (ENOENT)') });
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
