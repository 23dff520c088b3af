import { v5 as uuidv5 } from 'uuid';
import { type Database, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ephemeralKeyring } from '#libs/vault';
import { identityMigrations } from '../identity.migrations.js';
import {
  AccountExistsUnlinkedError,
  IdentityKeysBehindError,
  IdentityKeyTakenError,
  IdentityValueError,
  UsernameTakenError,
} from './identity-keys.errors.js';
import { CLAIM_LIFETIME_MS, type IdentityKeys, identityKeys, type ResolveRequest } from './identity-keys.js';
import { deleteStaleClaims } from './identity-keys.queries.js';

const NAMESPACE = '8a1f4f0e-1f53-4a0e-8a7e-7f1c52f1a001';
const id = (name: string) => uuidv5(name, NAMESPACE);
const START = Date.parse('2026-03-01T12:00:00.000Z');

let requests = 0;
/** Each request proposes an account id of its own, as each assertion does. */
const signIn = (subject: string, changes: Partial<ResolveRequest> = {}): ResolveRequest => {
  const request = `request ${requests++}`;
  return {
    tenant: 'acme',
    directory: 'staff',
    connection: 'okta',
    subject,
    linking: 'none',
    mayCreate: true,
    userName: `${subject}@acme.example`,
    proposedAccountId: id(`account of ${request}`),
    commandId: id(request),
    ...changes,
  };
};
const accountOf = (resolved: Awaited<ReturnType<IdentityKeys['resolve']>>) =>
  resolved.how === 'none' ? 'none' : resolved.accountId;

