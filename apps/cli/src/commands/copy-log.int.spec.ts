/** A log goes to another store and back, alone or with the installation that lives with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type EventToAppend, kurrentDbEventStore, NO_STREAM } from '#libs/event-store';
import { system } from '#libs/kernel';
import { sealPending, verifySealedLog } from '#libs/ledger';
import { createLog, openEngine, readEnvironment } from '#libs/platform';
import { databasesUnderTest, type KurrentDbStandIn, startKurrentDbStandIn, type TestDatabase } from '#libs/testing';
import { runCommandLine } from '../command-line.js';

jest.setTimeout(180_000);

const quiet = createLog({
  level: 'error',
  readable: false,
  destination: new Writable({ write: (_chunk, _encoding, done) => done() }),
});

type Env = Readonly<Record<string, string>>;

async function gatebook(env: Env, ...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = {
    env,
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    isScreen: false,
  };
  const code = await runCommandLine(args, terminal);
  return { code, out: out.join(''), err: err.join('') };
}

/** The client's first call loads a lot of code, which on a busy machine can take longer than a call may. */
async function warmUp({ url }: KurrentDbStandIn): Promise<void> {
  const store = kurrentDbEventStore({ url, timeouts: { callMs: 60_000 } });
  await store.head();
  await store.close();
}

let made = 0;
function nextEvent(): EventToAppend {
  const id = `00000000-0000-5000-8000-${String(++made).padStart(12, '0')}`;
  const metadata = { actor: system('spec'), commandId: id, commandDigest: 'd', correlationId: id };
  return {
    id,
    type: 'RoleRetired',
    schemaVersion: 1,
    recordedAt: '2026-03-02T09:00:00.000Z',
    data: { reason: null },
    metadata,
  };
}

/** Opens the installation as a server does, lets some events happen, seals them, and looks whether everything is right. */
async function serve(env: Env, events: number) {
  const engine = await openEngine({ environment: readEnvironment(env), log: quiet });
  try {
    for (let i = 0; i < events; i += 1) {
      const event = nextEvent();
      await engine.store.append(`role-acme+${event.id}`, NO_STREAM, [event]);
    }
    const lease = await engine.leases.acquire('relay');
    if (!lease) throw new Error('The role is free.');
    while ((await sealPending({ ...engine, lease })).count > 0);
    await lease.release();
    await engine.accessEpochsFollower.catchUp();
    const places = await engine.database.query('select follower, store_position from identity.checkpoints');
    return { ...(await verifySealedLog(engine)), places: places.rows };
  } finally {
    await engine.close();
  }
}

