/** Sessions as their source names them: found again by what it says, ended exactly, and readable by nobody who has the database alone. */
import { v5 as uuidv5 } from 'uuid';
import { type Database, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ephemeralKeyring } from '#libs/vault';
import { identityMigrations } from '../identity.migrations.js';
import { type SessionStart, type Sessions, sessions } from './sessions.js';
import { ID_TOKEN_HINT_MAX, type NamedSessions, SIGN_INS_MAX, type SourceSession } from './source-session.js';

const id = (name: string) => uuidv5(name, '8a1f4f0e-1f53-4a0e-8a7e-7f1c52f1a003');
const START = Date.parse('2026-03-01T12:00:00.000Z');
const [ADA, BOB] = [id('ada'), id('bob')];

onEveryDatabase((open) => {
  describe('sessions of a source', () => {
    let opened: TestDatabase;
    let database: Database;
    let now: number;
    let live: Sessions;
    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, identityMigrations);
      live = sessions({ database, keyring: ephemeralKeyring(), clock: { now: () => new Date(now) } });
    }, 60_000);
    beforeEach(async () => {
      now = START;
      await database.query('truncate identity.sessions');
    });
    afterAll(() => opened.drop());

    const source = (subject: string, sessionIndex: string | null, idToken: string | null = null): SourceSession => ({
      subject: { value: subject, format: 'persistent' },
      sessionIndex,
      idToken,
    });
    const begin = async (atSource: SourceSession, changes: Partial<SessionStart> = {}) => {
      const account = atSource.subject.value === 'bob' ? BOB : ADA;
      const how = { revision: 0, signIn: null, idleSeconds: 3600, maxSeconds: 7200, notOnOrAfter: null, atSource };
      return (await live.start({ tenant: 'acme', account, connection: 'okta', ...how, ...changes })).token;
    };
    const named = (changes: Partial<NamedSessions>): NamedSessions => ({
      ...{ tenant: 'acme', connection: 'okta', account: null, subject: null, sessionIndexes: [], begunBy: null },
      ...changes,
    });
    const alive = async (...tokens: string[]) =>
      Promise.all(tokens.map(async (token) => (await live.find(token)) !== null));

    it('are remembered as the source called them, and not in clear', async () => {
      const token = await begin(source('ada@acme.example', 'index-1', 'head.claims.signature'));
      expect(await live.atSource(token)).toEqual(source('ada@acme.example', 'index-1', 'head.claims.signature'));
      const { rows } = await database.query<{ dump: string }>('select s::text as dump from identity.sessions s');
      for (const secret of ['ada@acme', 'index-1', 'claims.signature']) expect(rows[0]?.dump).not.toContain(secret);
    });

    it('keep no hint that fits into no address', async () => {
      const token = await begin(source('ada', null, 'x'.repeat(ID_TOKEN_HINT_MAX + 1)));
      expect(await live.atSource(token)).toEqual(source('ada', null));
    });

    it('cannot be read from a row that was moved, and are forgotten with their session', async () => {
      const [one, two] = [await begin(source('ada', 'a')), await begin(source('bob', 'b'))];
      await database.query(
        'update identity.sessions set at_source = (select max(at_source) from identity.sessions where account_id = $1)',
        [ADA],
      );
      await expect(live.atSource(two)).rejects.toThrow();
      expect(await live.atSource(one)).toEqual(source('ada', 'a'));
      await live.end(one);
      expect([await live.atSource(one), await live.atSource('unknown')]).toEqual([null, null]);
    });

    it('end by person and index, and no others do', async () => {
      const [one, two, bob, foreign, elsewhere] = [
        await begin(source('ada', 'a')),
        await begin(source('ada', 'b')),
        await begin(source('bob', 'a')),
        await begin(source('ada', 'a'), { tenant: 'globex' }),
        await begin(source('ada', 'a'), { connection: 'entra' }),
      ];
      const first = named({ subject: 'ada', sessionIndexes: ['a', 'x'] });
      expect(await live.accountsOf(first)).toEqual([ADA]);
      expect(await live.endNamed(first)).toEqual([{ account: ADA, sessions: 1, signIns: null }]);
      expect(await alive(one, two, bob, foreign, elsewhere)).toEqual([false, true, true, true, true]);
      expect(await live.endNamed(first)).toEqual([]);
    });

    it('end all of a person when no index is named, and by the index alone when no person is', async () => {
      const tokens = [
        await begin(source('ada', 'a')),
        await begin(source('ada', null)),
        await begin(source('bob', 'c')),
      ];
      expect(await live.endNamed(named({ subject: 'ada' }))).toEqual([{ account: ADA, sessions: 2, signIns: null }]);
      expect(await alive(...tokens)).toEqual([false, false, true]);
      expect(await live.endNamed(named({ sessionIndexes: ['c'] }))).toEqual([
        { account: BOB, sessions: 1, signIns: null },
      ]);
    });

    it('end with any index of their person when the source never named theirs', async () => {
      const [unnamed, another] = [await begin(source('ada', null)), await begin(source('bob', null))];
      await live.endNamed(named({ sessionIndexes: ['a'] }));
      expect(await alive(unnamed, another)).toEqual([true, true]);
      await live.endNamed(named({ subject: 'ada', sessionIndexes: ['a'] }));
      expect(await alive(unnamed, another)).toEqual([false, true]);
    });

    it('end by account, however its person is called', async () => {
      const [one, another] = [await begin(source('ada', 'a')), await begin(source('bob', 'a'))];
      expect(await live.endNamed(named({ account: ADA }))).toEqual([{ account: ADA, sessions: 1, signIns: null }]);
      expect(await alive(one, another)).toEqual([false, true]);
    });

    it('that began after what the source speaks of go on', async () => {
      const before = await begin(source('ada', 'a'));
      now += 1000;
      const after = await begin(source('ada', 'b'));
      await live.endNamed(named({ subject: 'ada', begunBy: new Date(START) }));
      expect(await alive(before, after)).toEqual([false, true]);
    });

    it('tell the sign-ins that they came from, unless one is not known', async () => {
      const [first, second, third] = [id('sign-in-1'), id('sign-in-2'), id('sign-in-3')];
      await begin(source('ada', 'a'), { signIn: first });
      await begin(source('ada', 'b'), { signIn: second });
      await begin(source('ada', 'c'), { signIn: third });
      const [ended] = await live.endNamed(named({ subject: 'ada', sessionIndexes: ['a', 'b'] }));
      expect(ended).toEqual({ account: ADA, sessions: 2, signIns: [first, second].sort() });
      await begin(source('ada', 'd'));
      expect(await live.endNamed(named({ subject: 'ada' }))).toEqual([{ account: ADA, sessions: 2, signIns: null }]);
    });

    it('tell no sign-ins where they are too many to be told apart', async () => {
      const rows = (count: number) =>
        database.query(
          `insert into identity.sessions (id_hash, tenant, account_id, connection, revision, sign_in_event, created_at, idle_seconds, expires_at, ends_at)
           select md5(i::text), 'acme', $1, 'okta', 0, md5(i::text)::uuid, $2, 3600, $3, $3 from generate_series(1, $4::int) i`,
          [ADA, new Date(now), new Date(now + 3_600_000), count],
        );
      const end = async () => (await live.endNamed(named({ account: ADA })))[0]?.signIns;
      await rows(SIGN_INS_MAX);
      expect(await end()).toHaveLength(SIGN_INS_MAX);
      await rows(SIGN_INS_MAX + 1);
      expect(await end()).toBeNull();
    });

    it('that have expired count for nothing', async () => {
      await begin(source('ada', 'a'));
      now += 3_600_000;
      expect(await live.accountsOf(named({ subject: 'ada' }))).toEqual([]);
      expect(await live.endNamed(named({ subject: 'ada' }))).toEqual([]);
    });

    it('are never all of them: somebody or something has to be named', async () => {
      await expect(live.endNamed(named({}))).rejects.toThrow(TypeError);
    });
  });
});
