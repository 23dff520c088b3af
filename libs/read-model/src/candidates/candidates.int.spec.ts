import {
  absorbed,
  ada,
  assigned,
  at,
  bo,
  by,
  byHand,
  clearReader,
  connectionDisabled,
  connectionRegistered,
  deactivated,
  grantId,
  historyOf,
  linked,
  merged,
  olga,
  onEveryDatabase,
  type Person,
  person,
  profileUpdated,
  provisioned,
  reactivated,
  revoked,
  roleDefined,
  signedIn,
  signInRefused,
  unlinked,
  yusuf,
} from '#libs/testing';
import {
  accountNames,
  dormantAccounts,
  type GrantsInScopeQuery,
  grantsInScope,
  managedAccounts,
  orphanAccounts,
  peersOf,
  type Scan,
  unsponsoredAccounts,
} from '../index.js';
import { projectedHistory } from '../read-model.fixture.js';

/** Goal: whoever opens reviews or raises findings is told of every grant and account that it may be about, and of no other. */

const day = (n: number, time = '08:00:00.000') => `2026-03-${String(n).padStart(2, '0')}T${time}Z`;
const NOW = day(30);
const acme = { tenant: 'acme', limit: 100 };

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);

  describe('grants in scope', () => {
    const inScope = async (query: Partial<GrantsInScopeQuery> = {}) =>
      (await grantsInScope(model.database, { ...acme, knownAt: 1_000, now: NOW, ...query })).map(({ grant }) => grant);
    const [adasReader, adasAdmin, bosReader] = [
      grantId(ada, 'crm.reader'),
      grantId(ada, 'pay.admin'),
      grantId(bo, 'crm.reader'),
    ];
    const history = () =>
      historyOf(
        roleDefined('crm.reader'),
        roleDefined('pay.admin', { privileged: true, risk: 'high' }),
        provisioned(ada),
        provisioned(bo),
        assigned(ada, 'crm.reader', by('okta', 'engineers')),
        assigned(ada, 'pay.admin', byHand(olga)),
        assigned(bo, 'crm.reader', by('entra', 'staff')),
        provisioned(yusuf),
        assigned(yusuf, 'crm.reader'),
      );

    it('are those that stand, with what reviewers are chosen by', async () => {
      await model.project(history());
      expect(await inScope()).toEqual([adasReader, adasAdmin, bosReader]);
      const [, admin] = await grantsInScope(model.database, { ...acme, knownAt: 1_000, now: NOW });
      expect(admin).toMatchObject({
        account: ada.account,
        source: { kind: 'manual', actor: `account:${olga.account}`, rule: null },
        department: 'Engineering',
        manager: 'olga@acme.example',
        application: 'pay',
        privileged: true,
        risk: 'high',
        until: null,
      });
    });

    it('are chosen by role, application, person, connection and privilege', async () => {
      await model.project(history());
      expect(await inScope({ roles: ['pay.admin'] })).toEqual([adasAdmin]);
      expect(await inScope({ applications: ['crm'] })).toEqual([adasReader, bosReader]);
      expect(await inScope({ accounts: [bo.account] })).toEqual([bosReader]);
      expect(await inScope({ connections: ['okta'] })).toEqual([adasReader]);
      expect(await inScope({ privileged: true })).toEqual([adasAdmin]);
      expect(await inScope({ applications: ['crm'], accounts: [ada.account], connections: ['entra'] })).toEqual([]);
      expect(await inScope({ roles: [] })).toEqual([]);
    });

    it('are as known at a position, and as they stand at an instant', async () => {
      await model.project([...history()]);
      expect(await inScope({ knownAt: 5 })).toEqual([adasReader, adasAdmin]);
      expect(await inScope({ now: '2026-03-02T08:04:30.000Z' })).toEqual([adasReader]);
    });

    it('are not those that ended, nor of accounts that do not count', async () => {
      const facts = [
        provisioned(ada),
        provisioned(bo, { expiresAt: day(20) }),
        provisioned(olga),
        assigned(ada, 'crm.reader', by('okta', 'engineers'), { until: day(10) }),
        assigned(ada, 'pay.admin'),
        assigned(bo, 'crm.reader'),
        assigned(olga, 'crm.reader'),
        revoked(ada, 'pay.admin'),
        deactivated(olga),
      ];
      await model.project(historyOf(...facts));
      expect(await inScope({ now: day(9) })).toEqual([adasReader, bosReader]);
      expect(await inScope({ now: day(10) })).toEqual([bosReader]);
      expect(await inScope({ now: day(20) })).toEqual([]);
    });

    it('come page by page, none twice and none left out, also where one event gave several', async () => {
      const many = Array.from({ length: 7 }, (_, nth) => assigned(ada, 'crm.reader', by('okta', 'r'), { nth }));
      await model.project(historyOf(provisioned(ada), ...many));
      const seen: string[] = [];
      let after: GrantsInScopeQuery['after'];
      for (;;) {
        const page = await grantsInScope(model.database, { tenant: 'acme', knownAt: 99, now: NOW, after, limit: 3 });
        seen.push(...page.map(({ grant }) => grant));
        after = page.at(-1);
        if (page.length < 3) break;
      }
      expect(seen).toEqual(Array.from({ length: 7 }, (_, nth) => grantId(ada, 'crm.reader', nth)));
    });

    it('can be those of orphans only', async () => {
      await model.project(
        historyOf(
          connectionRegistered('okta'),
          connectionRegistered('entra'),
          connectionDisabled('entra'),
          provisioned(ada),
          provisioned(bo, { links: [{ connection: 'entra', subject: 'bo' }] }),
          assigned(ada, 'crm.reader'),
          assigned(bo, 'crm.reader'),
        ),
      );
      expect(await inScope({ orphans: { silentBefore: day(1) } })).toEqual([bosReader]);
    });
  });

  describe('peers', () => {
    const engineer = (name: string, title: string | null = 'Engineer') =>
      person(name, 'Berg', { department: 'Research', title });
    const [ann, ben, cat, dan] = ['Ann', 'Ben', 'Cat', 'Dan'].map((name) => engineer(name)) as [
      Person,
      Person,
      Person,
      Person,
    ];
    const asked = { department: 'Research', title: 'Engineer', role: 'lab.reader' };

    it('are active people of the same department and title, and some of them hold the role', async () => {
      await model.project(
        historyOf(
          ...[ann, ben, cat, dan, engineer('Eve', 'Painter'), engineer('Fay', null)].map((each) => provisioned(each)),
          assigned(ann, 'lab.reader'),
          assigned(ann, 'lab.reader', byHand(olga), { nth: 2 }),
          assigned(ben, 'lab.reader', by('okta', 'r'), { until: day(10) }),
          assigned(engineer('Eve', 'Painter'), 'lab.reader'),
          assigned(dan, 'lab.reader'),
          deactivated(dan),
        ),
      );
      const peers = (now: string) => peersOf(model.database, { tenant: 'acme', now, asked: [asked, asked] });
      expect(await peers(day(9))).toEqual([{ ...asked, peers: 3, holders: 2 }]);
      expect(await peers(day(10))).toEqual([{ ...asked, peers: 3, holders: 1 }]);
      expect(await peersOf(model.database, { tenant: 'globex', now: NOW, asked: [asked] })).toEqual([
        { ...asked, peers: 0, holders: 0 },
      ]);
    });

    it('are not mixed up where department and title read the same when joined', async () => {
      const other = person('Ann', 'Berg', { department: 'A', title: 'B\nC' });
      await model.project(historyOf(provisioned(other), assigned(other, 'lab.reader')));
      const tricky = { department: 'A\nB', title: 'C', role: 'lab.reader' };
      expect(await peersOf(model.database, { tenant: 'acme', now: NOW, asked: [tricky] })).toEqual([
        { ...tricky, peers: 0, holders: 0 },
      ]);
    });
  });

  /** Every account of a scan that looks at one account at a time. */
  async function all<T>(scan: (after: number | undefined) => Promise<Scan<T>>): Promise<T[]> {
    const found: T[] = [];
    for (let after: number | undefined; ; ) {
      const { items, next } = await scan(after);
      found.push(...items);
      if (next === null) return found;
      after = next;
    }
  }

  describe('dormant accounts', () => {
    const dormant = (before: string, now?: string) =>
      all((after) => dormantAccounts(model.database, { tenant: 'acme', now, before, after, limit: 1 }));

    it('are those whose last sign-in is long ago, or that nobody ever signed in to', async () => {
      await model.project(
        historyOf(
          at(day(1), provisioned(ada)),
          provisioned(bo),
          at(day(5), signedIn(ada, 'okta', { nth: 1 })),
          at(day(8), signedIn(ada, 'okta', { nth: 2 })),
          signInRefused(ada, 'account-deactivated', { nth: 2 }),
        ),
      );
      expect((await dormant(day(5))).map(({ account }) => account)).toEqual([ada.account, bo.account]);
      expect(await dormant(day(4))).toMatchObject([{ account: bo.account, lastSignInAt: null, kind: 'person' }]);
      expect((await dormant(day(5)))[0]?.since).toEqual(new Date(day(5)));
    });

    it('are not those that came back not long ago, nor those that do not count', async () => {
      await model.project(
        historyOf(
          at(day(1), provisioned(ada)),
          provisioned(bo),
          provisioned(olga, { expiresAt: day(9) }),
          deactivated(ada),
          deactivated(bo),
          at(day(20), reactivated(ada)),
          profileUpdated(ada, { userName: 'ada.new@acme.example' }),
        ),
      );
      expect(await dormant(day(19), day(20))).toEqual([]);
      expect((await dormant(day(20), day(21)))[0]?.since).toEqual(new Date(day(20)));
    });

    it('are not those that took over, not long ago, an account whose person goes on with them', async () => {
      await model.project(
        historyOf(
          at(day(1), provisioned(ada)),
          provisioned(bo),
          at(day(19), signedIn(bo, 'okta')),
          at(day(20), absorbed(ada, bo)),
          merged(bo, ada),
          deactivated(bo),
        ),
      );
      expect(await dormant(day(19))).toEqual([]);
      expect(await dormant(day(20))).toMatchObject([{ account: ada.account, since: new Date(day(20)) }]);
    });
  });

  describe('orphans', () => {
    const orphans = async (silentBefore = day(1)) =>
      (await all((after) => orphanAccounts(model.database, { tenant: 'acme', silentBefore, after, limit: 1 }))).map(
        ({ account, code, connection }) => [account, code, connection],
      );
    const through = (...connections: string[]) => ({
      links: connections.map((connection) => ({ connection, subject: 'x' })),
    });

    it('are those whose every source is gone or disabled, and not those with one that is well', async () => {
      await model.project(
        historyOf(
          connectionRegistered('okta'),
          connectionRegistered('entra'),
          connectionDisabled('entra'),
          provisioned(ada, through('entra', 'gone')),
          provisioned(bo, through('entra')),
          linked(bo, 'okta', 'bo'),
          provisioned(olga, through('gone')),
        ),
      );
      expect(await orphans()).toEqual([
        [ada.account, 'source-disabled', 'entra'],
        [olga.account, 'source-gone', 'gone'],
      ]);
    });

    it('are those of a source that nothing came from for long; a refusal is nothing', async () => {
      await model.project(
        historyOf(
          at(day(1), connectionRegistered('okta')),
          at(day(2), provisioned(ada)),
          at(day(6), signedIn(bo)),
          at(day(9), signInRefused(ada, 'not-admitted')),
        ),
      );
      expect(await orphans(day(6))).toEqual([]);
      expect(await orphans(day(6, '08:00:00.001'))).toEqual([[ada.account, 'source-silent', 'okta']]);
    });

    it('go by the connection that made them when they are linked to nothing; one made by hand is none', async () => {
      const subject = ada.profile.userName;
      await model.project(
        historyOf(
          provisioned(ada),
          unlinked(ada, 'okta', subject),
          provisioned(bo, { ...through(), source: { ...MANUAL } }),
        ),
      );
      expect(await orphans()).toEqual([[ada.account, 'source-gone', 'okta']]);
    });
  });

  it('finds accounts that are nobody’s, and those without an end', async () => {
    await model.project(
      historyOf(
        provisioned(ada),
        provisioned(bo, { kind: 'service' }),
        provisioned(olga, { kind: 'external', sponsor: 'ada@acme.example' }),
        provisioned(person('Eve', 'Lund'), { kind: 'breakGlass', sponsor: 'ada@acme.example', expiresAt: day(20) }),
      ),
    );
    const found = await all((after) => unsponsoredAccounts(model.database, { tenant: 'acme', after, limit: 1 }));
    expect(found).toEqual([
      { account: bo.account, kind: 'service', missing: ['sponsor', 'end'] },
      { account: olga.account, kind: 'external', missing: ['end'] },
    ]);
  });

  it('finds accounts that say who their manager is, whomever the name leads to', async () => {
    await model.project(historyOf(provisioned(ada), provisioned(bo), provisioned(olga), deactivated(bo)));
    const found = await all((after) => managedAccounts(model.database, { tenant: 'acme', after, limit: 1 }));
    expect(found).toEqual([{ account: ada.account, kind: 'person', directory: 'staff', manager: 'olga@acme.example' }]);
  });

  it('says who accounts are, of one tenant', async () => {
    await model.project(historyOf(provisioned(ada), provisioned(yusuf)));
    const names = await accountNames(model.database, { tenant: 'acme', accounts: [ada.account, yusuf.account] });
    expect([...names.values()]).toMatchObject([{ account: ada.account, displayName: 'Ada Okafor' }]);
  });
});

const MANUAL = {
  kind: 'manual',
  connection: null,
  connectionVersion: null,
  protocol: 'manual',
  issuer: null,
} as const;
