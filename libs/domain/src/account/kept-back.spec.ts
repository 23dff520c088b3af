import {
  absent,
  ada,
  assigned,
  assignRole,
  by,
  byElevation,
  byHand,
  connection,
  deactivated,
  deciding,
  gives,
  keptBack as keptBackFact,
  nothing,
  olga,
  provisioned,
  records,
  refuses,
  revoked,
  rule,
  seededId,
  signIn,
  sodRule,
  takes,
  withheld,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';
import { SodConflictError } from './account.errors.js';
import { CONFLICTS_PER_EVENT_MAX, keepBack } from './kept-back.js';

/** Segregation of duties where roles are given: by a sign-in, which is never refused for it, and by hand. */

const account = deciding(accountDecider);
const creators = rule('creators', 'creators', ['pay.create']);
const approvers = rule('approvers', 'approvers', ['pay.approve']);
const okta = connection('okta', [creators, approvers, rule('readers', 'creators', ['crm.reader'])]);
const payment = connection('okta', [creators, approvers]);
const sod = [sodRule('maker-checker', ['pay.create'], ['pay.approve'])];
const both = { groups: ['creators', 'approvers'], sod };
const here = provisioned(ada);
const creates = assigned(ada, 'pay.create', by('okta', 'creators'));
const kept = (role: string, ruleName: string, held: readonly string[]) => ({
  policy: 'maker-checker',
  policyVersion: 1,
  keptBack: [{ role, rule: ruleName, ruleVersion: 1 }],
  held: [...held],
});
const approveKept = kept('pay.approve', 'approvers', ['pay.create']);
const prevented = (...conflicts: readonly object[]) =>
  records('SodConflictPrevented', { account: ada.account, conflicts, connection: 'okta' });

describe('a sign-in that would give a role beside one that it must not be held with', () => {
  it('leaves what is held, keeps the new one back, and says why', () =>
    account
      .given(here, creates)
      .when(signIn(ada, payment, both))
      .then(prevented(approveKept)));

  it('gives what is in no conflict all the same', () =>
    account
      .given(here, assigned(ada, 'pay.approve', byHand(olga)))
      .when(signIn(ada, okta, both))
      .then(prevented(kept('pay.create', 'creators', ['pay.approve'])), gives(['pay.approve', 'crm.reader'])));

  it.each([
    ['by hand', byHand(olga)],
    ['by an elevation', byElevation(seededId('elevation'))],
    ['by another connection', by('entra', 'creators')],
  ])('counts what is held %s', (_, source) =>
    account
      .given(here, assigned(ada, 'pay.create', source))
      .when(signIn(ada, payment, { groups: ['approvers'], sod }))
      .then(prevented(approveKept)),
  );

  it('does not count what has run out', () =>
    account
      .given(here, assigned(ada, 'pay.create', byHand(olga), { until: '2026-03-02T08:00:00.001Z' }))
      .when(signIn(ada, payment, { groups: ['approvers'], sod }))
      .then(gives('pay.approve')));

  it('does not count what it takes back itself', () =>
    account
      .given(here, creates)
      .when(signIn(ada, payment, { groups: ['approvers'], sod }))
      .then(takes('pay.create', 'rule-no-longer-matches'), gives('pay.approve')));

  it('gives none of two that are both new, and says so by naming nothing held', () =>
    account
      .given(here)
      .when(signIn(ada, payment, both))
      .then(
        prevented({
          policy: 'maker-checker',
          policyVersion: 1,
          keptBack: [
            { role: 'pay.approve', rule: 'approvers', ruleVersion: 1 },
            { role: 'pay.create', rule: 'creators', ruleVersion: 1 },
          ],
          held: [],
        }),
      ));

  it('gives the other one when one of them is withheld by a decision', () =>
    account
      .given(here, withheld(ada, 'pay.create', ['okta/creators@1'], '[["groups",["creators"]]]'))
      .when(signIn(ada, payment, both))
      .then(gives('pay.approve')));

  it('leaves both when both are held: that is found, and not undone by a sign-in', () =>
    account
      .given(here, creates, assigned(ada, 'pay.approve', by('okta', 'approvers')))
      .when(signIn(ada, payment, both))
      .then(nothing));

  it('gives no further grant of a held role into a conflict', () =>
    account
      .given(here, creates, assigned(ada, 'pay.approve', byHand(olga)))
      .when(signIn(ada, payment, both))
      .then(prevented(approveKept)));

  it('gives everything where no policy prevents it', () =>
    account
      .given(here)
      .when(signIn(ada, payment, { ...both, sod: [] }))
      .then(gives(['pay.create', 'pay.approve'])));
});

describe('what was kept back', () => {
  const before = [here, creates, keptBackFact(ada, [approveKept])];

  it('is recorded once, not at every sign-in', () =>
    account
      .given(...before)
      .when(signIn(ada, payment, both))
      .then(nothing));

  it('is recorded again when the policy has another version', () =>
    account
      .given(...before)
      .when(signIn(ada, payment, { ...both, sod: sod.map((each) => ({ ...each, version: 2 })) }))
      .then(prevented({ ...approveKept, policyVersion: 2 })));

  it('is given, and the end of the conflict recorded, when the other role is gone', () =>
    account
      .given(...before)
      .when(signIn(ada, payment, { groups: ['approvers'], sod }))
      .then(takes('pay.create', 'rule-no-longer-matches'), prevented(), gives('pay.approve')));

  it('is given when an exception is granted, or the policy ends', () =>
    account
      .given(...before)
      .when(signIn(ada, payment, { ...both, sod: [] }))
      .then(prevented(), gives('pay.approve')));

  it('is recorded as over when it is not due any more', () =>
    account
      .given(...before)
      .when(signIn(ada, payment, { groups: ['creators'], sod }))
      .then(prevented()));

  it('stays on record while groups are unknown', () =>
    account
      .given(...before)
      .when(signIn(ada, payment, { groups: absent, sod }))
      .then(nothing));

  it('is another matter for every connection', () => {
    const entra = connection('entra', [], { ownedDomains: ['acme.example'] });
    account
      .given(provisioned(ada, { links: [{ connection: 'entra', subject: ada.profile.userName }] }), ...before.slice(1))
      .when(signIn(ada, entra, { groups: [], sod }))
      .then(nothing);
  });

  it('is in the state for every connection, until the last conflict ends', () => {
    const { state } = account.given(...before);
    expect(state.keptBack.get('okta')?.conflicts).toEqual([approveKept]);
    expect(account.given(...before, keptBackFact(ada, [])).state.keptBack.size).toBe(0);
  });
});

describe('what is kept back among several', () => {
  const due = (role: string) => ({ role, rule: `rule-${role}`, ruleVersion: 1, matched: [] });
  const ask = (held: readonly string[], wanted: readonly string[], rules: Parameters<typeof keepBack>[0]['rules']) =>
    keepBack({ rules, held: new Set(held), due: wanted.map(due), undecided: [] });
  const given = (...args: Parameters<typeof ask>) => ask(...args).given.map(({ role }) => role);

  it('does not keep back what stands only against something that is kept back for another reason', () => {
    const rules = [sodRule('one', ['x'], ['a']), sodRule('two', ['a'], ['b'])];
    expect(given(['x'], ['a', 'b'], rules)).toEqual(['b']);
    expect(ask(['x'], ['a', 'b'], rules).conflicts.map(({ policy, held }) => [policy, held])).toEqual([
      ['one', ['x']],
      ['two', ['b']],
    ]);
  });

  it('tells the same after the others were given', () => {
    const rules = [sodRule('one', ['x'], ['a']), sodRule('two', ['a'], ['b'])];
    expect(ask(['x', 'b'], ['a'], rules).conflicts).toEqual(ask(['x'], ['a', 'b'], rules).conflicts);
  });

  it('names as many conflicts as fit into one event, and keeps the others back all the same', () => {
    const rules = Array.from({ length: CONFLICTS_PER_EVENT_MAX + 5 }, (_, nth) =>
      sodRule(`p${nth}`, ['x'], [`r${nth}`]),
    );
    const outcome = ask(
      ['x'],
      rules.map((_, nth) => `r${nth}`),
      rules,
    );
    expect(outcome.given).toEqual([]);
    expect(outcome.conflicts).toHaveLength(CONFLICTS_PER_EVENT_MAX);
  });
});

describe('a role that is given by hand', () => {
  it('is refused beside one that it must not be held with, and told which, by which policy', () => {
    const decide = () => account.given(here, creates).when(assignRole('pay.approve', { sod })).events;
    expect(decide).toThrow(SodConflictError);
    expect(decide).toThrow(/pay\.approve must not be held together with pay\.create \(policy: maker-checker\)/);
  });

  it('is refused also over a withholding that is overridden, and for a suspended account', () => {
    account
      .given(here, creates, withheld(ada, 'pay.approve'))
      .when(assignRole('pay.approve', { sod, overrideWithholding: true }))
      .then(refuses('sod-conflict'));
    account
      .given(here, creates, deactivated(ada))
      .when(assignRole('pay.approve', { sod }))
      .then(refuses('sod-conflict'));
  });

  it('is given when the other one has ended, or no policy prevents it', () => {
    account
      .given(here, creates, revoked(ada, 'pay.create'))
      .when(assignRole('pay.approve', { sod }))
      .then(gives('pay.approve'));
    account.given(here, creates).when(assignRole('pay.approve')).then(gives('pay.approve'));
  });
});
