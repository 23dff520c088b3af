import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** How long a server may take to become ready on a loaded machine, in milliseconds. */
const READY_WITHIN_MS = 60_000;

// Beside other work a start takes a quarter of a minute, and what is waited for half a minute at most: only what hangs takes longer.
jest.setTimeout(READY_WITHIN_MS);

/** What a server under test is started with. */
export interface StartOptions {
  /** Default: a new folder, removed when the server is disposed of. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
}

/** An `apps/all` in a process of its own, as `npm start` runs it. */
export interface StartedServer {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** Everything that it wrote to its output. */
  output(): string;
  /** Ends it as an operator would; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/** The administrator's key of every server under test. */
export const ADMIN_KEY = 'administrator-key-for-tests-only';

/** Finds a port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Makes a folder that goes when the tests of the file are over. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatebook-e2e-'));
  folders.push(folder);
  return folder;
}

/** Starts a server and waits until it says that it is ready. @throws with its output when it ends before */
export async function startServer({
  dataDir = dataFolder(),
  env = {},
  port,
}: StartOptions = {}): Promise<StartedServer> {
  const chosen = port ?? (await freePort());
  const server = launch(dataDir, chosen, env);
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await isReady(server.url))) {
    if (server.process.exitCode !== null || Date.now() > deadline) {
      await server.kill();
      throw new Error(`The server did not become ready:\n${server.output()}`);
    }
    await new Promise((next) => setTimeout(next, 50));
  }
  return server;
}

/** Starts a server that is expected to refuse; resolves with its exit code and output. */
export async function startRefused({
  dataDir = dataFolder(),
  env = {},
  port,
}: StartOptions): Promise<{ code: number | null; output: string }> {
  const server = launch(dataDir, port ?? (await freePort()), env);
  const code = await ended(server.process);
  return { code, output: server.output() };
}

function launch(dataDir: string, port: number, env: Readonly<Record<string, string>>): StartedServer {
  const child = spawn(
    process.execPath,
    ['--liftoff-only', '--max-semi-space-size=4', '--heap-growing-percent=80', join(ROOT, 'dist/apps/all/src/main.js')],
    {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        PORT: String(port),
        GATEBOOK_DATA_DIR: dataDir,
        GATEBOOK_ADMIN_KEY: ADMIN_KEY,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => output.push(part));
  child.stderr.on('data', (part: Buffer) => output.push(part));
  return {
    url: `http://localhost:${port}`,
    port,
    dataDir,
    process: child,
    output: () => Buffer.concat(output).toString(),
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      return ended(child);
    },
    async kill() {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended(child);
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((done) => child.once('exit', (code) => done(code)));
}
