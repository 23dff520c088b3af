import {
  ada,
  assigned,
  byElevation,
  byHand,
  connection,
  deactivated,
  deciding,
  elevation,
  elevationGrant,
  endElevation,
  extendElevation,
  type Fact,
  gives,
  grantElevation,
  HISTORY_BEGINS,
  nothing,
  olga,
  provisioned,
  refuses,
  revokeByReview,
  rule,
  signIn,
  sodRule,
  takes,
  withheld,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';
import { rolesHeld } from './account.state.js';

/** Roles for a time: given as approved, left alone by sign-ins, over at their instant whatever is recorded when. */

const account = deciding(accountDecider);
const HOUR_MS = 3_600_000;
const hour = (hours: number) => new Date(Date.parse(HISTORY_BEGINS) + hours * HOUR_MS).toISOString();
const justBefore = (instant: string) => new Date(Date.parse(instant) - 1).toISOString();
const here = provisioned(ada);
const sod = [sodRule('maker-checker', ['prod.admin'], ['pay.approve'])];
/** The elevation of these specs is under way, by this grant. */
const given = (until: string, nth = 1): Fact => ({
  category: 'account',
  tenant: ada.tenant,
  id: ada.account,
  event: (at) => ({
    type: 'RolesAssigned',
    data: {
      account: ada.account,
      grants: [{ id: elevationGrant(nth), role: 'prod.admin', source: byElevation(elevation), effectiveAt: at, until }],
      evidence: null,
      because: [[]],
      reason: 'incident',
    },
  }),
});

describe('an elevation that was approved', () => {
  it('gives the role from now until its end, and names what approved it', () =>
    account
      .given(here)
      .when(grantElevation('prod.admin', hour(4)))
      .then(
        gives('prod.admin', {
          source: { kind: 'elevation', actor: `elevation:${elevation}`, rule: null },
          until: hour(4),
          evidence: expect.any(String),
        }),
      ));

  it('is held up to its end and not at it, although nothing is recorded then', () => {
    const { state } = account.given(here, given(hour(4)));
    expect(rolesHeld(state, justBefore(hour(4)))).toEqual(['prod.admin']);
    expect(rolesHeld(state, hour(4))).toEqual([]);
  });

  it('is given once, however often that is asked', () =>
    account
      .given(here, given(hour(4)))
      .when(grantElevation('prod.admin', hour(4)))
      .then(nothing));

  it('is refused for an account that does not count', () => {
    account
      .given(here, deactivated(ada))
      .when(grantElevation('prod.admin', hour(4)))
      .then(refuses('account-inactive'));
    account
      .given(provisioned(ada, { expiresAt: hour(0) }))
      .when(grantElevation('prod.admin', hour(4)))
      .then(refuses('account-inactive'));
    account
      .given()
      .when(grantElevation('prod.admin', hour(4)))
      .then(refuses('account-not-found'));
  });

  it('is refused when its end has passed already', () =>
    account
      .given(here)
      .when(grantElevation('prod.admin', hour(4), { at: hour(4) }))
      .then(refuses('invalid-until')));

  it('is refused beside a role that must not be held with it', () =>
    account
      .given(here, assigned(ada, 'pay.approve', byHand(olga)))
      .when(grantElevation('prod.admin', hour(4), { sod }))
      .then(refuses('sod-conflict')));

  it('is refused for a role that is withheld, unless the approval says that it is given all the same', () => {
    account
      .given(here, withheld(ada, 'prod.admin'))
      .when(grantElevation('prod.admin', hour(4)))
      .then(refuses('role-withheld'));
    account
      .given(here, withheld(ada, 'prod.admin'))
      .when(grantElevation('prod.admin', hour(4), { overrideWithholding: true }))
      .then(gives('prod.admin'));
  });

  it('fits before the instant from which its role is withheld, and not beyond it', () => {
    const later = withheld(ada, 'prod.admin', [], '', hour(8));
    account
      .given(here, later)
      .when(grantElevation('prod.admin', hour(8)))
      .then(gives('prod.admin'));
    account
      .given(here, later)
      .when(grantElevation('prod.admin', hour(9)))
      .then(refuses('role-withheld'));
  });
});

describe('an elevation under way', () => {
  const okta = connection('okta', [rule('ops', 'ops', ['prod.admin'])]);

  it('is left alone by a sign-in whose rules do not give the role, and by one whose rules do', () => {
    account
      .given(here, given(hour(4)))
      .when(signIn(ada, okta))
      .then(nothing);
    account
      .given(here, given(hour(4)))
      .when(signIn(ada, okta, { groups: ['ops'] }))
      .then(gives('prod.admin', { source: { kind: 'rule' }, until: null }));
  });

  it('goes on by a further grant, and the first one ends when it did', () =>
    account
      .given(here, given(hour(4)))
      .when(extendElevation('prod.admin', hour(6), { at: hour(3) }))
      .then(gives('prod.admin', { source: { actor: `elevation:${elevation}` }, until: hour(6) })));

  it('is extended once, however often that is asked', () =>
    account
      .given(here, given(hour(4)), given(hour(6), 2))
      .when(extendElevation('prod.admin', hour(6)))
      .then(nothing));

  it('cannot be extended when it is over, is another one, or its role must not be held any more', () => {
    account
      .given(here, given(hour(4)))
      .when(extendElevation('prod.admin', hour(6), { at: hour(4) }))
      .then(refuses('grant-not-found'));
    account
      .given(here, given(hour(4)))
      .when(extendElevation('prod.admin', hour(6), { elevation: elevationGrant(9) }))
      .then(refuses('grant-not-found'));
    account
      .given(here, given(hour(4)), assigned(ada, 'pay.approve', byHand(olga)))
      .when(extendElevation('prod.admin', hour(6), { sod }))
      .then(refuses('sod-conflict'));
    account
      .given(here, given(hour(4)), deactivated(ada))
      .when(extendElevation('prod.admin', hour(6)))
      .then(refuses('account-inactive'));
  });

  it('ends early, now', () =>
    account
      .given(here, given(hour(4)))
      .when(endElevation([elevationGrant()], { at: hour(1), reason: 'solved' }))
      .then(takes('prod.admin', 'elevation-ended', { effectiveAt: hour(1), reason: 'solved' })));

  it('is revoked by a review like any other grant, and its role withheld from rules', () =>
    account
      .given(here, given(hour(4)))
      .when(revokeByReview(elevationGrant()))
      .then(takes('prod.admin', 'review'), { type: 'RoleWithheld', data: { role: 'prod.admin', rules: [] } }));
});

describe('an elevation whose time is over', () => {
  it('is written down as ended at the instant at which it ended, however late', () =>
    account
      .given(here, given(hour(4)))
      .when(endElevation([elevationGrant()], { at: hour(90) }))
      .then(takes('prod.admin', 'elevation-ended', { effectiveAt: hour(4) })));

  it('ends each of its grants when that one ended', () =>
    account
      .given(here, given(hour(4)), given(hour(6), 2))
      .when(endElevation([elevationGrant(1), elevationGrant(2)], { at: hour(7) }))
      .then(
        takes('prod.admin', 'elevation-ended', { effectiveAt: hour(4) }),
        takes('prod.admin', 'elevation-ended', { effectiveAt: hour(6) }),
      ));

  it('ends at the instant that is named, when that is earlier, and never in the future', () => {
    account
      .given(here, given(hour(4)))
      .when(endElevation([elevationGrant()], { at: hour(9), effectiveAt: hour(2) }))
      .then(takes('prod.admin', 'elevation-ended', { effectiveAt: hour(2) }));
    account
      .given(here, given(hour(4)))
      .when(endElevation([elevationGrant()], { at: hour(1), effectiveAt: hour(2) }))
      .then(takes('prod.admin', 'elevation-ended', { effectiveAt: hour(1) }));
  });

  it('ends once, and takes nothing that was given otherwise', () => {
    account.given(here).when(endElevation()).then(nothing);
    const { state } = account.given(here, assigned(ada, 'prod.admin', byHand(olga)));
    account
      .given(here, assigned(ada, 'prod.admin', byHand(olga)))
      .when(endElevation([...state.grants.keys()]))
      .then(nothing);
  });
});
