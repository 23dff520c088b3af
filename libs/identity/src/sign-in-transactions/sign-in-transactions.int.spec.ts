import { type Database, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ephemeralKeyring } from '#libs/vault';
import { identityMigrations } from '../identity.migrations.js';
import {
  AssertionReplayedError,
  type AssertionReplays,
  type AssertionUse,
  assertionReplays,
} from './assertion-replays.js';
import {
  MAX_RETURN_TO_LENGTH,
  type SignInTransactions,
  signInTransactions,
  TRANSACTION_LIFETIME_MS,
  TRIM_EVERY,
} from './sign-in-transactions.js';

const START = Date.parse('2026-03-01T12:00:00.000Z');
const HOUR = 3_600_000;
const COMMAND = '8a1f4f0e-1f53-4a0e-8a7e-7f1c52f1a004';

onEveryDatabase((open) => {
  describe('a sign-in under way', () => {
    let opened: TestDatabase;
    let database: Database;
    let now: number;
    let transactions: SignInTransactions;
    let replays: AssertionReplays;
    const clock = { now: () => new Date(now) };

    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, identityMigrations);
      transactions = signInTransactions({ database, clock });
      replays = assertionReplays({ database, keyring: ephemeralKeyring(), clock });
    }, 60_000);
    beforeEach(async () => {
      now = START;
      await database.query('truncate identity.sign_in_transactions, identity.assertion_replays');
    });
    afterAll(() => opened.drop());

    const begin = (connection = 'okta') => transactions.open({ connection, returnTo: '/me' });
    const count = async (table: string) => (await database.query(`select from identity.${table}`)).rowCount;

    describe('belongs to a browser', () => {
      it('that shows the token which it was given', async () => {
        const { token, ...begun } = await begin();
        expect(await transactions.find({ id: begun.id, token, connection: 'okta' })).toEqual(begun);
        expect(begun).toMatchObject({
          connection: 'okta',
          returnTo: '/me',
          requestId: expect.stringMatching(/^_[A-Za-z0-9_-]{22}$/),
        });
        const { rows } = await database.query<{ dump: string }>(
          'select t::text as dump from identity.sign_in_transactions t',
        );
        expect(rows[0]?.dump).not.toContain(token);
      });

      it('and to no other: not with the token of another tab, another connection, or no token at all', async () => {
        const [mine, other] = [await begin(), await begin()];
        const asked = { id: mine.id, token: mine.token, connection: 'okta' };
        expect(await transactions.find({ ...asked, token: other.token })).toBeNull();
        expect(await transactions.find({ ...asked, connection: 'entra' })).toBeNull();
        expect(await transactions.find({ ...asked, token: '' })).toBeNull();
        expect(await transactions.find({ ...asked, id: other.id })).toBeNull();
        expect(await transactions.find(asked)).not.toBeNull();
      });

      it('for ten minutes, and until it is closed', async () => {
        const [one, two] = [await begin(), await begin()];
        await transactions.close(one.id);
        await transactions.close(one.id);
        expect(await transactions.find({ ...one })).toBeNull();
        now += TRANSACTION_LIFETIME_MS - 1;
        expect(await transactions.find({ ...two })).not.toBeNull();
        now += 1;
        expect(await transactions.find({ ...two })).toBeNull();
        expect(await transactions.sweep()).toBe(1);
        expect(await count('sign_in_transactions')).toBe(0);
      });

      it('and once, where its answer may be tried once: of two who take it, one gets it', async () => {
        const { token, ...begun } = await begin();
        const asked = { id: begun.id, token, connection: 'okta' };
        expect(await transactions.take({ ...asked, connection: 'entra' })).toBeNull();
        expect(await transactions.take({ ...asked, token: (await begin()).token })).toBeNull();
        const taken = await Promise.all([transactions.take(asked), transactions.take(asked)]);
        expect(taken.filter((one) => one !== null)).toEqual([begun]);
        expect(await transactions.find(asked)).toBeNull();
      });

      it('and not longer than ten minutes, also where it is taken', async () => {
        const { token, id } = await begin();
        now += TRANSACTION_LIFETIME_MS;
        expect(await transactions.take({ id, token, connection: 'okta' })).toBeNull();
      });

      it('and says for which set-up link it tries the connection out', async () => {
        const testOf = '8a1f4f0e-1f53-4a0e-8a7e-7f1c52f1a005';
        const { token, id } = await transactions.open({ connection: 'okta', returnTo: '/setup/x', testOf });
        expect(await transactions.find({ id, token, connection: 'okta' })).toMatchObject({ testOf });
        expect(await begin()).toMatchObject({ testOf: null });
      });

      it('and says whether another site led there', async () => {
        const { token, id } = await transactions.open({ connection: 'okta', returnTo: '/me', crossSite: true });
        expect(await transactions.take({ id, token, connection: 'okta' })).toMatchObject({ crossSite: true });
        expect(await begin()).toMatchObject({ crossSite: false });
      });

      it('and returns to a path of bounded length', async () => {
        await transactions.open({
          connection: 'okta',
          returnTo: `/${'x'.repeat(MAX_RETURN_TO_LENGTH - 1)}`,
          testOf: null,
        });
        await expect(
          transactions.open({ connection: 'okta', returnTo: `/${'x'.repeat(MAX_RETURN_TO_LENGTH)}` }),
        ).rejects.toThrow(RangeError);
      });
    });

    it('does not fill the database: the oldest of a connection make room, those of others stay', async () => {
      const few = signInTransactions({ database, clock, perConnection: 20 });
      const elsewhere = await few.open({ connection: 'entra', returnTo: '/' });
      const begun = [];
      for (let n = 0; n < 2 * TRIM_EVERY; n++) begun.push(await few.open({ connection: 'okta', returnTo: '/' }));
      expect(await count('sign_in_transactions')).toBe(21);
      const found = await Promise.all(begun.slice(-21).map((one) => few.find(one)));
      expect(found.map((one) => one !== null)).toEqual([false, ...Array.from({ length: 20 }, () => true)]);
      expect(await few.find(elsewhere)).not.toBeNull();
    });

    describe('uses an assertion', () => {
      const use = (changes: Partial<AssertionUse> = {}): AssertionUse => ({
        connection: 'okta',
        assertionId: '_a1',
        commandId: COMMAND,
        transactionId: 't1',
        expiresAt: new Date(START + HOUR).toISOString(),
        ...changes,
      });

      it('once, and is resumed by its own browser until it is finished', async () => {
        expect(await replays.begin(use())).toBe('new');
        expect(await replays.begin(use())).toBe('resume');
        await expect(replays.begin(use({ transactionId: 't2' }))).rejects.toThrow(AssertionReplayedError);
        await expect(replays.begin(use({ transactionId: null }))).rejects.toThrow(AssertionReplayedError);
        await replays.finish(use());
        await replays.finish(use());
        await expect(replays.begin(use())).rejects.toThrow(AssertionReplayedError);
      });

      it('once, without being resumed, when the identity provider began it', async () => {
        expect(await replays.begin(use({ transactionId: null }))).toBe('new');
        await expect(replays.begin(use({ transactionId: null }))).rejects.toThrow(AssertionReplayedError);
      });

      it('which is another one in another connection', async () => {
        expect(await replays.begin(use())).toBe('new');
        expect(await replays.begin(use({ connection: 'entra' }))).toBe('new');
      });

      it('in one of 32 browsers that post it at once', async () => {
        const posts = Array.from({ length: 32 }, (_, n) => replays.begin(use({ transactionId: `t${n}` })));
        const settled = await Promise.allSettled(posts);
        expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });

      it('and remembers it for longer than it could be accepted', async () => {
        await replays.begin(use());
        now = START + 2 * HOUR - 1;
        expect(await replays.sweep()).toBe(0);
        await expect(replays.begin(use({ transactionId: 't2' }))).rejects.toThrow(AssertionReplayedError);
        now += 1;
        expect(await replays.sweep()).toBe(1);
      });

      it('and keeps no trace of its id', async () => {
        await replays.begin(use({ assertionId: '_secretive' }));
        const { rows } = await database.query<{ dump: string }>(
          'select r::text as dump from identity.assertion_replays r',
        );
        expect(rows[0]?.dump).not.toContain('secretive');
      });
    });
  });
});