onEveryDatabase((open) => {
  describe('identity keys', () => {
    let opened: TestDatabase;
    let database: Database;
    let now: number;
    let caughtUp: boolean;
    let keys: IdentityKeys;

    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, identityMigrations);
      const clock = { now: () => new Date(now) };
      keys = identityKeys({ database, keyring: ephemeralKeyring(), clock, caughtUp: () => caughtUp });
    }, 60_000);
    beforeEach(async () => {
      [now, caughtUp] = [START, true];
      await database.query('truncate identity.keys, identity.accounts');
    });
    afterAll(() => opened.drop());

    const confirmAll = () =>
      database.query(`with confirmed as (update identity.keys set confirmed = true returning tenant, account_id)
                      insert into identity.accounts select distinct tenant, account_id, 'staff' from confirmed on conflict do nothing`);
    const resolveAll = (many: readonly ResolveRequest[]) => Promise.all(many.map((request) => keys.resolve(request)));
    const firstSignIns = (count: number) =>
      Array.from({ length: count }, () => signIn('ada', { verifiedEmail: 'ada@acme.example', externalId: 'e1' }));

    it('give 64 simultaneous first sign-ins of one person one account', async () => {
      const resolved = await resolveAll(firstSignIns(64));
      expect(new Set(resolved.map(accountOf)).size).toBe(1);
      expect((await database.query('select from identity.keys')).rowCount).toBe(4);
    });

    it('need their primary key for that: without it the same sign-ins come out differently', async () => {
      await database.query('alter table identity.keys drop constraint keys_pkey');
      try {
        const settled = await Promise.allSettled(firstSignIns(64).map((request) => keys.resolve(request)));
        const outcomes = settled.map((one) => (one.status === 'fulfilled' ? accountOf(one.value) : one.reason.code));
        expect(new Set(outcomes).size).toBeGreaterThan(1);
      } finally {
        await database.query('truncate identity.keys');
        await database.query(
          'alter table identity.keys add constraint keys_pkey primary key (tenant, directory, kind, key_hmac)',
        );
      }
    });

    it('give 40 people who sign in at once, four times each, an account each', async () => {
      const people = Array.from({ length: 160 }, (_, n) => signIn(`person ${n % 40}`));
      const accounts = (await resolveAll(people)).map(accountOf);
      expect(new Set(accounts).size).toBe(40);
      expect(accounts).toEqual(accounts.map((_, n) => accounts[n % 40]));
    });

    it('let one of two subjects with one user name in, whoever comes first', async () => {
      const both = await Promise.allSettled(
        ['s1', 's2'].map((subject) => keys.resolve(signIn(subject, { userName: 'Ada' }))),
      );
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const [refused] = both.filter((one) => one.status === 'rejected');
      expect(refused?.reason).toBeInstanceOf(AccountExistsUnlinkedError);
    });

    it('complete the claim of a request that died, whichever request comes next', async () => {
      const first = await keys.resolve(signIn('ada'));
      const next = await keys.resolve(signIn('ada'));
      expect(next).toEqual({ accountId: accountOf(first), how: 'new', directory: 'staff' });
    });

    it('keep tenants, directories and connections apart', async () => {
      const same = { userName: 'ada' };
      const resolved = await resolveAll([
        signIn('ada', same),
        signIn('ada', { ...same, tenant: 'globex' }),
        signIn('ada', { ...same, directory: 'partners', connection: 'entra' }),
      ]);
      expect(new Set(resolved.map(accountOf)).size).toBe(3);
      await expect(keys.resolve(signIn('ada', { ...same, connection: 'entra-2' }))).rejects.toThrow(
        AccountExistsUnlinkedError,
      );
    });

    it('find a link whatever directory its connection provisions into by now', async () => {
      const first = await keys.resolve(signIn('ada'));
      await confirmAll();
      expect(accountOf(await keys.resolve(signIn('ada', { directory: 'partners' })))).toBe(accountOf(first));
    });

    it('compare names in the directory where the account of a linked person lives, not where a new one would be made', async () => {
      const [ada, bob] = [await keys.resolve(signIn('ada')), await keys.resolve(signIn('bob'))];
      await keys.resolve(signIn('eve', { directory: 'partners', userName: 'countess' }));
      await confirmAll();
      const elsewhere = { directory: 'partners' };
      expect(await keys.resolve(signIn('ada', { ...elsewhere, userName: 'countess' }))).toEqual({
        how: 'link',
        accountId: accountOf(ada),
        directory: 'staff',
      });
      await expect(keys.resolve(signIn('bob', { ...elsewhere, userName: 'countess' }))).rejects.toThrow(
        UsernameTakenError,
      );
      expect(accountOf(bob)).not.toBe(accountOf(ada));
    });

    it('compare user names without case, subjects and external ids exactly', async () => {
      await keys.resolve(signIn('ada', { userName: 'Ada', externalId: 'X1' }));
      await expect(keys.resolve(signIn('ADA', { userName: 'aDA' }))).rejects.toThrow(AccountExistsUnlinkedError);
      expect((await keys.resolve(signIn('ADA', { userName: 'other', externalId: 'x1' }))).how).toBe('new');
    });

    it('link by rule, claim the link, and know it the next time', async () => {
      const ada = await keys.resolve(signIn('ada', { verifiedEmail: 'ada@acme.example' }));
      await confirmAll();
      const second = signIn('ada-2', {
        connection: 'entra',
        userName: undefined,
        verifiedEmail: 'ADA@acme.example',
        linking: 'verifiedEmail',
      });
      expect(await keys.resolve(second)).toEqual({
        accountId: accountOf(ada),
        how: 'linked-by-rule',
        directory: 'staff',
      });
      await confirmAll();
      expect(await keys.resolve({ ...second, linking: 'none' })).toEqual({
        accountId: accountOf(ada),
        how: 'link',
        directory: 'staff',
      });
    });

    it('refuse a changed user name that another account holds, and say which to administrators only', async () => {
      const ada = accountOf(await keys.resolve(signIn('ada')));
      const bob = accountOf(await keys.resolve(signIn('bob')));
      await confirmAll();
      const error = await keys
        .resolve(signIn('bob', { userName: 'ada@acme.example' }))
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UsernameTakenError);
      expect(error).toMatchObject({ code: 'username-taken', account: bob, holder: ada });
      expect((error as Error).message).not.toContain(ada);
    });

    it('hold old and new user name from the claim until the change is recorded', async () => {
      const ada = accountOf(await keys.resolve(signIn('ada', { userName: 'ada' })));
      await confirmAll();
      expect(await keys.resolve(signIn('ada', { userName: 'countess' }))).toEqual({
        accountId: ada,
        how: 'link',
        directory: 'staff',
      });
      for (const userName of ['ada', 'countess']) {
        await expect(keys.resolve(signIn('eve', { userName }))).rejects.toThrow(AccountExistsUnlinkedError);
      }
    });

    describe('against somebody who makes an account for a person who is still to come', () => {
      const squatter = { connection: 'forum', userName: 'mallory' };
      const hers = { userName: 'ada@acme.example', verifiedEmail: 'ada@acme.example' };
      const byAddress = { ...hers, linking: 'verifiedEmail' as const };

      it('hold no address that was not verified: its owner gets an account of their own', async () => {
        const theirs = await keys.resolve(signIn('mallory', { ...squatter, unverifiedEmail: 'ada@acme.example' }));
        await confirmAll();
        const ada = await keys.resolve(signIn('ada', byAddress));
        expect(ada.how).toBe('new');
        expect(accountOf(ada)).not.toBe(accountOf(theirs));
      });

      it('but lead to an account that has it verified, and let nobody else come with it unverified', async () => {
        const ada = await keys.resolve(signIn('ada', hers));
        await confirmAll();
        const elsewhere = signIn('ada-1', { ...byAddress, connection: 'entra', userName: 'a.okafor' });
        expect(accountOf(await keys.resolve(elsewhere))).toBe(accountOf(ada));
        const late = signIn('mallory', { ...squatter, unverifiedEmail: 'ADA@acme.example', linking: 'verifiedEmail' });
        await expect(keys.resolve(late)).rejects.toThrow(AccountExistsUnlinkedError);
      });

      it('lead nobody into an account that took their name: without a rule that may link they are refused', async () => {
        await keys.resolve(signIn('mallory', { ...squatter, userName: 'ada@acme.example' }));
        await confirmAll();
        await expect(keys.resolve(signIn('ada', hers))).rejects.toThrow(AccountExistsUnlinkedError);
        await expect(keys.resolve(signIn('ada', byAddress))).rejects.toThrow(AccountExistsUnlinkedError);
      });
    });

    it('claim nothing where the connection makes no accounts', async () => {
      expect(await keys.resolve(signIn('ada', { mayCreate: false }))).toEqual({ how: 'none' });
      expect((await database.query('select from identity.keys')).rowCount).toBe(0);
    });

    it('renew a claim that a request relies on, so that the sweep leaves it', async () => {
      const first = accountOf(await keys.resolve(signIn('ada')));
      now += CLAIM_LIFETIME_MS - 1;
      expect(accountOf(await keys.resolve(signIn('ada')))).toBe(first);
      now += 2;
      expect(await deleteStaleClaims(database, new Date(now - CLAIM_LIFETIME_MS))).toBe(0);
      now += CLAIM_LIFETIME_MS;
      expect(await deleteStaleClaims(database, new Date(now - CLAIM_LIFETIME_MS))).toBe(2);
    });

    describe('given to an account by hand', () => {
      const claim = (account: string, changes = {}) =>
        keys.claimFor({
          tenant: 'acme',
          directory: 'staff',
          accountId: id(account),
          commandId: id(`make ${account}`),
          ...changes,
        });
      const links = [{ connection: 'okta', subject: 'ada' }];

      it('let that person sign in to it', async () => {
        await claim('ada', { userName: 'ada', links: [...links, ...links] });
        await claim('ada', { userName: 'ada', links });
        expect(await keys.resolve(signIn('ada', { userName: 'ada', mayCreate: false }))).toEqual({
          accountId: id('ada'),
          how: 'new',
          directory: 'staff',
        });
      });

      it.each([
        ['user-name-taken', { userName: 'ADA' }],
        ['external-id-taken', { externalId: 'e1' }],
        ['email-taken', { verifiedEmail: 'ada@acme.example' }],
        ['link-taken', { links }],
      ])('are refused with %s when another account holds them, and nothing is claimed', async (code, taken) => {
        await claim('ada', { userName: 'ada', externalId: 'e1', verifiedEmail: 'ada@acme.example', links });
        const error = await claim('bob', { userName: 'bob', ...taken }).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(IdentityKeyTakenError);
        expect(error).toMatchObject({ code, details: { account: id('ada') } });
        expect((await database.query('select from identity.keys where account_id = $1', [id('bob')])).rowCount).toBe(0);
      });

      it('go to one of two administrators who give them away at once', async () => {
        const both = await Promise.allSettled([
          claim('ada', { userName: 'x', links }),
          claim('bob', { userName: 'x', links }),
        ]);
        expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      });
    });

    describe('before the whole log is read', () => {
      beforeEach(async () => {
        await keys.resolve(signIn('ada'));
        await confirmAll();
        caughtUp = false;
      });

      it('let in whom they know for certain', async () => {
        expect((await keys.resolve(signIn('ada'))).how).toBe('link');
      });

      it.each([
        ['make an account', () => keys.resolve(signIn('new'))],
        ['say that there is none', () => keys.resolve(signIn('new', { mayCreate: false }))],
        ['change a name', () => keys.resolve(signIn('ada', { userName: 'countess' }))],
        ['link by rule', () => keys.resolve(signIn('x', { userName: 'ada@acme.example', linking: 'userName' }))],
        [
          'give keys by hand',
          () =>
            keys.claimFor({
              tenant: 'acme',
              directory: 'staff',
              accountId: id('b'),
              commandId: id('c'),
              userName: 'b',
            }),
        ],
      ])('do not %s', async (_, attempt) => {
        await expect(attempt()).rejects.toThrow(IdentityKeysBehindError);
        expect((await database.query('select from identity.keys')).rowCount).toBe(2);
      });
    });

    it.each(['', '[erased]', '[withheld]', '\ud800', 'x'.repeat(8193)])(
      'refuse %j, which identifies nobody, quoting nothing',
      async (value) => {
        await expect(keys.resolve(signIn(value, { userName: 'ada' }))).rejects.toThrow(IdentityValueError);
        await expect(keys.resolve(signIn('ada', { userName: value }))).rejects.toThrow(IdentityValueError);
      },
    );

    it('hold nothing that a person could be known by', async () => {
      await keys.resolve(signIn('lovelace', { verifiedEmail: 'lovelace@acme.example', externalId: 'employee-no' }));
      const { rows } = await database.query<{ dump: string }>('select k::text as dump from identity.keys k');
      expect(rows).toHaveLength(4);
      for (const { dump } of rows) expect(dump).not.toMatch(/lovelace|acme\.example|employee/);
    });
  });
});
