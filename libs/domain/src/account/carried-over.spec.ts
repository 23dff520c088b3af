import {
  absorbAccount,
  absorbed,
  ada,
  assigned,
  bo,
  by,
  byHand,
  connection,
  deciding,
  decision,
  elevationGrant,
  endElevation,
  gives,
  matchedGroups,
  merged,
  nothing,
  olga,
  provisioned,
  records,
  rule,
  signIn,
  takes,
  withheld,
} from '#libs/testing';
import type { CarriedWithholding } from './account.commands.js';
import { accountDecider } from './account.decider.js';

/** What is withheld from an account goes on with its person, whichever account that is from then on. */

const account = deciding(accountDecider);
const okta = connection('okta', [rule('admins', 'admins', ['crm.admin'])]);
const LATER = '2026-06-01T00:00:00.000Z';
const MUCH_LATER = '2026-09-01T00:00:00.000Z';
const ofAda = (over: Partial<CarriedWithholding> = {}): CarriedWithholding => ({
  role: 'crm.admin',
  rules: ['okta/admins@1'],
  matched: matchedGroups('admins'),
  from: null,
  decision,
  ...over,
});
const absorb = (over: Partial<CarriedWithholding> = {}) => absorbAccount(ada.account, [], [ofAda(over)]);
const asBo = (command: ReturnType<typeof signIn>) => ({ ...command, data: { ...command.data, account: bo.account } });

describe('an account that absorbs another one', () => {
  it('takes over what a review withheld from it, with the decision', () =>
    account
      .given(provisioned(bo))
      .when(absorb())
      .then(
        records('AccountAbsorbed'),
        records('RoleWithheld', { account: bo.account, ...ofAda(), reason: 'the same person' }),
      ));

  it('does not give the role to whoever comes by the identity that was taken over', () =>
    account
      .given(provisioned(bo), absorbed(bo, ada), withheld(bo, 'crm.admin', ['okta/admins@1'], matchedGroups('admins')))
      .when(asBo(signIn(ada, okta, { groups: ['admins'] })))
      .then(records('ProfileUpdated')));

  it('keeps the role away although its other identity means nothing to the rules, or something else', () => {
    const both = account.given(
      provisioned(bo),
      absorbed(bo, ada),
      withheld(bo, 'crm.admin', ['okta/admins@1'], matchedGroups('admins')),
    );
    both.when(signIn(bo, okta, { groups: [] })).then(nothing);
    both.when(signIn(bo, okta, { groups: ['admins', 'others'] })).then(nothing);
  });

  it('loses what rules gave it of the role, and keeps what was given by hand', () =>
    account
      .given(
        provisioned(bo),
        assigned(bo, 'crm.admin', by('okta', 'admins')),
        assigned(bo, 'crm.admin', byHand(olga), { nth: 2 }),
      )
      .when(absorb())
      .then(
        records('AccountAbsorbed'),
        takes('crm.admin', 'review', { evidence: decision }),
        records('RoleWithheld', { rules: ['okta/admins@1'], matched: null }),
      ));

  it('loses it only when the withholding begins', () =>
    account
      .given(provisioned(bo), assigned(bo, 'crm.admin', by('okta', 'admins')))
      .when(absorb({ from: LATER }))
      .then(
        records('AccountAbsorbed'),
        records('GrantsReduced', { until: LATER, decision }),
        records('RoleWithheld', { from: LATER }),
      ));

  it('is bound at once by what has begun', () =>
    account
      .given(provisioned(bo))
      .when(absorb({ from: '2026-03-01T00:00:00.000Z' }))
      .then(records('AccountAbsorbed'), records('RoleWithheld', { from: null })));

  it('changes nothing where it is bound as strictly, so that a merge can be repeated', () => {
    const took = [provisioned(bo), absorbed(bo, ada)];
    account
      .given(...took, withheld(bo, 'crm.admin', ['okta/admins@1']))
      .when(absorb())
      .then(nothing);
    account
      .given(...took, withheld(bo, 'crm.admin'))
      .when(absorb({ from: LATER }))
      .then(nothing);
  });

  it('is bound by the stricter of each part where both were', () => {
    const bound = (rules: string[], from: string | null) =>
      account.given(provisioned(bo), absorbed(bo, ada), withheld(bo, 'crm.admin', rules, null, from, null));
    bound([], MUCH_LATER)
      .when(absorb({ from: LATER }))
      .then(records('RoleWithheld', { rules: [], matched: null, from: LATER, decision }));
    bound(['entra/all@2'], LATER)
      .when(absorb({ from: MUCH_LATER }))
      .then(records('RoleWithheld', { rules: ['okta/admins@1', 'entra/all@2'], matched: null, from: LATER }));
    bound(['okta/admins@1'], null)
      .when(absorb({ rules: [], matched: null }))
      .then(records('RoleWithheld', { rules: [], matched: null, from: null }));
  });

  it('may be given the role again by another version of the rule, as its person might have been before', () => {
    const second = connection('okta', [rule('admins', 'admins', ['crm.admin'], 2)]);
    account
      .given(provisioned(bo), withheld(bo, 'crm.admin', ['okta/admins@1'], matchedGroups('admins')), absorbed(bo, ada))
      .when(signIn(bo, second, { groups: ['admins'] }))
      .then(records('RoleWithholdingLifted', { why: 'rule-changed' }), gives('crm.admin'));
  });
});

it('an elevation that ran out before its account was merged finds nothing to end there', () =>
  account
    .given(provisioned(ada), merged(ada, bo))
    .when(endElevation([elevationGrant()]))
    .then(nothing));
