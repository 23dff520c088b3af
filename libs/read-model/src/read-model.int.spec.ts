import { catalogue } from '#libs/contracts';
import { type Database, migrate } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import {
  absorbed,
  ada,
  assigned,
  at,
  batchOf,
  bo,
  by,
  byHand,
  clearReader,
  confirmed,
  connectionChanged,
  connectionMetadataRefreshed,
  connectionRegistered,
  deactivated,
  grantId,
  historyOf,
  linked,
  merged,
  olga,
  onEveryDatabase,
  person,
  profileUpdated,
  provisioned,
  reactivated,
  revoked,
  roleChanged,
  roleDefined,
  rule,
  signedIn,
  signInRefused,
  storedInClear,
  storeOf,
  type TestDatabase,
  unlinked,
} from '#libs/testing';
import {
  findAccess,
  findAccount,
  findConnectionVersion,
  listAccounts,
  listLinkProposals,
  PROJECTIONS,
  ProjectionRunner,
  readModelMigrations,
  readPosition,
} from './index.js';
import { emptyReadModel } from './read-model.fixture.js';

/** When the facts of a history happen that say nothing else: a minute apart, from eight o'clock on. */
const minute = (n: number) => `2026-03-02T08:${String(n).padStart(2, '0')}:00.000Z`;
const LATER = '2026-04-01T00:00:00.000Z';

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  let test: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    test = await open();
    database = test.database;
    await migrate(database, readModelMigrations);
  });
  afterAll(() => test?.drop());
  beforeEach(() => emptyReadModel(database));

  async function project(events: readonly SealedEvent[]): Promise<void> {
    const stored = storedInClear(events);
    const runner = new ProjectionRunner({
      database,
      sealedEvents: { shared: false, follow: async () => {} },
      store: storeOf(stored),
      reader: clearReader,
      catalogue,
      projections: PROJECTIONS,
    });
    await runner.take(batchOf(stored), { guard: async () => {} });
  }

  const held = async (asOf: string, knownAt = 1_000, who = ada) => {
    const { items } = await findAccess(database, { tenant: 'acme', account: who.account, asOf, knownAt, limit: 50 });
    return items.map(({ role }) => role);
  };
  const accountOf = (who = ada) => findAccount(database, { tenant: 'acme', account: who.account, now: LATER });

  describe('who held what', () => {
    it('is told for every instant, ends excluded', async () => {
      await project(historyOf(provisioned(ada), assigned(ada, 'crm.reader'), revoked(ada, 'crm.reader')));
      expect(await held(minute(0))).toEqual([]);
      expect(await held(minute(1))).toEqual(['crm.reader']);
      expect(await held(minute(2))).toEqual([]);
    });

    it('is told as it was known at a position', async () => {
      await project(historyOf(provisioned(ada), assigned(ada, 'crm.reader'), revoked(ada, 'crm.reader')));
      expect(await held(LATER, 0)).toEqual([]);
      expect(await held(LATER, 1)).toEqual(['crm.reader']);
      expect(await held(LATER, 2)).toEqual([]);
    });

    it('ends exactly at a planned end, without any further event', async () => {
      await project(historyOf(provisioned(ada), assigned(ada, 'crm.admin', byHand(olga), { until: minute(30) })));
      expect(await held('2026-03-02T08:29:59.999Z')).toEqual(['crm.admin']);
      expect(await held(minute(30))).toEqual([]);
    });

    it('ends when a lease ends, wherever sign-ins have moved that to, and was known to end earlier before', async () => {
      await project(
        historyOf(
          provisioned(ada),
          assigned(ada, 'crm.reader', by('okta', 'engineers'), { until: minute(30) }),
          confirmed(ada, 'crm.reader', minute(50)),
        ),
      );
      expect(await held('2026-03-02T08:49:59.999Z')).toEqual(['crm.reader']);
      expect(await held(minute(50))).toEqual([]);
      expect(await held(minute(30), 1)).toEqual([]);
    });

    it('stays ended when a confirmation comes after the end was recorded', async () => {
      await project(
        historyOf(
          provisioned(ada),
          assigned(ada, 'crm.reader'),
          revoked(ada, 'crm.reader'),
          confirmed(ada, 'crm.reader', minute(50)),
        ),
      );
      expect(await held(minute(10))).toEqual([]);
    });

    it('counts only while the account is active', async () => {
      await project(historyOf(provisioned(ada), assigned(ada, 'crm.reader'), deactivated(ada), reactivated(ada)));
      expect(await held(minute(1))).toEqual(['crm.reader']);
      expect(await held(minute(2))).toEqual([]);
      expect(await held(minute(3))).toEqual(['crm.reader']);
      expect(await held(LATER, 2)).toEqual([]);
    });

    it('counts only before the end date of the account', async () => {
      await project(historyOf(provisioned(ada, { expiresAt: minute(20) }), assigned(ada, 'crm.reader')));
      expect(await held('2026-03-02T08:19:59.999Z')).toEqual(['crm.reader']);
      expect(await held(minute(20))).toEqual([]);
    });

    it('shows the role as it was when it was granted, and the name that the account had then', async () => {
      await project(
        historyOf(
          roleDefined('crm.admin', { privileged: true }),
          provisioned(ada),
          assigned(ada, 'crm.admin'),
          roleChanged('crm.admin', { privileged: false }),
          profileUpdated(ada, { userName: 'ada.new@acme.example' }),
        ),
      );
      const [then] = (await findAccess(database, { tenant: 'acme', asOf: LATER, knownAt: 2, limit: 1 })).items;
      const [now] = (await findAccess(database, { tenant: 'acme', asOf: LATER, knownAt: 4, limit: 1 })).items;
      expect(then).toMatchObject({ application: 'crm', privileged: true, user_name: 'ada@acme.example' });
      expect(now).toMatchObject({ application: 'crm', privileged: true, user_name: 'ada.new@acme.example' });
    });

    it('stays inside the tenant', async () => {
      await project(historyOf(provisioned(ada), assigned(ada, 'crm.reader')));
      const foreign = await findAccess(database, { tenant: 'globex', asOf: LATER, knownAt: 9, limit: 50 });
      expect(foreign.items).toEqual([]);
    });

    it('comes in pages, in the order in which it was given', async () => {
      const roles = ['a', 'b', 'c', 'd', 'e'];
      await project(historyOf(provisioned(ada), ...roles.map((role) => assigned(ada, role))));
      const first = await findAccess(database, { tenant: 'acme', asOf: LATER, knownAt: 9, limit: 3 });
      const last = first.items.at(-1);
      const after = { grantedPosition: last?.granted_pos ?? 0, grant: last?.grant_id ?? '' };
      const second = await findAccess(database, { tenant: 'acme', asOf: LATER, knownAt: 9, limit: 3, after });
      expect(first.items.map(({ role }) => role)).toEqual(['a', 'b', 'c']);
      expect(first.more).toBe(true);
      expect(second.items.map(({ role }) => role)).toEqual(['d', 'e']);
      expect(second.more).toBe(false);
    });
  });

  describe('an account', () => {
    it('shows who it is, how it is reached and what it holds', async () => {
      await project(
        historyOf(
          provisioned(ada),
          assigned(ada, 'crm.reader'),
          assigned(ada, 'crm.admin'),
          profileUpdated(ada, { title: 'Engineer' }),
          linked(ada, 'entra', 'ada-1'),
          unlinked(ada, 'okta', 'ada@acme.example'),
        ),
      );
      expect(await accountOf()).toMatchObject({
        user_name: 'ada@acme.example',
        title: 'Engineer',
        status: 'active',
        roles: ['crm.admin', 'crm.reader'],
        links: [{ connection: 'entra', subject: 'ada-1', position: 4 }],
        degraded: false,
      });
    });

    it('shows the identities of one that was merged into it, each once, and the other one none', async () => {
      const other = person('Adele', 'Okafor');
      const taken = [
        { connection: 'okta', subject: 'ada@acme.example' },
        { connection: 'entra', subject: 'adele' },
      ];
      await project(
        historyOf(
          provisioned(ada),
          provisioned(other),
          absorbed(ada, other, taken),
          deactivated(other),
          merged(other, ada),
        ),
      );
      expect((await accountOf())?.links).toEqual([
        { connection: 'okta', subject: 'ada@acme.example', position: 0 },
        { connection: 'entra', subject: 'adele', position: 2 },
      ]);
      expect(await accountOf(other)).toMatchObject({ status: 'deactivated', links: [] });
    });

    it('holds nothing while it is deactivated', async () => {
      await project(historyOf(provisioned(ada), assigned(ada, 'crm.reader'), deactivated(ada)));
      expect(await accountOf()).toMatchObject({ status: 'deactivated', roles: [] });
    });

    it('last signed in when it was last let in: a sign-in that it turned away does not count', async () => {
      await project(
        historyOf(
          signedIn(ada, 'okta', { nth: 1 }),
          provisioned(ada),
          signedIn(ada, 'okta', { nth: 2 }),
          signInRefused(ada, 'account-deactivated', { nth: 2 }),
        ),
      );
      expect((await accountOf())?.last_sign_in_at?.toISOString()).toBe(minute(0));
    });

    it('finds its manager once that person appears', async () => {
      const [first, second] = historyOf(provisioned(ada), provisioned(olga)) as [SealedEvent, SealedEvent];
      await project([first]);
      expect((await accountOf())?.manager_account).toBeNull();
      await project([second]);
      expect((await accountOf())?.manager_account).toBe(olga.account);
    });

    it('finds its manager by employee number too, and nobody where several fit', async () => {
      const double = { ...olga, account: grantId(olga, 'another account') };
      await project(historyOf(provisioned(bo), provisioned(olga)));
      expect((await accountOf(bo))?.manager_account).toBe(olga.account);
      await project(historyOf(provisioned(bo), provisioned(olga), provisioned(double)).slice(2));
      expect((await accountOf(bo))?.manager_account).toBeNull();
    });

    it('is found by its texts, in pages', async () => {
      await project(historyOf(provisioned(ada), provisioned(bo), provisioned(olga)));
      const list = async (over: object) => {
        const page = await listAccounts(database, {
          tenant: 'acme',
          personal: true,
          now: LATER,
          through: 1_000,
          limit: 50,
          ...over,
        });
        return page.items.map(({ given_name }) => given_name);
      };
      expect(await list({})).toEqual(['Ada', 'Bo', 'Olga']);
      expect(await list({ userName: 'ADA@acme.example' })).toEqual(['Ada']);
      expect(await list({ email: 'bo@acme.example' })).toEqual(['Bo']);
      expect(await list({ q: 'lindq' })).toEqual(['Olga']);
      expect(await list({ q: '%' })).toEqual([]);
      expect(await list({ directory: 'partners' })).toEqual([]);
      expect(await list({ after: 0, limit: 1 })).toEqual(['Bo']);
    });

    it('is not searched by personal data for somebody who may not see it', async () => {
      const search = listAccounts(database, {
        tenant: 'acme',
        personal: false,
        now: LATER,
        through: 9,
        limit: 1,
        q: 'ada',
      });
      await expect(search).rejects.toMatchObject({ code: 'personal-read-required' });
    });
  });

  it('keeps of a connection what its metadata says, at a version of its own, also when something else is changed', async () => {
    const metadata = { url: 'https://idp.example/metadata', pinnedCertificate: null, refreshEvery: 'P1D' };
    const saml = { metadata, idpEntityId: null, ssoUrl: null, certificates: [] };
    await project(
      historyOf(
        connectionRegistered('okta', [], 'acme', { saml }),
        connectionMetadataRefreshed('okta', metadata.url, { ssoUrl: 'https://idp.example/new' }),
        connectionChanged('okta', [rule('engineers', 'engineers', ['crm.reader'])], 'acme', { saml }),
      ),
    );
    const ssoUrlAt = async (version: number) =>
      (await findConnectionVersion(database, 'acme', 'okta', version))?.settings.saml?.ssoUrl;
    expect(await Promise.all([1, 2, 3].map(ssoUrlAt))).toEqual([
      null,
      'https://idp.example/new',
      'https://idp.example/new',
    ]);
  });

  it('proposes links until the account is linked to that connection', async () => {
    const history = historyOf(
      provisioned(ada),
      signInRefused(ada, 'account-exists-unlinked', { connection: 'entra' }),
      signInRefused(ada, 'jit-disabled', { connection: 'entra' }),
      linked(ada, 'entra', 'ada-1'),
    );
    const proposals = async () =>
      (await listLinkProposals(database, { tenant: 'acme', after: -1, through: 9, limit: 50 })).items.map(
        ({ account }) => account,
      );
    await project(history.slice(0, 3));
    expect(await proposals()).toEqual([ada.account]);
    await project(history.slice(3));
    expect(await proposals()).toEqual([]);
  });

  it('proposes no link to an account that ended in a merge', async () => {
    const other = person('Adele', 'Okafor');
    const history = historyOf(
      provisioned(ada),
      provisioned(other),
      signInRefused(other, 'account-exists-unlinked', { connection: 'entra' }),
      signInRefused(ada, 'account-exists-unlinked', { connection: 'entra' }),
      absorbed(ada, other),
      merged(other, ada),
    );
    await project(history);
    const { items } = await listLinkProposals(database, { tenant: 'acme', after: -1, through: 9, limit: 50 });
    expect(items.map(({ account }) => account)).toEqual([ada.account]);
  });

  it('has come as far as the projection that is furthest behind', async () => {
    await project(historyOf(connectionRegistered('okta'), at(minute(9), provisioned(ada))));
    expect(await readPosition(database)).toEqual({ position: 1, storePosition: 1 });
    await database.query(`delete from read_model.checkpoints where projection = 'grants'`);
    expect(await readPosition(database)).toEqual({ position: -1, storePosition: -1 });
  });
});
