/** Processes that are known again by a later command, and never mistaken for others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOfLog, endProcess, startInBackground } from './background-process.mjs';
import { choosePorts } from './ports.mjs';
import { identify, isAlive } from './process-identity.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gatebook-cluster-'));
const log = join(folder, 'it.log');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (script: string) =>
  startInBackground({ file: 'sh', args: ['-c', script], log, env: process.env, cwd: folder });

describe('a process in the background', () => {
  it('is ended by the signal that lets it finish, and writes to its log', async () => {
    const identity = await start('trap "echo finishing; exit 0" TERM; echo up; while true; do sleep 0.05; done');
    await until(() => endOfLog(log).includes('up'));
    expect(isAlive(identity)).toBe(true);
    expect(await endProcess(identity, 'SIGTERM', 5_000)).toBe('ended');
    expect(endOfLog(log)).toContain('finishing');
    expect(await endProcess(identity, 'SIGTERM', 5_000)).toBe('gone');
  });

  it('is killed when it does not listen', async () => {
    const identity = await start('trap "" TERM; echo deaf; while true; do sleep 0.05; done');
    await until(() => endOfLog(log).includes('deaf'));
    expect(await endProcess(identity, 'SIGTERM', 200)).toBe('killed');
  });

  it('is left alone when its number belongs to another process by now', async () => {
    const other = await start('while true; do sleep 0.05; done');
    const former = { ...other, born: '1' };
    expect(await endProcess(former, 'SIGKILL', 1_000)).toBe('gone');
    expect(isAlive(other)).toBe(true);
    await endProcess(other, 'SIGKILL', 5_000);
  });

  it('that never was does not live', () => expect(isAlive(identify(2 ** 22 + 1))).toBe(false));
});

describe('ports', () => {
  it('stay what they were, unless somebody else has taken one', async () => {
    const first = await choosePorts({ names: ['a', 'b'], from: 20_000 + (process.pid % 10_000) });
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(first['b'], '127.0.0.1', done));
    const second = await choosePorts({ names: ['a', 'b', 'c'], from: first['a'] as number, former: first });
    await new Promise((done) => squatter.close(done));

    expect(second['a']).toBe(first['a']);
    expect(new Set([...Object.values(second), first['b']]).size).toBe(4);
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('It did not happen within ten seconds.');
    await new Promise((next) => setTimeout(next, 20));
  }
}
