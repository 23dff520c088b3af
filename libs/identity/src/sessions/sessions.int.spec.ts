import { v5 as uuidv5 } from 'uuid';
import { type Database, migrate } from '#libs/database';
import { type EventStore, eventStoreMigrations, postgresEventStore } from '#libs/event-store';
import { type RecordedEvent, streamName } from '#libs/kernel';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ephemeralKeyring } from '#libs/vault';
import { accessEpochsFollower } from '../access-epochs/access-epochs.follower.js';
import { type AccessEpochs, accessEpochs } from '../access-epochs/access-epochs.js';
import { identityMigrations } from '../identity.migrations.js';
import { type SessionStart, type Sessions, SWEEP_ROWS, sessions } from './sessions.js';

const keyring = ephemeralKeyring();
const id = (name: string) => uuidv5(name, '8a1f4f0e-1f53-4a0e-8a7e-7f1c52f1a003');
const START = Date.parse('2026-03-01T12:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ada = { tenant: 'acme', account: id('ada') };
const adaElsewhere = { ...ada, tenant: 'globex' };
const session = (changes: Partial<SessionStart> = {}): SessionStart => ({
  ...ada,
  connection: 'okta',
  revision: 3,
  signIn: id('evidence'),
  idleSeconds: 3600,
  maxSeconds: 12 * 3600,
  notOnOrAfter: null,
  ...changes,
});

onEveryDatabase((open) => {
  describe('sessions', () => {
    let opened: TestDatabase;
    let database: Database;
    let store: EventStore;
    let now: number;
    let live: Sessions;
    let epochs: AccessEpochs;

    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, [...eventStoreMigrations, ...identityMigrations]);
      store = postgresEventStore({ database });
      live = sessions({ database, keyring, clock: { now: () => new Date(now) } });
      epochs = accessEpochs(database);
    }, 60_000);
    beforeEach(async () => {
      now = START;
      await database.query('truncate identity.sessions, identity.access_epochs');
    });
    afterAll(async () => {
      await store.close();
      await opened.drop();
    });

    const begin = async (changes: Partial<SessionStart> = {}) => (await live.start(session(changes))).token;
    const isLive = async (token: string) => (await live.find(token)) !== null;

    it('begin with a token that the database does not know', async () => {
      const token = await begin();
      expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(await live.find(token)).toEqual({
        ...ada,
        connection: 'okta',
        revision: 3,
        signIn: id('evidence'),
        authentication: null,
        createdAt: new Date(START),
        endsAt: new Date(START + 12 * HOUR),
      });
      const { rows } = await database.query<{ dump: string }>('select s::text as dump from identity.sessions s');
      expect(rows[0]?.dump).not.toContain(token);
      expect(await begin()).not.toBe(token);
    });

    it('remember how the person signed in', async () => {
      const authentication = { context: 'urn:example:mfa', methods: ['pwd', 'otp'] };
      expect(await live.find(await begin({ authentication }))).toMatchObject({ authentication });
    });

    it.each(['', 'x', 'A'.repeat(43), `${'A'.repeat(43)}\0`, "' or true --"])('are not found by %j', async (token) => {
      await begin();
      expect(await live.find(token)).toBeNull();
    });

    it('end after the idle time, unless used', async () => {
      const [used, unused] = [await begin(), await begin()];
      for (const minutes of [50, 100, 150]) {
        now = START + minutes * MINUTE;
        expect(await isLive(used)).toBe(true);
      }
      expect(await isLive(unused)).toBe(false);
      now += HOUR;
      expect(await isLive(used)).toBe(false);
    });

    it('are written to at most once a minute', async () => {
      const token = await begin();
      const versions = async () =>
        (await database.query<{ version: string }>('select xmin::text as version from identity.sessions')).rows[0]
          ?.version;
      const before = await versions();
      now += MINUTE - 1;
      await live.find(token);
      expect(await versions()).toBe(before);
      now += 1;
      await live.find(token);
      expect(await versions()).not.toBe(before);
    });

    it('end at their maximum however much they are used, to the millisecond', async () => {
      const token = await begin({ maxSeconds: 7200 });
      for (const minutes of [40, 80, 119]) {
        now = START + minutes * MINUTE;
        expect(await isLive(token)).toBe(true);
      }
      now = START + 2 * HOUR - 1;
      expect(await isLive(token)).toBe(true);
      now = START + 2 * HOUR;
      expect(await isLive(token)).toBe(false);
    });

    it('never outlive what the identity provider said', async () => {
      const token = await begin({ notOnOrAfter: new Date(START + 10 * MINUTE).toISOString() });
      now = START + 10 * MINUTE - 1;
      expect(await isLive(token)).toBe(true);
      now += 1;
      expect(await isLive(token)).toBe(false);
    });

    it('work with an idle time of one second', async () => {
      const token = await begin({ idleSeconds: 1 });
      for (let n = 1; n <= 5; n++) {
        now = START + n * 900;
        expect(await isLive(token)).toBe(true);
      }
      now += 1000;
      expect(await isLive(token)).toBe(false);
    });

    it('end one by one, by account, and by connection', async () => {
      const [one, two, other, foreign] = [
        await begin(),
        await begin({ connection: 'entra' }),
        await begin({ account: id('bob') }),
        await begin(adaElsewhere),
      ];
      await live.end(one);
      await live.end(one);
      expect(await isLive(one)).toBe(false);
      expect(await live.endAllOf(ada)).toBe(1);
      expect([await isLive(two), await isLive(other), await isLive(foreign)]).toEqual([false, true, true]);
      expect(await live.endAllThrough('acme', 'okta')).toBe(1);
      expect([await isLive(other), await isLive(foreign)]).toEqual([false, true]);
    });

    it('are swept when expired, a bounded number at a time', async () => {
      const token = await begin({ idleSeconds: 12 * 3600 });
      await database.query(
        `insert into identity.sessions select 'h' || n, 'acme', $1, 'okta', 0, null, $2, 1, $2, $2 from generate_series(1, $3::int) n`,
        [id('ada'), new Date(START), SWEEP_ROWS + 5],
      );
      expect(await live.sweep()).toBe(SWEEP_ROWS);
      expect(await live.sweep()).toBe(5);
      expect(await isLive(token)).toBe(true);
    });

    it('are not valid when the database cannot tell', async () => {
      const broken = { ...database, query: () => Promise.reject(new Error('no connection')) };
      await expect(
        sessions({ database: broken, keyring, clock: { now: () => new Date(now) } }).find('A'.repeat(43)),
      ).rejects.toThrow('no connection');
    });

    describe('whose account lost access', () => {
      const event = (type: string, revision: number) => ({ type, revision }) as RecordedEvent;

      it('end at once when they began before, and go on when they began with or after it', async () => {
        const [before, causing, after] = [
          await begin({ revision: 4 }),
          await begin({ revision: 5 }),
          await begin({ revision: 6 }),
        ];
        await epochs.raise({ ...ada, revision: 5 });
        expect([await isLive(before), await isLive(causing), await isLive(after)]).toEqual([false, true, true]);
      });

      it('stay as they are without the check of the epoch, which shows that it is the check that ends them', async () => {
        const token = await begin({ revision: 4 });
        await epochs.raise({ ...ada, revision: 5 });
        expect(
          (await database.query('select from identity.sessions where expires_at > $1', [new Date(now)])).rowCount,
        ).toBe(1);
        expect(await isLive(token)).toBe(false);
      });

      it('do not come back: an epoch never falls', async () => {
        await epochs.raise({ ...ada, revision: 5 });
        await epochs.raise({ ...ada, revision: 2 });
        await Promise.all([7, 9, 8].map((revision) => epochs.raise({ ...ada, revision })));
        expect(await epochs.current(ada)).toBe(9);
        expect(await epochs.current(adaElsewhere)).toBe(-1);
        expect(await isLive(await begin({ ...adaElsewhere, revision: 0 }))).toBe(true);
      });

      it('end because of revocations, deactivation and a lost identity, and of nothing else', async () => {
        await epochs.raiseIfReduced(ada, [event('UserProvisioned', 0), event('RolesAssigned', 1)]);
        expect(await epochs.current(ada)).toBe(-1);
        await epochs.raiseIfReduced(ada, [event('AccessRevoked', 2), event('RolesAssigned', 3)]);
        expect(await epochs.current(ada)).toBe(2);
        await epochs.raiseIfReduced(ada, [event('UserDeactivated', 4)]);
        expect(await epochs.current(ada)).toBe(4);
        await epochs.raiseIfReduced(ada, [event('IdentityUnlinked', 5)]);
        expect(await epochs.current(ada)).toBe(5);
      });

      it('end also when the process that revoked died before it could say so', async () => {
        const token = await begin({ revision: 1 });
        const stream = streamName({ category: 'account', tenant: ada.tenant, id: ada.account });
        const metadata = {
          actor: { kind: 'system', id: 'test' },
          commandId: id('c'),
          commandDigest: '',
          correlationId: 'r',
        } as const;
        const recorded = (type: string) => ({
          id: id(`event ${type}`),
          type,
          schemaVersion: 1,
          recordedAt: new Date(now).toISOString(),
          data: {},
          metadata,
        });
        await store.append(
          stream,
          -1,
          ['UserProvisioned', 'RolesAssigned', 'AccessRevoked', 'RolesAssigned2'].map(recorded),
        );
        const follower = accessEpochsFollower({ database, store, onFailure: (error) => expect(error).toBeUndefined() });
        await Promise.all([follower.catchUp(), follower.catchUp()]);
        expect(await epochs.current(ada)).toBe(2);
        expect(await isLive(token)).toBe(false);
      });
    });
  });
});
