/** What was known of people, roles, use and decisions at an instant and a position: whatever came later changes none of it. */
import {
  ada,
  applicationSignedIn,
  aReview,
  assigned,
  at,
  bo,
  byElevation,
  byHand,
  clearReader,
  deactivated,
  elevationApproved,
  elevationExtended,
  elevationId,
  elevationRequested,
  type Fact,
  grantId,
  grantOfElevation,
  historyOf,
  itemDecided,
  itemOf,
  olga,
  onEveryDatabase,
  profileUpdated,
  provisioned,
  reactivated,
  reduced,
  revoked,
  roleChanged,
  roleDefined,
  roleRetired,
  signedIn,
  signInRefused,
  usageReported,
  yusuf,
} from '#libs/testing';
import {
  accountStatuses,
  accountsAsOf,
  countReviewDecisions,
  grantApprovalsOf,
  grantEndsOf,
  grantOriginsOf,
  lastReviewsAsOf,
  lastSignInsAsOf,
  lastUsesAsOf,
  rolesAsOf,
  tallyGrants,
} from './index.js';
import { projectedHistory } from './read-model.fixture.js';

jest.setTimeout(60_000);

const minute = (nth: number) => new Date(Date.parse('2026-03-02T08:00:00.000Z') + nth * 60_000).toISOString();
const END = 1_000;
const when = (instant: number, knownAt = END) => ({ tenant: 'acme', asOf: minute(instant), knownAt });

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);
  const tell = (...facts: readonly Fact[]) => model.project(historyOf(...facts));

  it('tells what an account was: its profile, its status, and nothing before it was made', async () => {
    await tell(
      provisioned(bo), // 0
      provisioned(ada, { kind: 'external', sponsor: 'olga@acme.example' }), // 1
      profileUpdated(ada, { department: 'Research', title: 'Engineer' }), // 2
      profileUpdated(ada, { costCenter: '7', department: 'Research', title: 'Engineer' }), // 3
      deactivated(ada), // 4
    );
    const of = async (instant: number, knownAt?: number) =>
      (await accountsAsOf(model.database, when(instant, knownAt), [ada.account])).get(ada.account);
    expect(await of(0)).toBeUndefined();
    expect(await of(1)).toMatchObject({ kind: 'external', sponsor: 'olga@acme.example', department: 'Engineering' });
    expect(await of(3)).toMatchObject({ department: 'Research', title: 'Engineer', provisionedPosition: 1 });
    expect(await of(9)).toMatchObject({ status: 'deactivated', sourceConnection: 'okta' });
    expect(await of(9, 3)).toMatchObject({ status: 'active', department: 'Research' });
    expect(await accountsAsOf(model.database, { ...when(9), tenant: 'globex' }, [ada.account])).toEqual(new Map());
  });

  it('tells how the status of an account went', async () => {
    await tell(provisioned(ada), profileUpdated(ada, { title: 'x' }), deactivated(ada), reactivated(ada));
    const statuses = await accountStatuses(model.database, when(9), [ada.account, bo.account]);
    expect(statuses.get(ada.account)?.map(({ status, position }) => [status, position])).toEqual([
      ['active', 0],
      ['deactivated', 2],
      ['active', 3],
    ]);
    expect(statuses.has(bo.account)).toBe(false);
  });

  it('tells what a role was', async () => {
    await tell(roleDefined('crm.reader'), roleChanged('crm.reader', { privileged: true }), roleRetired('crm.reader'));
    const of = async (instant: number, knownAt?: number) =>
      (await rolesAsOf(model.database, when(instant, knownAt), ['crm.reader', 'crm.nobody'])).get('crm.reader');
    expect(await of(0)).toMatchObject({ application: 'crm', privileged: false, status: 'live' });
    expect(await of(2)).toMatchObject({ privileged: true, status: 'retired' });
    expect(await of(2, 1)).toMatchObject({ privileged: true, status: 'live' });
    expect(await of(-1)).toBeUndefined();
  });

  it('tells when somebody had signed in, as far as was known', async () => {
    await tell(
      signedIn(ada, 'okta', { nth: 1 }),
      signedIn(ada, 'okta', { nth: 2 }),
      signInRefused(ada, 'x', { nth: 2 }),
    );
    const of = async (instant: number, knownAt?: number) =>
      (await lastSignInsAsOf(model.database, when(instant, knownAt), [ada.account])).get(ada.account)?.toISOString();
    expect([await of(0), await of(1, 1), await of(1), await of(-1)]).toEqual([
      minute(0),
      minute(1),
      minute(0),
      undefined,
    ]);
  });

  it('tells when an application had been used, as far as was known', async () => {
    const use = (role: string | null, usedAt: string) => ({ account: ada.account, application: 'crm', role, usedAt });
    await tell(
      applicationSignedIn(ada, 'crm'), // 0
      usageReported('march', 'crm-log', [
        use('crm.admin', minute(3)),
        use('crm.admin', minute(2)),
        use(null, minute(-9)),
      ]),
      at(minute(60), applicationSignedIn(ada, 'crm', 2)), // 2
    );
    const of = async (instant: number, knownAt?: number) =>
      (await lastUsesAsOf(model.database, when(instant, knownAt), [ada.account])).map(
        ({ role, source, usedAt }) => `${role} ${source} ${usedAt.toISOString()}`,
      );
    expect(await of(59)).toEqual([`null op ${minute(0)}`, `crm.admin crm-log ${minute(3)}`]);
    expect(await of(60, 0)).toEqual([`null op ${minute(0)}`]);
    expect(await of(60)).toEqual([`null op ${minute(60)}`, `crm.admin crm-log ${minute(3)}`]);
    expect(await of(-1)).toEqual([`null crm-log ${minute(-9)}`]);
  });

  it('tells what a person had decided about a grant, and not what nobody did', async () => {
    const item = itemOf(aReview('q'), ada, 'crm.reader');
    await tell(
      itemDecided(item, 'certify', olga),
      itemDecided(item, 'delegate', bo, { nth: 2, to: olga.account }),
      itemDecided(item, 'revoke', null, { nth: 3 }),
      itemDecided(item, 'reduce', bo, { nth: 4 }),
    );
    const of = async (instant: number, knownAt?: number) =>
      (await lastReviewsAsOf(model.database, when(instant, knownAt), [item.grant ?? ''])).get(item.grant ?? '');
    expect(await of(2)).toMatchObject({ decision: 'certify', by: olga.account, item: item.item });
    expect(await of(3)).toMatchObject({ decision: 'reduce', by: bo.account });
    expect(await of(3, 2)).toMatchObject({ decision: 'certify' });
  });

  it('tells who gave a grant, who approved of it, and who ended it why', async () => {
    const [first, second] = [grantOfElevation(ada, 'now'), grantOfElevation(ada, 'now', 2)];
    const byHandOf = grantId(ada, 'crm.reader');
    await tell(
      provisioned(ada), // 0
      elevationRequested(ada, 'now', [olga, bo], { approvalsNeeded: 2 }),
      elevationApproved(ada, 'now', bo, { complete: false, grant: null, effectiveAt: null, until: null }),
      elevationApproved(ada, 'now', olga), // 3
      elevationExtended(ada, 'now', olga, minute(500)), // 4
      assigned(ada, 'crm.reader', byHand(olga)), // 5
      reduced(ada, 'crm.reader', minute(90)), // 6
      revoked(ada, 'crm.reader', { code: 'by-hand', reason: 'left' }), // 7
    );
    const approvals = await grantApprovalsOf(model.database, when(9), [first, second, byHandOf]);
    expect(approvals).toEqual(
      new Map([
        [first, [bo.account, olga.account]],
        [second, [olga.account]],
      ]),
    );
    expect(await grantApprovalsOf(model.database, when(9, 2), [first])).toEqual(new Map());
    const origins = await grantOriginsOf(model.database, when(9), [byHandOf]);
    expect(origins.get(byHandOf)).toMatchObject({
      givenBy: `account:${olga.account}`,
      reason: 'needed for the project',
      position: 5,
    });
    const ends = async (knownAt: number) =>
      (await grantEndsOf(model.database, when(9, knownAt), [byHandOf]))
        .get(byHandOf)
        ?.map(({ code, reason }) => [code, reason]);
    expect([await ends(5), await ends(6), await ends(7)]).toEqual([
      undefined,
      [['reduced', 'until the project ends']],
      [
        ['reduced', 'until the project ends'],
        ['by-hand', 'left'],
      ],
    ]);
  });

  it('counts what the log gave and took back', async () => {
    await tell(
      provisioned(ada),
      assigned(ada, 'crm.reader'), // 1
      assigned(bo, 'prod.admin', byElevation(elevationId(bo, 'x'))), // 2
      assigned(ada, 'prod.admin'), // 3
      revoked(ada, 'crm.reader'),
      assigned(yusuf, 'crm.reader'),
    );
    const given = (over: { account?: string; role?: string; knownAt?: number } = {}) =>
      tallyGrants(model.database, { tenant: 'acme', knownAt: END, ...over });
    expect(await given()).toEqual({ grants: 3, events: 4, ended: 1 });
    expect(await given({ knownAt: 2 })).toEqual({ grants: 2, events: 2, ended: 0 });
    expect(await given({ account: ada.account })).toEqual({ grants: 2, events: 3, ended: 1 });
    expect(await given({ role: 'prod.admin', knownAt: 2 })).toEqual({ grants: 1, events: 1, ended: 0 });
    expect(await given({ knownAt: -1 })).toEqual({ grants: 0, events: 0, ended: 0 });
  });

  it('does not take an account for what it was before a row that is lost', async () => {
    await tell(provisioned(ada), profileUpdated(ada, { title: 'x' }), deactivated(ada), reactivated(ada)); // 0 to 3
    const statusAt = async (instant: number, knownAt?: number) =>
      (await accountsAsOf(model.database, when(instant, knownAt), [ada.account])).get(ada.account)?.status;
    const changes = async (knownAt?: number) =>
      (await accountStatuses(model.database, when(9, knownAt), [ada.account])).get(ada.account)?.length;
    const lose = (position: number) =>
      model.database.query('delete from read_model.account_history_v2 where from_pos = $1', [position]);
    expect([await statusAt(2), await changes()]).toEqual(['deactivated', 3]);

    await lose(2);
    expect([await statusAt(1), await statusAt(2), await statusAt(3)]).toEqual([undefined, undefined, 'active']);
    expect([await statusAt(2, 1), await changes(1), await changes(2), await changes()]).toEqual([
      'active',
      1,
      undefined,
      undefined,
    ]);

    await lose(3);
    expect([await statusAt(3), await changes()]).toEqual([undefined, undefined]);
  });

  it('takes an account whose beginning is lost for unknown', async () => {
    await tell(provisioned(ada), deactivated(ada));
    await model.database.query('delete from read_model.account_history_v2 where from_pos = 0');
    expect(await accountStatuses(model.database, when(9), [ada.account])).toEqual(new Map());
  });

  it('does not take a role for what it was before a row that is lost', async () => {
    await tell(roleDefined('crm.reader'), roleChanged('crm.reader', { privileged: true }));
    await model.database.query('delete from read_model.roles_v1 where from_pos = 1');
    const of = (knownAt: number) => rolesAsOf(model.database, when(9, knownAt), ['crm.reader']);
    expect(await of(1)).toEqual(new Map());
    expect((await of(0)).get('crm.reader')).toMatchObject({ privileged: false });
  });

  it('counts what was decided, by whomever', async () => {
    const item = itemOf(aReview('q'), ada, 'crm.reader');
    await tell(itemDecided(item, 'certify', olga), itemDecided(item, 'revoke', null, { nth: 2 }));
    const counted = (knownAt: number) => countReviewDecisions(model.database, { tenant: 'acme', knownAt });
    expect([await counted(-1), await counted(0), await counted(END)]).toEqual([0, 1, 2]);
  });
});
