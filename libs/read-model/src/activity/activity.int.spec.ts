import {
  ada,
  applicationSignedIn,
  at,
  bo,
  clearReader,
  deactivated,
  type Fact,
  historyOf,
  onEveryDatabase,
  provisioned,
  signedIn,
  signInRefused,
  usageReported,
  withoutGroups,
  yusuf,
} from '#libs/testing';
import { lastSignIns, lastUses, sourcesOfUse, unknownGroups } from '../index.js';
import { projectedHistory } from '../read-model.fixture.js';

/** Goal: what is told of use and sign-ins is what a source said, and of what no source speaks nothing is told. */

const day = (n: number, time = '08:00:00.000') => `2026-03-${String(n).padStart(2, '0')}T${time}Z`;
const acme = { tenant: 'acme' };

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);

  it('tells the last sign-in, of those that counted', async () => {
    await model.project(
      historyOf(
        at(day(2), signedIn(ada, 'okta', { nth: 1 })),
        at(day(3), signedIn(ada, 'okta', { nth: 2 })),
        signInRefused(ada, 'account-deactivated', { nth: 2 }),
        signedIn(yusuf),
      ),
    );
    const accounts = [ada.account, bo.account, yusuf.account];
    expect([...(await lastSignIns(model.database, { ...acme, accounts }))]).toEqual([[ada.account, new Date(day(2))]]);
  });

  const sources = (silentAfterDays = 35) => sourcesOfUse(model.database, { ...acme, silentAfterDays });
  const erp = (since: string, until: string) => ({ application: 'erp', role: null, source: 'erp-log', since, until });
  const entry = (application: string, role: string | null, usedAt: string, person = ada) => ({
    account: person.account,
    application,
    role,
    usedAt,
  });

  it('tells the last day of use by application, role and source, whichever report came last', async () => {
    await model.project(
      historyOf(
        at(day(2), applicationSignedIn(ada, 'crm', 1)),
        at(day(4), applicationSignedIn(ada, 'crm', 2)),
        usageReported('late', 'crm-log', [
          entry('crm', 'crm.admin', day(3, '23:59:59.999')),
          entry('erp', null, day(1)),
          entry('erp', null, day(1)),
        ]),
        usageReported('early', 'crm-log', [entry('crm', 'crm.admin', day(1)), entry('erp', null, day(2), bo)]),
      ),
    );
    const used = await lastUses(model.database, { ...acme, accounts: [ada.account] });
    expect(used.map(({ application, role, source, usedOn }) => [application, role, source, usedOn])).toEqual([
      ['crm', null, 'op', '2026-03-04'],
      ['crm', 'crm.admin', 'crm-log', '2026-03-03'],
      ['erp', null, 'crm-log', '2026-03-01'],
    ]);
  });

  it('tells of which applications a source speaks, and since when; of others nothing', async () => {
    await model.project(
      historyOf(
        at(day(4), applicationSignedIn(ada, 'crm')),
        at(day(6), usageReported('a', 'erp-log', [entry('erp', null, day(1)), entry('erp', null, day(3), bo)])),
        at(day(8), usageReported('b', 'erp-log', [entry('crm', 'crm.admin', day(7))])),
        at(day(9), usageReported('c', 'erp-log', [entry('wiki', null, day(1), yusuf)], 'globex')),
      ),
    );
    expect(await sources()).toEqual([
      { application: 'crm', role: null, source: 'op', since: '2026-03-04', until: null },
      { application: 'crm', role: 'crm.admin', source: 'erp-log', since: '2026-03-08', until: '2026-03-08' },
      { application: 'erp', role: null, source: 'erp-log', since: '2026-03-06', until: '2026-03-08' },
    ]);
  });

  it('tells since when a source speaks again that had fallen silent', async () => {
    const said = (nth: number, name: string) =>
      at(day(nth), usageReported(name, 'erp-log', [entry('erp', null, day(1))]));
    await model.project(
      historyOf(
        said(2, 'a'),
        at(day(2), usageReported('w', 'erp-log', [entry('wiki', null, day(1))])),
        at(day(2), applicationSignedIn(ada, 'crm', 1)),
        said(12, 'b'),
        said(20, 'c'),
        at(day(20), applicationSignedIn(ada, 'crm', 2)),
      ),
    );
    expect(await sources(10)).toContainEqual(erp('2026-03-02', '2026-03-20'));
    expect(await sources(9)).toEqual([
      { application: 'crm', role: null, source: 'op', since: '2026-03-02', until: null },
      erp('2026-03-12', '2026-03-20'),
    ]);
  });

  describe('unknown groups', () => {
    const signIns = (pattern: string, person = ada): Fact[] =>
      [...pattern].map((groups, index) => {
        const signIn = signedIn(person, 'okta', { nth: index + 1 });
        return at(day(index + 3), groups === '?' ? withoutGroups(signIn) : signIn);
      });
    const unknown = async (query: object = {}) =>
      (
        await unknownGroups(model.database, {
          ...acme,
          minSignIns: 3,
          before: day(1, '00:00:00.000'),
          limit: 5,
          ...query,
        })
      ).map(({ account, connection, signIns: n, since }) => [account, connection, n, since.toISOString()]);

    it('are too long unknown after so many sign-ins in a row', async () => {
      await model.project(historyOf(provisioned(ada), ...signIns('?!???')));
      expect(await unknown()).toEqual([[ada.account, 'okta', 3, day(5)]]);
      expect(await unknown({ minSignIns: 4 })).toEqual([]);
    });

    it('are too long unknown after so much time', async () => {
      await model.project(historyOf(provisioned(ada), ...signIns('!?')));
      expect(await unknown({ before: day(4) })).toEqual([[ada.account, 'okta', 1, day(4)]]);
      expect(await unknown({ before: day(3, '23:59:59.999') })).toEqual([]);
    });

    it('are known again after one sign-in that names them', async () => {
      await model.project(historyOf(provisioned(ada), ...signIns('????!')));
      expect(await unknown()).toEqual([]);
    });

    it('are not made known, nor unknown, by a sign-in that was taken back', async () => {
      await model.project(
        historyOf(provisioned(ada), ...signIns('???!'), signInRefused(ada, 'account-deactivated', { nth: 4 })),
      );
      expect(await unknown()).toEqual([[ada.account, 'okta', 3, day(3)]]);
      await model.project(
        historyOf(
          provisioned(ada),
          ...signIns('???!'),
          signInRefused(ada, 'account-deactivated', { nth: 4 }),
          signInRefused(ada, 'account-deactivated', { nth: 3, seed: 2 }),
        ),
      );
      expect(await unknown()).toEqual([]);
    });

    it('are of active accounts, of those asked for, page by page', async () => {
      await model.project(historyOf(provisioned(ada), provisioned(bo), ...signIns('???'), ...signIns('???', bo)));
      const [first, second] = [ada.account, bo.account].sort();
      expect((await unknown()).map(([account]) => account)).toEqual([first, second]);
      const after = { account: first, connection: 'okta' };
      expect((await unknown({ after })).map(([account]) => account)).toEqual([second]);
      expect((await unknown({ accounts: [ada.account] })).map(([account]) => account)).toEqual([ada.account]);
      expect(await unknown({ tenant: 'globex' })).toEqual([]);
    });

    it('are no matter of accounts that do not count', async () => {
      await model.project(historyOf(provisioned(ada), ...signIns('???'), deactivated(ada)));
      expect(await unknown()).toEqual([]);
    });
  });
});
