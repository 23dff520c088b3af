import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a server may take to become ready on a loaded machine, milliseconds. */
const READY_WITHIN_MS = 60_000;
const POLL_MS = 10;

/** Key with every right on each server that is measured. */
export const ADMIN_KEY = 'administrator-key-for-benchmarks-only';

/** A program that serves HTTP, in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** From its spawn until it was ready, milliseconds. */
  readonly readyAfterMs: number;
  /** Ends it as an operator would. */
  stop(): Promise<void>;
}

/** What to start. */
export interface ServerOptions {
  /** Arguments of Node: flags and the program. */
  readonly command: readonly string[];
  readonly port: number;
  /** Answers 200 once the server is ready. */
  readonly readyPath: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds; one minute if absent. */
  readonly readyWithinMs?: number;
}

/** Starts a server under this Node, its output in a file, and waits until it is ready. @throws with what it wrote when it ends before */
export async function startServerProcess(options: ServerOptions): Promise<ServerProcess> {
  const { command, port, readyPath, env, readyWithinMs = READY_WITHIN_MS } = options;
  const begun = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'gb-bench-log-'));
  const output = openSync(join(folder, 'output'), 'w');
  const child = spawn(process.execPath, command, {
    env: { PATH: process.env['PATH'], PORT: String(port), ...env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  const url = `http://localhost:${port}`;
  while (!(await isReady(url + readyPath))) {
    if (child.exitCode !== null || performance.now() - begun > readyWithinMs) {
      const written = readFileSync(join(folder, 'output'), 'utf8');
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
      throw new Error(`The server did not become ready:\n${written}`);
    }
    await delay(POLL_MS);
  }
  return { url, pid: child.pid as number, readyAfterMs: performance.now() - begun, stop: () => stop(child, folder) };
}

/** Starts a whole Gatebook as `npm start` does, without the build. @param readyWithinMs longer where it has much to catch up on */
export function startGatebook(
  dataDir: string,
  port: number,
  env: Readonly<Record<string, string>> = {},
  readyWithinMs?: number,
) {
  return startApp('all', port, { GATEBOOK_DATA_DIR: dataDir, GATEBOOK_ADMIN_KEY: ADMIN_KEY, ...env }, readyWithinMs);
}

/** Starts one app as a process of its own. */
export function startApp(
  app: string,
  port: number,
  env: Readonly<Record<string, string>>,
  readyWithinMs: number = READY_WITHIN_MS,
): Promise<ServerProcess> {
  const command = [
    ...profiling(),
    '--liftoff-only',
    '--max-semi-space-size=4',
    '--heap-growing-percent=80',
    `dist/apps/${app}/src/main.js`,
  ];
  return startServerProcess({ command, port, readyPath: '/health/ready', env, readyWithinMs });
}

/** Finds a port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}

/** `BENCH_CPU_PROFILE=FOLDER` has each server write where its time goes; the figures of such a run are worth nothing else. */
function profiling(): string[] {
  const folder = process.env['BENCH_CPU_PROFILE'];
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