describe('copy-log', () => {
  let folder: string;
  let kurrent: KurrentDbStandIn;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatebook-copy-'));
    kurrent = await startKurrentDbStandIn();
    await warmUp(kurrent);
  });
  afterAll(async () => {
    await kurrent.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('with the installation', () => {
    const own = () => ({ GATEBOOK_DATA_DIR: join(folder, 'data') });
    const moved = () => ({ ...own(), EVENT_STORE_URL: kurrent.url });

    it('says what it would do, and does nothing', async () => {
      expect(await serve(own(), 5)).toMatchObject({ sealed: 6, problems: 0 });
      const dry = await gatebook(own(), 'copy-log', '--from', `file:${folder}/data`, '--to', kurrent.url, '--dry-run');
      expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('6 would be copied') });
    });

    it('moves it to KurrentDB, where it goes on', async () => {
      const ran = await gatebook(own(), 'copy-log', '--from', `file:${folder}/data`, '--to', kurrent.url, '--adopt');
      expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('works with this store from now on') });
      const after = await serve(moved(), 4);
      expect(after).toMatchObject({ sealed: 11, problems: 0, pending: 0 }); // one more says which database is attached
      expect(await gatebook(moved(), 'verify')).toMatchObject({ code: 0 });
    });

    it('no longer starts with the store that it left', async () => {
      await expect(serve(own(), 0)).rejects.toMatchObject({ code: 'sealed-event-missing' });
      const verified = await gatebook(own(), 'verify');
      expect(verified).toMatchObject({ code: 2, err: expect.stringContaining('does not hold the event') });
    });

    it('moves it back, with what has happened since', async () => {
      const back = ['--from', 'env:EVENT_STORE_URL', '--to', `file:${folder}/data`];
      const ran = await gatebook(moved(), 'copy-log', ...back, '--adopt', '--json');
      const told = JSON.parse(ran.out);
      expect(told).toMatchObject({ found: 6, copied: 5, adopted: true, moving: false, source: { events: 11 } });
      expect(told.target).toEqual(told.source);
      expect(await serve(own(), 3)).toMatchObject({ sealed: 14, problems: 0 });
    });

    it('refuses a target that no server could work with', async () => {
      const to = `file:${folder}/elsewhere`;
      const ran = await gatebook(own(), 'copy-log', '--from', `file:${folder}/data`, '--to', to, '--adopt');
      expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('servers work with no other') });
    });
  });

  describe('alone', () => {
    it('copies into a new folder, and finds nothing more to do', async () => {
      const args = ['copy-log', '--from', `file:${folder}/data`, '--to', `file:${folder}/archive`];
      expect(await gatebook({}, ...args, '--dry-run')).toMatchObject({
        code: 0,
        out: expect.stringContaining('14 would'),
      });
      expect(await gatebook({}, ...args)).toMatchObject({ code: 0, out: expect.stringContaining('14 events copied') });
      expect(await gatebook({}, ...args)).toMatchObject({ out: expect.stringContaining('0 events copied after 14') });
    });

    it('leaves a copy with which nothing starts: the keys are elsewhere', async () => {
      const env = { GATEBOOK_DATA_DIR: `${folder}/archive`, GATEBOOK_KEYRING: `file:${folder}/data/keyring.json` };
      const ran = await gatebook(env, 'verify');
      expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('Restore the database from its backup') });
    });

    it('refuses a target with another log', async () => {
      const args = ['--from', kurrent.url, '--to', `file:${folder}/data`];
      const ran = await gatebook({}, 'copy-log', ...args);
      expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('not the beginning of the source') });
    });

    it.each([
      [['--to', 'file:x'], '--from ADDRESS is required'],
      [['--from', 'file:x', '--to', 'file:x'], 'the same store'],
      [['--from', 'env:NOT_THERE', '--to', 'file:x'], 'not set'],
      [['--from', 'mysql://x', '--to', 'file:x'], 'A log is at'],
      [['--from', 'file:/not/there', '--to', 'file:x'], 'no event log at --from'],
    ])('ends with 2 for %j', async (args, hint) => {
      expect(await gatebook({}, 'copy-log', ...args)).toMatchObject({ code: 2, err: expect.stringContaining(hint) });
    });
  });
});

const postgres = databasesUnderTest().find(({ name }) => name === 'postgres');
(postgres?.skipped ? describe.skip : describe)('copy-log --adopt on a PostgreSQL of its own', () => {
  it('is refused while a server is connected, and done once it has stopped', async () => {
    const test = (await postgres?.open()) as TestDatabase;
    const kurrent = await startKurrentDbStandIn();
    await warmUp(kurrent);
    const env = { GATEBOOK_DATA_DIR: test.dataDir, DATABASE_URL: test.url as string };
    const args = ['copy-log', '--from', 'env:DATABASE_URL', '--to', kurrent.url, '--adopt'];
    try {
      expect(await serve(env, 3)).toMatchObject({ sealed: 4, problems: 0 });
      await test.database.query('select 1'); // stays connected, as a server does
      expect(await gatebook(env, ...args)).toMatchObject({ code: 2, err: expect.stringContaining('stop them all') });
      await test.database.close();
      expect(await gatebook(env, ...args)).toMatchObject({ code: 0 });
      expect(await serve({ ...env, EVENT_STORE_URL: kurrent.url }, 2)).toMatchObject({ sealed: 7, problems: 0 });
    } finally {
      await kurrent.stop();
      await test.drop();
    }
  });
});
