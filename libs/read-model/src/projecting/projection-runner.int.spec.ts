import {
  EVERY_PARTITION,
  ForeignTopicError,
  type SealedBatch,
  type SealedEvents,
  type SealedStoredEvent,
  UnsafeTopicError,
} from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { type Database, LeaseLostError, migrate } from '#libs/database';
import { DomainError, type SealedEvent } from '#libs/kernel';
import {
  ada,
  assigned,
  batchOf,
  bo,
  clearReader,
  historyOf,
  linked,
  onEveryDatabase,
  profileUpdated,
  provisioned,
  revoked,
  storedInClear,
  storeOf,
  type TestDatabase,
} from '#libs/testing';
import { findAccount } from '../accounts/accounts.queries.js';
import { findAccess } from '../grants/grants.queries.js';
import { PROJECTIONS } from '../projections.js';
import { readModelMigrations } from '../read-model.migrations.js';
import { ProjectionRunner, type ProjectionRunnerOptions } from './projection-runner.js';
import { replayParked } from './replay-parked.js';

/** How projecting goes on, waits, parks and stops, on real databases. What the projections say is told elsewhere. */

jest.setTimeout(60_000);

const FREE = { guard: async () => {} };
const LATER = '2026-04-01T00:00:00.000Z';

/** A log that hands out these batches and then waits until it is told to end. */
function logOf(...batches: readonly SealedBatch[]): SealedEvents {
  return {
    shared: false,
    follow: async ({ place, take }, signal) => {
      const { position } = await place(EVERY_PARTITION);
      for (const batch of batches) if (batch.sealedThrough > position && (await take(batch)) === 'stop') return;
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  };
}

class CiphertextRejected extends DomainError {
  readonly code = 'ciphertext-rejected';
  readonly kind = 'unavailable';
}

/** Cannot decrypt one event; everything else it reads. */
const readerThatCannotRead = (id: string): ProjectionRunnerOptions['reader'] => ({
  ...clearReader,
  decode: async (events) => {
    if (events.some((event) => event.id === id)) throw new CiphertextRejected('A personal field does not decrypt.');
    return clearReader.decode(events);
  },
});

onEveryDatabase((open) => {
  let test: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    test = await open();
    database = test.database;
    await migrate(database, readModelMigrations);
  });
  afterAll(() => test?.drop());
  beforeEach(async () => {
    const tables = PROJECTIONS.flatMap((projection) => projection.tables.map(({ name }) => name));
    await database.query(`truncate ${tables.join(', ')}, read_model.checkpoints, read_model.parked`);
  });

  function runnerOf(
    events: readonly SealedStoredEvent[],
    over: Partial<ProjectionRunnerOptions> = {},
  ): ProjectionRunner {
    return new ProjectionRunner({
      database,
      sealedEvents: logOf(batchOf(events)),
      store: storeOf(events),
      reader: clearReader,
      catalogue,
      projections: PROJECTIONS,
      ...over,
    });
  }

  /** Runs until the read model has come to a position or projecting has stopped; at most for ten seconds. */
  async function runTo(runner: ProjectionRunner, position: number) {
    const ended = new AbortController();
    const running = runner.run(FREE, ended.signal);
    const deadline = performance.now() + 10_000;
    for (;;) {
      const status = await runner.status();
      if (status.position >= position || status.stopped || performance.now() > deadline) break;
    }
    ended.abort();
    await running;
    return runner.status();
  }

  const accountOf = (who = ada) => findAccount(database, { tenant: 'acme', account: who.account, now: LATER });
  const rolesOf = async (who = ada) => {
    const query = { tenant: 'acme', account: who.account, asOf: LATER, knownAt: 1_000, limit: 50 };
    return (await findAccess(database, query)).items.map(({ role }) => role);
  };

  describe('projecting', () => {
    const events = storedInClear(historyOf(provisioned(ada), assigned(ada, 'a'), assigned(ada, 'b')));

    it('goes on where it stopped, whoever goes on', async () => {
      expect(await runTo(runnerOf(events.slice(0, 2)), 1)).toMatchObject({ position: 1, stopped: null });
      expect(await runTo(runnerOf(events, { sealedEvents: logOf(batchOf(events.slice(2))) }), 2)).toMatchObject({
        position: 2,
        storePosition: 2,
      });
      expect(await rolesOf()).toEqual(['a', 'b']);
    });

    it('moves the position in the store on with every tick, so that nobody waits for a quiet log', async () => {
      const runner = runnerOf(events);
      await runner.take(batchOf(events), FREE);
      await runner.take({ ...batchOf([], 2), storeThrough: 9 }, FREE);
      expect(await runner.status()).toMatchObject({ position: 2, storePosition: 9 });
    });

    it('fills a new projection from the beginning while the others stand still', async () => {
      const [grants, ...others] = [...PROJECTIONS].sort((a) => (a.name === 'grants' ? -1 : 1));
      await runTo(runnerOf(events, { projections: others }), 2);
      expect(await rolesOf()).toEqual([]);
      expect(grants?.name).toBe('grants');
      await runTo(runnerOf(events), 2);
      expect(await rolesOf()).toEqual(['a', 'b']);
    });

    it('writes nothing once the role is lost', async () => {
      const lost = { guard: async () => Promise.reject(new LeaseLostError('projector', 1)) };
      await expect(runnerOf(events).run(lost, new AbortController().signal)).rejects.toThrow(LeaseLostError);
      expect(await runnerOf(events).status()).toMatchObject({ position: -1 });
      expect(await accountOf()).toBeNull();
    });

    it('waits out trouble and goes on', async () => {
      const trouble: unknown[] = [];
      let failures = 2;
      const decode: typeof clearReader.decode = async (some) => {
        if (failures-- > 0) throw Object.assign(new Error('Connection lost'), { code: '08006' });
        return clearReader.decode(some);
      };
      const runner = runnerOf(events, {
        reader: { ...clearReader, decode },
        onTrouble: (error) => trouble.push(error),
      });
      expect(await runTo(runner, 2)).toMatchObject({ position: 2, parkedStreams: 0 });
      expect(trouble).toHaveLength(2);
    });

    it('waits shortly again after each success, however often there was trouble before', async () => {
      const many = Array.from({ length: 8 }, (_, n) => assigned(ada, `role-${n}`, undefined, { nth: n }));
      const long = storedInClear(historyOf(provisioned(ada), ...many));
      const sealedEvents: SealedEvents = {
        shared: false,
        follow: async ({ place, take }) => {
          const { position } = await place(EVERY_PARTITION);
          await take(batchOf(long.slice(position + 1, position + 2)));
          throw Object.assign(new Error('Connection lost'), { code: '08006' });
        },
      };
      expect(await runTo(runnerOf(long, { sealedEvents }), 8)).toMatchObject({ position: 8 });
    });

    it('takes long stretches in parts, and ends in the same place', async () => {
      const many = Array.from({ length: 1_200 }, (_, n) => assigned(ada, `role-${n}`, undefined, { nth: n }));
      const long = storedInClear(historyOf(provisioned(ada), ...many));
      await runnerOf(long).take(batchOf(long), FREE);
      expect(await runnerOf(long).status()).toMatchObject({ position: 1_200 });
      expect(await accountOf()).toMatchObject({ roles: { length: 1_200 } });
    });
  });

  describe('an event that this software does not understand', () => {
    const [first, second, third] = storedInClear(
      historyOf(provisioned(ada), assigned(ada, 'a'), assigned(ada, 'b')),
    ) as [SealedStoredEvent, SealedStoredEvent, SealedStoredEvent];

    it('stops projecting before it, when its type is unknown in a category that is projected', async () => {
      const stop = await runTo(runnerOf([first, { ...second, type: 'AccountFrozen' }, third]), 2);
      expect(stop).toMatchObject({
        position: 0,
        stopped: { reason: 'unknown-type', position: 1, type: 'AccountFrozen' },
      });
      expect(await rolesOf()).toEqual([]);
    });

    it('stops projecting before it, when its version is newer', async () => {
      const stop = await runTo(runnerOf([first, { ...second, schemaVersion: 99 }, third]), 2);
      expect(stop).toMatchObject({ position: 0, stopped: { reason: 'newer-schema-version', position: 1 } });
    });

    it('is passed over elsewhere, and still in the index of all events', async () => {
      const foreign = { ...second, type: 'CampaignPlanned', stream: 'campaign-acme+1' };
      expect(await runTo(runnerOf([first, foreign, third]), 2)).toMatchObject({ position: 2, stopped: null });
      const { rows } = await database.query(`select 1 from read_model.events_v1 where type = 'CampaignPlanned'`);
      expect(rows).toHaveLength(1);
    });
  });

  it.each([
    new ForeignTopicError('gatebook.events.v1', 'theirs', 'ours'),
    new UnsafeTopicError('gatebook.events.v1', ['Its records are deleted after 7 days.']),
  ])('stops where the topic must not be read, and says why: $code', async (refusal) => {
    const sealedEvents: SealedEvents = { shared: true, follow: () => Promise.reject(refusal) };
    const runner = runnerOf([], { sealedEvents });
    const stop = { reason: 'topic-refused', message: refusal.message };
    expect(await runner.run(FREE, AbortSignal.timeout(10_000))).toEqual(stop);
    expect((await runner.status()).stopped).toEqual(stop);
  });

  describe('a poison event', () => {
    const history = historyOf(
      provisioned(ada),
      provisioned(bo),
      profileUpdated(ada, { title: 'Engineer' }),
      linked(ada, 'entra', 'ada-1'),
      assigned(ada, 'crm.reader'),
      profileUpdated(bo, { title: 'Accountant' }),
    ) as [SealedEvent, SealedEvent, SealedEvent, ...SealedEvent[]];
    const events = storedInClear(history);
    const poison = history[2].id;

    it('parks its stream for the projections that must read it, and holds up nobody else', async () => {
      const status = await runTo(runnerOf(events, { reader: readerThatCannotRead(poison) }), 5);
      expect(status).toMatchObject({ position: 5, parkedStreams: 1, stopped: null });
      expect(await accountOf(bo)).toMatchObject({ title: 'Accountant', degraded: false });
      expect(await accountOf()).toMatchObject({ title: null, links: [{ connection: 'okta' }], degraded: true });
      expect(await rolesOf()).toEqual(['crm.reader']);
    });

    it('is taken in order, with what waited behind it, once it can be read', async () => {
      await runTo(runnerOf(events, { reader: readerThatCannotRead(poison) }), 5);
      const status = await runTo(runnerOf(events), 5);
      expect(status).toMatchObject({ parkedStreams: 0 });
      expect(await accountOf()).toMatchObject({
        title: 'Engineer',
        links: [{ connection: 'okta' }, { connection: 'entra' }],
        degraded: false,
      });
    });

    it('stays parked while it cannot be read', async () => {
      const reader = readerThatCannotRead(poison);
      await runTo(runnerOf(events, { reader }), 5);
      expect(await runTo(runnerOf(events, { reader }), 5)).toMatchObject({ parkedStreams: 1 });
    });

    it('is one that ends what never began, too', async () => {
      const orphan = storedInClear(historyOf(provisioned(ada), revoked(ada, 'never-given'), assigned(ada, 'a')));
      expect(await runTo(runnerOf(orphan), 2)).toMatchObject({ position: 2, parkedStreams: 1 });
      expect(await rolesOf()).toEqual([]); // what follows in the stream waits for this projection
      expect(await accountOf()).toMatchObject({ degraded: true });
    });

    it('is one that the database refuses, too: it stands alone in the end', async () => {
      const broken = events.map((event) =>
        event.id === poison
          ? { ...event, data: { ...(history[2].data as object), profile: { ...ada.profile, title: 'NUL \0' } } }
          : event,
      ) as SealedStoredEvent[];
      const status = await runTo(runnerOf(broken), 5);
      expect(status).toMatchObject({ position: 5, parkedStreams: 1, stopped: null });
      expect(await accountOf(bo)).toMatchObject({ title: 'Accountant' });
      expect(await accountOf()).toMatchObject({ degraded: true, title: null });
    });

    it('keeps nobody from going on where it cannot be tried again', async () => {
      await runTo(runnerOf(events.slice(0, 5), { reader: readerThatCannotRead(poison) }), 4);
      const trouble: unknown[] = [];
      const store = { readStream: () => Promise.reject(new Error('The store is away.')) };
      const status = await runTo(runnerOf(events, { store, onTrouble: (error) => trouble.push(error) }), 5);
      expect(status).toMatchObject({ position: 5, parkedStreams: 1, stopped: null });
      expect(trouble).toEqual([new Error('The store is away.')]);
    });

    it('is tried again page by page where much of its stream was taken in between', async () => {
      const updates = Array.from({ length: 2_500 }, (_, nth) => profileUpdated(ada, { title: `Title ${nth}` }));
      const long = storedInClear(historyOf(provisioned(ada), ...updates));
      const limits: (number | undefined)[] = [];
      const store: ProjectionRunnerOptions['store'] = {
        readStream: (stream, query) => {
          limits.push(query?.limit);
          return storeOf(long).readStream(stream, query);
        },
      };
      for (const at of [1, 900, 2_400])
        await database.query(
          `insert into read_model.parked (projection, version, position, store_position, tenant, tenant_position, event_id, type, stream, revision, sealed_at, poisoned)
           select 'accounts', 1, at, at, 'acme', at, $2, 'ProfileUpdated', $3, at, '2026', true from (select $1::int) p(at)`,
          [at, long[at]?.id, long[at]?.stream],
        );
      const place = { database, store, reader: clearReader, lease: FREE };
      const reading = PROJECTIONS.filter(({ name }) => name === 'accounts').map((one) => ({
        ...one,
        project: () => [],
      }));
      expect(await replayParked(place, reading)).toBe(3);
      expect(limits).toEqual([900, 1]);
    });

    it('leaves no personal data where it waits', async () => {
      await runTo(runnerOf(events, { reader: readerThatCannotRead(poison) }), 5);
      const { rows } = await database.query<{ row: object }>('select to_jsonb(p) as row from read_model.parked p');
      expect(rows.length).toBeGreaterThan(0);
      expect(JSON.stringify(rows)).not.toContain('example');
    });
  });
});
