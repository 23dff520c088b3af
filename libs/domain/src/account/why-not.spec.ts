import {
  ada,
  assigned,
  connection,
  deactivated,
  deciding,
  decision,
  HISTORY_BEGINS,
  keptBack,
  merged,
  olga,
  provisioned,
  revoked,
  rule,
  seededId,
  withheld,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';
import type { AccountState } from './account.state.js';
import { type ConnectionForWhyNot, type WhyNot, whyNot } from './why-not.js';

const account = deciding(accountDecider);
const admins = rule('admins', 'crm-admins', ['crm.admin']);
const signIn = seededId('a sign-in');
const later = new Date(Date.parse(HISTORY_BEGINS) + 86_400_000).toISOString();

const item = seededId('a review item');
const reviewItems = new Map([[decision, item]]);

type Judged = NonNullable<ConnectionForWhyNot['lastSignIn']>['judgements'][number];
const judged = (over: Partial<Judged> = {}): Judged => ({
  rule: 'admins',
  version: 1,
  matched: false,
  why: 'not a member of crm-admins',
  ...over,
});
const okta = (judgements: readonly Judged[] | null, over: Partial<ConnectionForWhyNot> = {}): ConnectionForWhyNot => ({
  ...connection('okta', [admins]),
  enabled: true,
  lastSignIn: judgements && { event: signIn, judgements },
  ...over,
});
const ask = (state: AccountState, connections: readonly ConnectionForWhyNot[], live = ['crm.admin']): WhyNot[] =>
  whyNot(state, 'crm.admin', { connections, liveRoles: new Set(live), reviewItems }, later);
const here = account.given(provisioned(ada)).state;

describe('why somebody does not hold a role', () => {
  it('needs no answer when they do', () =>
    expect(ask(account.given(provisioned(ada), assigned(ada, 'crm.admin')).state, [okta([judged()])])).toEqual([]));

  it('is that a rule did not match at the last sign-in, and which part of it', () =>
    expect(ask(here, [okta([judged()])])).toEqual([
      {
        kind: 'rule',
        rule: 'okta/admins',
        version: 1,
        matched: false,
        reviewItem: null,
        text: 'At the last sign-in: not a member of crm-admins.',
        event: signIn,
      },
    ]));

  it('is told for every rule that gives the role, and for no other', () => {
    const settings = connection('okta', [
      admins,
      rule('leads', 'leads', ['crm.admin']),
      rule('x', 'x', ['crm.reader']),
    ]).settings;
    const because = ask(here, [okta([judged(), judged({ rule: 'leads' }), judged({ rule: 'x' })], { settings })]);
    expect(because.map(({ rule }) => rule)).toEqual(['okta/admins', 'okta/leads']);
  });

  it('is that the rule is newer than the sign-in', () =>
    expect(
      ask(here, [
        okta([judged({ version: 1 })], { settings: connection('okta', [{ ...admins, version: 2 }]).settings }),
      ]),
    ).toMatchObject([
      { kind: 'rule', version: 2, matched: null, event: signIn, text: expect.stringContaining('newer') },
    ]));

  it('is that its grant ran out, when no sign-in confirmed it', () => {
    const until = new Date(Date.parse(later) - 1).toISOString();
    const { state } = account.given(provisioned(ada), assigned(ada, 'crm.admin', undefined, { until }));
    const source = [...state.grants.values()][0]?.source;
    expect(source?.rule).toBe('engineers');
    const settings = connection('okta', [rule('engineers', 'x', ['crm.admin'])]).settings;
    expect(
      ask(state, [okta([judged({ rule: 'engineers', matched: true, why: 'member of x' })], { settings })]),
    ).toMatchObject([{ kind: 'rule', matched: true, text: expect.stringContaining(`ran out at ${until}`) }]);
  });

  it('is that its grant was ended, although the rule matched', () =>
    expect(
      ask(account.given(provisioned(ada), assigned(ada, 'crm.admin'), revoked(ada, 'crm.admin')).state, [
        okta([judged({ matched: true, why: 'member of crm-admins' })]),
      ]),
    ).toMatchObject([{ kind: 'rule', matched: true, text: expect.stringContaining('ended since') }]));

  it('is that the role is withheld, by which decision', () =>
    expect(
      ask(account.given(provisioned(ada), withheld(ada, 'crm.admin')).state, [okta([judged({ matched: true })])]),
    ).toMatchObject([
      { kind: 'withheld', event: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      { kind: 'rule', matched: true },
    ]));

  it('is that a review withheld it, and in which of its items', () => {
    const { state } = account.given(provisioned(ada), withheld(ada, 'crm.admin'));
    const [first] = ask(state, []);
    expect(first).toMatchObject({ kind: 'withheld', reviewItem: item, text: expect.stringContaining(decision) });
    expect(
      whyNot(
        state,
        'crm.admin',
        { connections: [], liveRoles: new Set(['crm.admin']), reviewItems: new Map() },
        later,
      )[0],
    ).toMatchObject({ kind: 'withheld', reviewItem: null });
  });

  it('is that it was reduced, from the instant on that was set, and not before', () => {
    const withheldAt = (from: string) =>
      account.given(provisioned(ada), withheld(ada, 'crm.admin', [], null, from)).state;
    const kinds = (from: string) => ask(withheldAt(from), [okta([judged()])]).map(({ kind }) => kind);
    expect(kinds(later)).toEqual(['withheld', 'rule']);
    expect(kinds('2099-01-01T00:00:00.000Z')).toEqual(['rule']);
    expect(ask(withheldAt(later), [])[0]?.text).toContain(`since ${later}`);
  });

  it('is that it must not be held beside another role: which policy keeps it back, and beside what', () => {
    const kept = {
      policy: 'maker-checker',
      policyVersion: 2,
      keptBack: [{ role: 'crm.admin', rule: 'admins', ruleVersion: 1 }],
    };
    const beside = (held: string[], others: typeof kept.keptBack = []) =>
      account.given(provisioned(ada), keptBack(ada, [{ ...kept, held, keptBack: [...kept.keptBack, ...others] }]))
        .state;
    expect(ask(beside(['pay.create']), [okta([judged({ matched: true })])])).toMatchObject([
      {
        kind: 'sod',
        rule: 'okta/admins',
        version: 1,
        event: expect.any(String),
        text: 'The policy maker-checker, at version 2, keeps the role back beside pay.create, which the account held at the last sign-in through okta.',
      },
      { kind: 'rule', matched: true },
    ]);
    const both = beside([], [{ role: 'pay.create', rule: 'creators', ruleVersion: 1 }]);
    expect(ask(both, [])[0]?.text).toContain('beside pay.create, which that sign-in would have given too');
  });

  it('is that the account is suspended, merged or past its end', () => {
    const because = (state: AccountState) => ask(state, [])[0];
    expect(because(account.given(provisioned(ada), assigned(ada, 'crm.admin'), deactivated(ada)).state)).toMatchObject({
      kind: 'inactive',
      event: expect.any(String),
    });
    expect(because(account.given(provisioned(ada), deactivated(ada), merged(ada, olga)).state)).toMatchObject({
      kind: 'inactive',
      text: expect.stringContaining(olga.account),
    });
    expect(because(account.given(provisioned(ada, { expiresAt: later })).state)).toMatchObject({ kind: 'inactive' });
  });

  it('is that nobody came, or that the connection lets nobody in', () => {
    expect(ask(here, [okta(null)])).toMatchObject([{ kind: 'unknown', rule: 'okta/admins', matched: null }]);
    expect(ask(here, [okta([judged()], { enabled: false })])[0]?.text).toContain('disabled');
  });

  it('is that nothing gives the role, or that there is none', () => {
    expect(ask(here, [])).toMatchObject([{ kind: 'unknown', rule: null }]);
    expect(ask(here, [okta([judged()])], [])[0]).toMatchObject({
      kind: 'unknown',
      text: expect.stringContaining('catalogue'),
    });
    expect(ask(accountDecider.initialState, [])).toMatchObject([{ kind: 'unknown' }]);
  });
});
