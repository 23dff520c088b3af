/** The whole thing as separate processes on this machine: one command up, one down, and a front that tells what is away. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { endProcess } from './background-process.mjs';
import { readState } from './cluster-state.mjs';
import { crashPostgres, startPostgres, stopPostgres, whyNoPostgres } from './local-postgres.mjs';
import { isFree } from './ports.mjs';
import { isAlive } from './process-identity.mjs';
import { stopCluster } from './stop-cluster.mjs';

const UP = resolve(__dirname, 'up.mjs');
const missing = whyNoPostgres();
if (missing) console.warn(`SKIPPED: no cluster is started: ${missing}.`);

const folders: string[] = [];
const folderOfItsOwn = () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatebook-cluster-'));
  folders.push(folder);
  return folder;
};

afterAll(async () => {
  for (const folder of folders) {
    await stopCluster(folder);
    const { home } = memoryOf(folder);
    for (const path of [folder, home]) rmSync(path, { recursive: true, force: true });
  }
}, 60_000);

(missing ? describe.skip : describe)('a cluster', () => {
  const folder = folderOfItsOwn();
  let env: Record<string, string>;
  let urls: Record<string, string>;
  const up = () => run(folder, env);
  const ask = (path: string) => fetch(`${urls['front']}${path}`);

  beforeAll(async () => {
    env = { PORT: String(await freeRange()) };
    const { code, output } = await up();
    if (code !== 0) throw new Error(output);
    urls = JSON.parse(readFileSync(join(folder, 'urls.json'), 'utf8'));
  }, 180_000);

  it('answers at one address for every server', async () => {
    expect(await (await ask('/health/ready')).json()).toMatchObject({
      ready: true,
      checks: { gate: { ready: true }, relay: { detail: '2 of 2 ready' }, projector: { detail: '2 of 2 ready' } },
    });
    expect((await ask('/login')).status).toBe(200);
    expect((await ask('/api/v1/access')).status).toBe(401);
    expect((await ask('/api/v1/accounts')).status).toBe(401);
    const { paths } = (await (await ask('/openapi.json')).json()) as { paths: object };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/login', '/api/v1/accounts', '/api/v1/events']));
  });

  it('brings the demo along when nothing is configured, behind the same front', async () => {
    const page = await fetch(`${urls['demoIdp']}`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Demo identity provider')]);
    const asked = await ask('/login/demo');
    expect(asked.url).toContain(`127.0.0.1:${env['PORT']}/demo-idp/sso`);
  });

  it('keeps what is secret readable by its owner alone', () => {
    for (const file of ['urls.json', 'state.json', 'keyring.json', 'postgres/postgres.json', 'logs/gate.log'])
      expect(`${file} ${(statSync(join(folder, file)).mode & 0o077).toString(8)}`).toBe(`${file} 0`);
  });

  it('started again starts only what has ended, and loses nothing', async () => {
    const before = readState(folder).processes;
    await endProcess(before['gate'] as Identity, 'SIGKILL', 10_000);
    expect((await ask('/login')).status).toBe(503);

    const { code, output } = await up();
    expect([code, output]).toEqual([0, expect.stringMatching(/^gate .* s$/m)]);
    const { gate, ...others } = readState(folder).processes;
    expect(others).toEqual(expect.objectContaining(without(before, 'gate')));
    expect(gate?.pid).not.toBe(before['gate']?.pid);
    expect((await ask('/login')).status).toBe(200);
  }, 120_000);

  it('with other settings is refused while it runs', async () => {
    const { code, output } = await run(folder, { ...env, LOG_LEVEL: 'debug' });
    expect([code, output]).toEqual([1, expect.stringContaining('runs with other settings')]);
  }, 60_000);

  it('is ended whole', async () => {
    const { processes, ports } = readState(folder);
    const lines = await stopCluster(folder);
    expect(lines.filter((line) => !line.endsWith(': ended'))).toEqual([]);
    expect(lines).toHaveLength(Object.keys(processes).length);
    expect(Object.values(processes).filter(isAlive)).toEqual([]);
    expect(await isFree(ports['front'] as number)).toBe(true);
    expect(await stopCluster(folder)).toEqual([]);
  }, 60_000);
});

(missing ? describe.skip : describe)('the PostgreSQL of a cluster', () => {
  it('keeps its data, its password and its port over an end and a crash', async () => {
    const folder = folderOfItsOwn();
    const where = { folder: join(folder, 'postgres'), port: await freeRange(), log: join(folder, 'postgres.log') };
    const first = await startPostgres(where);
    expect(await startPostgres({ ...where, former: first.identity })).toEqual(first);
    await stopPostgres(first.identity);
    const second = await startPostgres(where);
    await crashPostgres(second.identity);
    const third = await startPostgres(where);
    await stopPostgres(third.identity);

    expect([second.url, third.url]).toEqual([first.url, first.url]);
    expect(readFileSync(where.log, 'utf8')).toContain('database system was not properly shut down; automatic recovery');
  }, 60_000);
});

describe('the demo', () => {
  it('is not shown to the network', async () => {
    const { code, output } = await run(folderOfItsOwn(), { HOST: '0.0.0.0', PORT: String(await freeRange()) });
    expect([code, output]).toEqual([1, expect.stringContaining('leave HOST on loopback')]);
  }, 60_000);
});

type Identity = Parameters<typeof isAlive>[0];

function without<T>(record: Record<string, T>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([other]) => other !== name));
}

/** A port with free ones above it, apart from those of other test processes. */
async function freeRange(): Promise<number> {
  let port = 20_000 + (process.pid % 400) * 25;
  while (!(await isFree(port))) port += 25;
  return port;
}

function memoryOf(folder: string): { home: string } {
  try {
    return JSON.parse(readFileSync(join(folder, 'postgres', 'postgres.json'), 'utf8'));
  } catch {
    return { home: folder };
  }
}

function run(folder: string, env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [UP, folder, '--without-kafka'], { env: { PATH, HOME, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
  return new Promise((done) => child.once('close', (code) => done({ code, output })));
}
