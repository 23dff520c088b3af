import type { Adapter } from 'oidc-provider';
import { v5 as uuidv5 } from 'uuid';
import { type Database, migrate } from '#libs/database';
import { accessEpochs, identityMigrations } from '#libs/identity';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ephemeralKeyring } from '#libs/vault';
import {
  type ApplicationGrants,
  applicationGrants,
  type FoundGrant,
  idHash,
  ROWS_AT_A_TIME,
} from './application-grants.js';
import { openidProviderMigrations } from './openid-provider.migrations.js';
import { storedItems } from './stored-items.js';

const id = (name: string) => uuidv5(name, '2b8a3d6e-0f5c-4f6f-9d0e-6d6c1f0b7a54');
const START = Date.parse('2026-03-01T12:00:00.000Z');
const HOUR = 3_600_000;
const GRANT = 'g'.repeat(43);
const TOKEN = 't'.repeat(43);

const given = {
  tenant: 'acme',
  account: id('ada'),
  client: 'crm',
  connection: 'okta',
  revision: 3,
  signIn: id('evidence'),
  terms: { rolesOf: 'crm', admitWithoutRole: false, requireAuthenticationContext: ['mfa'] },
};
const payload = {
  kind: 'AccessToken',
  accountId: id('ada'),
  clientId: 'crm',
  grantId: GRANT,
  scope: 'openid',
  jti: TOKEN,
};
const revocation = { cause: id('revoked'), code: 'access-revoked', signalledAt: new Date(START) } as const;

