/** The stand-in as a process of its own: killed and frozen as only a process can be. It runs from the compiled libraries. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { startScript } from '../postgres/child-script.js';
import { type StandInProcess, startKurrentDbStandInProcess } from './index.js';
import { all, events, isPending, namesOf, until } from './stand-in.fixture.js';

const folder = fs.mkdtempSync(join(tmpdir(), 'gb-stand-in-'));
const file = join(folder, 'events.log');
let standIn: StandInProcess;
let client: KurrentDBClient;

beforeEach(async () => {
  standIn = await startKurrentDbStandInProcess({ file });
  client = KurrentDBClient.connectionString(standIn.url);
}, 30_000);
afterEach(async () => {
  await client.dispose();
  await standIn.kill();
  fs.rmSync(file, { force: true });
}, 30_000);
afterAll(() => fs.rmSync(folder, { recursive: true }));

const append = (stream: string, ...names: string[]) => client.appendToStream(stream, events(...names));

it('holds after a SIGKILL every append that it answered', async () => {
  const answered: string[] = [];
  let going = true;
  const writer = async (number: number) => {
    for (let index = 0; going; index += 1) {
      const name = `${number}/${index}`;
      const stored = await append(`account-acme+${number}`, name).catch(() => undefined);
      if (!stored) return;
      answered.push(name);
    }
  };
  const writers = [1, 2, 3, 4].map(writer);
  await until(() => answered.length > 100);
  await standIn.kill();
  going = false;
  await Promise.all(writers);

  standIn = await startKurrentDbStandInProcess({ file, port: standIn.port });

  const again = KurrentDBClient.connectionString(standIn.url);
  const stored = new Set(namesOf(await all(again.readAll())));
  expect(answered.filter((name) => !stored.has(name))).toEqual([]);
  await again.dispose();
}, 60_000);

it('frozen answers nothing, and goes on when it is thawed', async () => {
  await append('account-acme+1', 'a');
  standIn.freeze();
  const frozen = append('account-acme+1', 'b');
  expect(await isPending(frozen, 300)).toBe(true);
  standIn.thaw();
  expect(await frozen).toMatchObject({ nextExpectedRevision: 1n });
}, 30_000);

it('says that it is not the product, and ends when it is told to', async () => {
  const script = startScript(`import './dist/libs/testing/src/kurrentdb/stand-in.process.js';`);
  await script.until((line) => line.startsWith('ready kurrentdb://127.0.0.1:'));
  expect(script.lines[0]).toBe('A stand-in, not KurrentDB: for tests only.');
  process.kill(script.pid, 'SIGTERM');
  expect(await script.ended()).toBe(0);
}, 30_000);

it('that cannot start says why', () =>
  expect(startKurrentDbStandInProcess({ file: join(folder, 'absent', 'events.log') })).rejects.toThrow('ENOENT'));
