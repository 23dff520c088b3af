import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.js';

/** Longest wait for a server to come up, milliseconds. */
const START_WAIT_MS = 20_000;
const POLL_MS = 20;

/** A PostgreSQL server for tests. */
export interface PrivatePostgres {
  /** Its database `postgres`, as a superuser. */
  readonly url: string;
  stop(): Promise<void>;
}

/** How to start one. */
export interface PrivatePostgresOptions {
  /** True for benchmarks: flushes to the disk like a real server. Tests are quicker without. */
  readonly fsync?: boolean;
}

/** The user that the server runs as: PostgreSQL refuses to run as root. */
interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Runs the server until standard input ends, which it does when the test process dies, however it dies; then removes the folder.
 * $1 binary, $2 folder, the rest: parameters of the server.
 */
const KEEPER = `bin=$1; folder=$2; shift 2
"$bin" "$@" </dev/null >"$folder/server.log" 2>&1 & server=$!
cat >/dev/null; kill -INT $server; wait $server; rm -rf "$folder"`;

/**
 * Starts a PostgreSQL of its own from the machine's installation, on a unix socket in a private folder.
 * `TEST_DATABASE_URL` wins: then that server is used and `stop` leaves it alone. Null when neither exists.
 */
export async function startPrivatePostgres({
  fsync = false,
}: PrivatePostgresOptions = {}): Promise<PrivatePostgres | null> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return { url: given, stop: async () => {} };
  const installed = findPostgres();
  if (!installed) return null;
  const runAs = serverUser();
  const folder = fs.mkdtempSync(join(tmpdir(), 'gb-pg-'));
  makeCluster(join(folder, 'data'), installed, runAs);
  own(folder, runAs);
  const keeper = keep(installed, folder, runAs, fsync);
  await accepting(installed, folder, keeper);
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    stop: () => stop(keeper),
  };
}

/** Why `startPrivatePostgres` would answer null; undefined when it would not. */
export function whyNoPostgres(): string | undefined {
  if (process.env['TEST_DATABASE_URL'] || findPostgres()) return undefined;
  return 'no PostgreSQL on this machine; install one (Debian: apt-get install postgresql) or set TEST_DATABASE_URL';
}

function serverUser(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A copy of a cluster takes a tenth of the time that initdb takes, so one is kept per version, user and format. */
function makeCluster(data: string, installed: PostgresBinaries, runAs: RunAs): void {
  const template = clusterTemplate(installed, runAs);
  execFileSync('cp', ['-a', template, data]);
}

function clusterTemplate(installed: PostgresBinaries, runAs: RunAs): string {
  const key = createHash('sha256')
    .update(`${installed.bin} ${installed.version} ${runAs.uid ?? ''}`)
    .digest('hex')
    .slice(0, 12);
  const template = join(tmpdir(), `gb-pg-template-${process.getuid?.() ?? ''}-${key}`);
  if (isOurs(template, runAs)) return template;
  const making = fs.mkdtempSync(join(tmpdir(), 'gb-pg-making-'));
  own(making, runAs);
  const data = join(making, 'data');
  const locale = ['-E', 'UTF8', '--locale=C.UTF-8'];
  const args = ['-D', data, '-A', 'trust', '-U', 'postgres', ...locale, '--no-sync', '--no-instructions'];
  execFileSync(join(installed.bin, 'initdb'), args, {
    ...runAs,
    cwd: making,
    env: environment(making),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    fs.renameSync(data, template);
  } catch {
    // Another test process was quicker; its cluster is as good.
  }
  fs.rmSync(making, { recursive: true, force: true });
  return template;
}

/** The name is easy to guess and the folder is for everybody, so it counts only when it belongs to the server's user. */
function isOurs(template: string, runAs: RunAs): boolean {
  const found = fs.lstatSync(template, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === (runAs.uid ?? process.getuid?.());
}

function keep({ bin }: PostgresBinaries, folder: string, runAs: RunAs, fsync: boolean): ChildProcess {
  const quick = fsync ? [] : ['fsync=off', 'full_page_writes=off'];
  const settings = ['listen_addresses=', 'shared_buffers=64MB', 'max_connections=200', ...quick].flatMap((setting) => [
    '-c',
    setting,
  ]);
  const args = [
    '-c',
    KEEPER,
    'keeper',
    join(bin, 'postgres'),
    folder,
    '-D',
    join(folder, 'data'),
    '-k',
    folder,
    ...settings,
  ];
  const keeper = spawn('sh', args, {
    ...runAs,
    cwd: folder,
    env: environment(folder),
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  keeper.unref();
  (keeper.stdin as unknown as { unref(): void }).unref();
  return keeper;
}

/** Polls until the server answers. */
async function accepting({ bin }: PostgresBinaries, folder: string, keeper: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_WAIT_MS;
  while (!answers(bin, folder)) {
    if (keeper.exitCode !== null || performance.now() > deadline) {
      throw new Error(`The private PostgreSQL did not start; see ${folder}/server.log.`);
    }
    await delay(POLL_MS);
  }
}

function answers(bin: string, folder: string): boolean {
  try {
    execFileSync(join(bin, 'pg_isready'), ['-q', '-h', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function stop(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null) return;
  const ended = once(keeper, 'exit');
  keeper.ref();
  keeper.stdin?.end();
  await ended;
}

function own(folder: string, { uid, gid }: RunAs): void {
  if (uid !== undefined && gid !== undefined) fs.chownSync(folder, uid, gid);
}

function environment(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: home, LC_ALL: 'C.UTF-8' };
}
