/** A PostgreSQL of the cluster's own, from the machine's packages: on loopback, by password, and as durable as any. */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SetUpError } from '../set-up-error.mjs';
import { endOfLog, endProcess, startInBackground } from './background-process.mjs';
import { isAlive } from './process-identity.mjs';

const DEBIAN_HOME = '/usr/lib/postgresql';
const USER = 'gatebook';
const OLDEST = 15;
const START_WAIT_MS = 60_000; // a recovery after a crash takes its time
const STOP_WAIT_MS = 30_000;
const POLL_MS = 50;
const PASSWORD_BYTES = 24;

/** Ten services with up to ten connections each, twice over. */
const SETTINGS = [
  'max_connections=200',
  'shared_buffers=128MB',
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
];

/**
 * Starts the server unless it runs, and makes it first when it is not there; answers as soon as it takes connections.
 * @param {{ folder: string, port: number, log: string, former?: import('./process-identity.mjs').ProcessIdentity }} where `folder` is private to
 *   it and made when absent; `former` is the process that was last started there
 * @returns {Promise<{ url: string, identity: import('./process-identity.mjs').ProcessIdentity }>}
 * @throws {SetUpError} when the machine has no PostgreSQL, or it does not start
 */
export async function startPostgres({ folder, port, log, former }) {
  const reason = whyNoPostgres();
  if (reason)
    throw new SetUpError(`PostgreSQL cannot be started: ${reason}. Or set DATABASE_URL to one that runs elsewhere.`);
  const bin = binaries();
  const runAs = serverUser();
  const { home, password } = made(folder, bin, runAs);
  const settings = [...SETTINGS, `port=${port}`].flatMap((setting) => ['-c', setting]);
  const args = ['-D', join(home, 'data'), ...settings];
  const options = { file: join(bin, 'postgres'), args, log, cwd: home, env: environment(home), ...runAs };
  const identity = former && isAlive(former) ? former : await startInBackground(options);
  await accepting({ bin, port, identity, log });
  ensureDatabase(bin, port, password);
  return { url: `postgresql://${USER}:${password}@127.0.0.1:${port}/${USER}`, identity };
}

/** Ends it: connections are cut, and everything that was committed is on the disk. */
export const stopPostgres = (identity) => endProcess(identity, 'SIGINT', STOP_WAIT_MS);

/** Ends it as a crash would, with all its processes: the next start recovers from the write-ahead log. */
export const crashPostgres = (identity) => endProcess(identity, 'SIGQUIT', STOP_WAIT_MS);

/** Why no server can be started on this machine; undefined when one can. */
export function whyNoPostgres() {
  const bin = binaries();
  if (!bin)
    return `there is no PostgreSQL server on this machine; install ${OLDEST} or later (Debian, Ubuntu: apt-get install postgresql)`;
  const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).trim();
  if (Number(/\d+/.exec(version)?.[0]) < OLDEST) return `${version} is too old; install ${OLDEST} or later`;
  if (process.getuid?.() === 0 && !(serverUser().uid > 0))
    return 'it does not run as root, and there is no user "postgres" to run it as; start as another user';
  return undefined;
}

function binaries() {
  const versions = existsSync(DEBIAN_HOME) ? readdirSync(DEBIAN_HOME).sort((a, b) => Number(b) - Number(a)) : [];
  const packaged = versions.map((version) => join(DEBIAN_HOME, version, 'bin'));
  const needed = ['initdb', 'postgres', 'psql', 'pg_isready'];
  return [...packaged, ...(process.env.PATH ?? '').split(delimiter)].find((folder) =>
    needed.every((name) => existsSync(join(folder, name))),
  );
}

/** PostgreSQL refuses to run as root. */
function serverUser() {
  if (process.getuid?.() !== 0) return {};
  const id = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

/** What `folder` remembers; the data itself lies elsewhere when the server's user cannot enter it. */
function made(folder, bin, runAs) {
  const memory = join(folder, 'postgres.json');
  if (existsSync(memory)) {
    const known = JSON.parse(readFileSync(memory, 'utf8'));
    if (existsSync(join(known.home, 'data', 'PG_VERSION'))) return known;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const home = homeFor(folder, runAs);
  const password = randomBytes(PASSWORD_BYTES).toString('hex');
  initialise(home, bin, runAs, password);
  writeFileSync(memory, JSON.stringify({ home, password }), { mode: 0o600 });
  return { home, password };
}

function homeFor(folder, { uid, gid }) {
  if (uid === undefined) return folder;
  chownSync(folder, uid, gid);
  if (spawnSync('ls', [folder], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0) return folder;
  const elsewhere = mkdtempSync(join(tmpdir(), 'gatebook-postgres-'));
  chownSync(elsewhere, uid, gid);
  return elsewhere;
}

function initialise(home, bin, runAs, password) {
  const data = join(home, 'data');
  rmSync(data, { recursive: true, force: true }); // what a first start that was cut off has left
  const secret = join(home, 'password');
  writeFileSync(secret, password, { mode: 0o600 });
  if (runAs.uid !== undefined) chownSync(secret, runAs.uid, runAs.gid);
  try {
    const access = ['-U', USER, '-A', 'scram-sha-256', `--pwfile=${secret}`];
    const args = ['-D', data, ...access, '-E', 'UTF8', '--locale=C', '--no-instructions'];
    execFileSync(join(bin, 'initdb'), args, {
      ...runAs,
      cwd: home,
      env: environment(home),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    throw new SetUpError(`PostgreSQL could not make its data folder ${data}: ${String(error.stderr ?? error).trim()}`);
  } finally {
    rmSync(secret, { force: true });
  }
}

async function accepting({ bin, port, identity, log }) {
  const deadline = performance.now() + START_WAIT_MS;
  const args = ['-q', '-h', '127.0.0.1', '-p', String(port)];
  while (spawnSync(join(bin, 'pg_isready'), args).status !== 0) {
    if (!isAlive(identity) || performance.now() > deadline)
      throw new SetUpError(`PostgreSQL did not start. The end of ${log}:\n${endOfLog(log)}`);
    await pause(POLL_MS);
  }
}

function ensureDatabase(bin, port, password) {
  const sql = (database, statement) => {
    const args = [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      USER,
      '-d',
      database,
      '-X',
      '-q',
      '-t',
      '-A',
      '-c',
      statement,
    ];
    return execFileSync(join(bin, 'psql'), args, {
      env: { ...environment('/'), PGPASSWORD: password },
      encoding: 'utf8',
    }).trim();
  };
  const there = sql('postgres', `select 1 from pg_database where datname = '${USER}'`) === '1';
  if (!there) sql('postgres', `create database ${USER} template template0 encoding 'UTF8'`);
}

const environment = (home) => ({ PATH: process.env.PATH, HOME: home, LC_ALL: 'C' });
