/**
 * The set-up lock, tried with real processes: it must hold against simultaneous starts, and must not outlive its holders.
 * Each process notes `in` and `out` in one file, so that two at once would show as two `in` in a row.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const LOCK = pathToFileURL(join(process.cwd(), 'tools/set-up-lock.mjs')).href;
const WAIT_LIMIT_MS = 20_000;

let folder: string;
let started: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatebook-lock-'));
  started = [];
});

afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('lets one process in at a time', async () => {
  const children = Array.from({ length: 8 }, () => enter("note('in'); await pause(20); note('out');"));

  expect(await Promise.all(children.map(exitCode))).toEqual(Array(8).fill(0));

  expect(notes()).toEqual(Array(8).fill(['in', 'out']).flat());
});

it('shows two at a time where there is no lock', async () => {
  const both = "note('in'); while (readFileSync(notes, 'utf8').length < 2 * 'in '.length) await pause(5); note('out');";

  await Promise.all([enter(both, { locked: false }), enter(both, { locked: false })].map(exitCode));

  expect(notes()).toEqual(['in', 'in', 'out', 'out']);
});

it('is taken over from a process that was killed', async () => {
  const killed = enter("note('in'); await pause(60_000);");
  await until(() => notes().length === 1);
  killed.kill('SIGKILL');

  expect(await exitCode(enter("note('next');"))).toBe(0);

  expect(notes()).toEqual(['in', 'next']);
});

it('is taken over when the id of the dead process was given out again', async () => {
  writeFileSync(join(folder, '1.lock'), JSON.stringify([{ pid: process.pid, born: 'long ago' }]));

  expect(await exitCode(enter("note('next');"))).toBe(0);
});

it('waits for the command of a process that was killed alone', async () => {
  const killed = enter(
    "const child = spawn('sleep', ['60']); addHolder(child.pid); note(child.pid); await pause(60_000);",
  );
  await until(() => notes().length === 1);
  killed.kill('SIGKILL');
  const next = enter("note('next');");

  expect(await firstWords(next)).toContain(`Waiting for another set-up of this folder (process ${notes()[0]})`);
  expect(notes()).toHaveLength(1);
  process.kill(Number(notes()[0]), 'SIGKILL');

  expect(await exitCode(next)).toBe(0);
  expect(notes()).toHaveLength(2);
});

it('is free again after work that failed', async () => {
  expect(await exitCode(enter("throw new Error('no');"))).toBe(1);

  expect(await exitCode(enter("note('next');"))).toBe(0);
});

/** Starts a process that runs `work` under the lock of this test's folder. */
function enter(work: string, { locked = true } = {}): ChildProcess {
  const notesFile = JSON.stringify(join(folder, 'notes'));
  const script = `
    import { spawn } from 'node:child_process';
    import { appendFileSync, readFileSync } from 'node:fs';
    import { setTimeout as pause } from 'node:timers/promises';
    import { withSetUpLock } from ${JSON.stringify(LOCK)};
    const notes = ${notesFile};
    const note = (text) => appendFileSync(notes, text + '\\n');
    const work = async (addHolder) => { ${work} };
    await (${locked} ? withSetUpLock(${JSON.stringify(folder)}, work) : work());`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  started.push(child);
  return child;
}

async function firstWords({ stderr }: ChildProcess): Promise<string> {
  if (!stderr) throw new Error('The process was started without a stderr to read.');
  return String(await once(stderr, 'data'));
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** Finished lines only: the file exists a moment before its first line does. */
function notes(): string[] {
  const file = join(folder, 'notes');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The awaited condition did not come about.');
    await pause(10);
  }
}