// Method: the protocol engine's adapter is used as the engine uses it; what is in the tables is read beside it.
onEveryDatabase((open) => {
  describe('what the OpenID provider keeps', () => {
    let opened: TestDatabase;
    let database: Database;
    let grants: ApplicationGrants;
    let now: number;
    let asked: FoundGrant[];
    let stands: (grant: FoundGrant) => Promise<boolean>;
    const clock = { now: () => new Date(now) };
    const keyring = ephemeralKeyring();
    const reused = () => new Error('used before');
    const model = (name: string): Adapter =>
      storedItems(name, {
        database,
        keyring,
        clock,
        reused,
        endReused: (grantHash) => grants.endReused(grantHash),
        stands: (grant) => {
          asked.push(grant);
          return stands(grant);
        },
      });

    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, [...identityMigrations, ...openidProviderMigrations]);
      grants = applicationGrants({ database, clock });
    }, 60_000);
    beforeEach(async () => {
      now = START;
      asked = [];
      stands = async () => true;
      await database.query('truncate openid_provider.items, openid_provider.grants, identity.access_epochs');
    });
    afterAll(() => opened.drop());

    const openGrant = (grantId = GRANT, changes = {}) =>
      grants.open(grantId, { ...given, ...changes }, new Date(START + 12 * HOUR));
    const dump = async () => {
      const { rows } = await database.query<{ text: string }>(
        `select string_agg(t, ' ') as text from (select i::text as t from openid_provider.items i
           union all select g::text from openid_provider.grants g) all_rows`,
      );
      return rows[0]?.text ?? '';
    };

    it('is found again as it was, until it expires', async () => {
      await openGrant();
      await model('AccessToken').upsert(TOKEN, payload, 3600);
      expect(await model('AccessToken').find(TOKEN)).toEqual(payload);
      now += HOUR - 1;
      expect(await model('AccessToken').find(TOKEN)).toBeDefined();
      now += 1;
      expect(await model('AccessToken').find(TOKEN)).toBeUndefined();
    });

    it('cannot be presented by whoever reads the tables: ids are hashed, contents encrypted', async () => {
      await openGrant();
      await model('AccessToken').upsert(TOKEN, { ...payload, nonce: 'a-nonce' }, 3600);
      await model('Session').upsert('s'.repeat(43), { uid: 'u'.repeat(43), accountId: id('ada') }, 3600);
      const text = await dump();
      for (const secret of [TOKEN, GRANT, 's'.repeat(43), 'u'.repeat(43), 'a-nonce', 'openid'])
        expect(text).not.toContain(secret);
      expect(text).toContain(idHash(TOKEN));
    });

    it('is bound to its place: a row moved to another id is not read', async () => {
      await openGrant();
      await model('AccessToken').upsert(TOKEN, payload, 3600);
      await database.query('update openid_provider.items set id_hash = $1', [idHash('x'.repeat(43))]);
      await expect(model('AccessToken').find('x'.repeat(43))).rejects.toThrow();
    });

    it('finds sessions by their other name', async () => {
      await model('Session').upsert('one', { uid: 'other', accountId: id('ada') }, 3600);
      expect(await model('Session').findByUid('other')).toEqual({ uid: 'other', accountId: id('ada') });
      expect(await model('Session').findByUid('one')).toBeUndefined();
    });

    it('is consumed once; of two at the same moment one is refused, and everything under the grant is gone', async () => {
      await openGrant();
      await model('AccessToken').upsert(TOKEN, payload, 3600);
      await model('AuthorizationCode').upsert('code', { grantId: GRANT }, 60);
      const both = await Promise.allSettled([1, 2].map(() => model('AuthorizationCode').consume('code')));
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await model('AccessToken').find(TOKEN)).toBeUndefined();
      const [ended, ...others] = await grants.ended();
      expect([ended, others]).toEqual([expect.objectContaining({ grantHash: idHash(GRANT), code: 'reused' }), []]);
    });

    it('shows that it was consumed', async () => {
      await openGrant();
      await model('AuthorizationCode').upsert('code', { grantId: GRANT }, 60);
      await model('AuthorizationCode').consume('code');
      expect(await model('AuthorizationCode').find('code')).toEqual({
        grantId: GRANT,
        jti: 'code',
        consumed: START / 1000,
      });
    });

    it('goes by model, by id and by grant', async () => {
      await openGrant();
      await model('AccessToken').upsert(TOKEN, payload, 3600);
      await model('RefreshToken').upsert('refresh', { grantId: GRANT }, 3600);
      await model('AccessToken').revokeByGrantId(GRANT);
      expect(await model('AccessToken').find(TOKEN)).toBeUndefined();
      expect(await model('RefreshToken').find('refresh')).toBeDefined();
      await model('RefreshToken').destroy('refresh');
      expect(await model('RefreshToken').find('refresh')).toBeUndefined();
    });

    describe('under what an application was given', () => {
      it.each(['Grant', 'AuthorizationCode', 'AccessToken', 'RefreshToken'])(
        '%s is nothing without it',
        async (name) => {
          const adapter = model(name);
          await adapter.upsert(GRANT, { grantId: GRANT }, 3600);
          expect(await adapter.find(GRANT)).toBeUndefined();
          await openGrant();
          expect(await adapter.find(GRANT)).toBeDefined();
        },
      );

      it('asks at every use whether it stands, with the epoch of the account as of that moment', async () => {
        await openGrant();
        await model('AccessToken').upsert(TOKEN, payload, 3600);
        await model('AccessToken').find(TOKEN);
        await accessEpochs(database).raise({ tenant: 'acme', account: given.account, revision: 7 });
        await model('AccessToken').find(TOKEN);
        expect(asked.map(({ revision, epoch }) => [revision, epoch])).toEqual([
          [3, -1],
          [3, 7],
        ]);
        expect(asked[0]).toMatchObject({ ...given, grantHash: idHash(GRANT) });
      });

      it('is not found when it does not stand, and throws when that cannot be told', async () => {
        await openGrant();
        await model('AccessToken').upsert(TOKEN, payload, 3600);
        stands = async () => false;
        expect(await model('AccessToken').find(TOKEN)).toBeUndefined();
        stands = () => Promise.reject(new Error('no store'));
        await expect(model('AccessToken').find(TOKEN)).rejects.toThrow('no store');
      });

      it('ends with it: codes and tokens are deleted, and the end waits to be recorded', async () => {
        await openGrant();
        await openGrant('another', { account: id('bob') });
        await grants.nameSession(GRANT, 'sid-1');
        await model('AccessToken').upsert(TOKEN, payload, 3600);
        await model('AccessToken').upsert('bobs', { grantId: 'another' }, 3600);
        expect(await grants.end({ grants: [idHash(GRANT)] }, revocation)).toBe(1);
        expect(await grants.end({ grants: [idHash(GRANT)] }, revocation)).toBe(0);
        expect(await model('AccessToken').find(TOKEN)).toBeUndefined();
        expect(await model('AccessToken').find('bobs')).toBeDefined();
        const [ended, ...others] = await grants.ended();
        expect(others).toEqual([]);
        expect(ended).toMatchObject({ ...given, ...revocation, sid: 'sid-1', endedAt: new Date(START) });
        await grants.forget([idHash(GRANT)]);
        expect(await grants.ended()).toEqual([]);
      });

      it('cannot be used again by a token that is stored after the end', async () => {
        await openGrant();
        await grants.end({ client: 'crm' }, revocation);
        await model('AccessToken').upsert(TOKEN, payload, 3600);
        expect(await model('AccessToken').find(TOKEN)).toBeUndefined();
      });

      it.each([
        ['a client', { client: 'crm' }, [GRANT, 'b']],
        ['a sign-in', { signIns: [given.signIn] }, [GRANT]],
        ['several sign-ins', { signIns: [given.signIn, id('third')] }, [GRANT, 'c']],
        ['how a client was given it', { client: 'crm', given: { connection: 'okta', terms: given.terms } }, [GRANT]],
        ['a connection', { tenant: 'acme', connection: 'okta' }, [GRANT, 'c']],
        ['an account at a connection', { tenant: 'acme', connection: 'okta', account: id('carl') }, ['c']],
      ] as const)('ends by %s, and no others', async (_what, which, gone) => {
        await openGrant();
        await openGrant('b', { signIn: id('other'), connection: 'entra' });
        await openGrant('c', { signIn: id('third'), client: 'wiki', account: id('carl') });
        await openGrant('d', { signIn: id('fourth'), client: 'their-crm', tenant: 'globex' });
        await grants.end(which, revocation);
        const ended = (await grants.ended()).map(({ grantHash }) => grantHash);
        expect(ended.sort()).toEqual(gone.map(idHash).sort());
      });

      it('is found by account, open ones only', async () => {
        await openGrant();
        await openGrant('b', { client: 'wiki' });
        await openGrant('c', { tenant: 'globex' });
        await grants.end({ client: 'wiki' }, revocation);
        expect((await grants.ofAccount(given)).map(({ client }) => client)).toEqual(['crm']);
        now += 12 * HOUR;
        expect(await grants.ofAccount(given)).toEqual([]);
      });

      it('says how a client was given what it has, each way once, and is found by its own name', async () => {
        await openGrant();
        await openGrant('b', { account: id('carl') });
        const terms = { ...given.terms, admitWithoutRole: true };
        await openGrant('c', { terms });
        await openGrant('d', { client: 'wiki' });
        const ways = await grants.givingsOf('crm');
        expect(ways).toHaveLength(2);
        expect(ways).toEqual(
          expect.arrayContaining([
            { connection: 'okta', terms: given.terms },
            { connection: 'okta', terms },
          ]),
        );
        expect((await grants.openAmong(['b', 'nothing'])).map(({ account }) => account)).toEqual([id('carl')]);
      });

      it('moves on to a later revision, never back', async () => {
        await openGrant();
        await grants.stands(idHash(GRANT), 9);
        await grants.stands(idHash(GRANT), 5);
        expect((await grants.ofAccount(given))[0]?.revision).toBe(9);
      });
    });

    it('is swept when expired, a bounded number at a time', async () => {
      await openGrant();
      await database.query(
        `insert into openid_provider.items select 'AccessToken', 'h' || n, null, null, 'x', null, $1 from generate_series(1, $2::int) n`,
        [new Date(START), ROWS_AT_A_TIME + 5],
      );
      expect(await grants.sweep()).toBe(ROWS_AT_A_TIME);
      expect(await grants.sweep()).toBe(5);
      now += 13 * HOUR;
      expect(await grants.sweep()).toBe(1);
    });
  });
});
