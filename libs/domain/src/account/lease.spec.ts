import {
  absent,
  ada,
  assigned,
  byHand,
  connection,
  deciding,
  expireLeases,
  gives,
  grantId,
  HISTORY_BEGINS,
  nothing,
  olga,
  provisioned,
  records,
  revoked,
  rule,
  signIn,
  takes,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';
import { rolesHeld } from './account.state.js';

const account = deciding(accountDecider);
const engineers = rule('engineers', 'engineers', ['crm.reader']);
const leased = (lease: string | null, rules = [engineers]) => connection('okta', rules, { jit: { lease } });
const engineer = { groups: ['engineers'] };
const DAY_MS = 86_400_000;
const day = (days: number) => new Date(Date.parse(HISTORY_BEGINS) + days * DAY_MS).toISOString();
const held = (until: string | null) =>
  account.given(provisioned(ada), assigned(ada, 'crm.reader', undefined, { until }));
const confirmed = (until: string | null) =>
  records('GrantsConfirmed', {
    connection: 'okta',
    grants: [{ id: grantId(ada, 'crm.reader'), role: 'crm.reader' }],
    until,
  });

describe('a grant that is given under a lease', () => {
  it('ends one lease later', () =>
    account
      .given(provisioned(ada))
      .when(signIn(ada, leased('P30D'), { ...engineer, at: day(1) }))
      .then(gives('crm.reader', { until: day(31) })));

  it('is held up to its end and not at it, although nothing is recorded then', () => {
    const { state } = held(day(30));

    expect(rolesHeld(state, new Date(Date.parse(day(30)) - 1).toISOString())).toEqual(['crm.reader']);
    expect(rolesHeld(state, day(30))).toEqual([]);
  });
});

describe('a later sign-in', () => {
  it('confirms what the rules still give: the end moves on', () =>
    held(day(30))
      .when(signIn(ada, leased('P30D'), { ...engineer, at: day(10) }))
      .then(confirmed(day(40))));

  it('records nothing while the end would move by less than a thirtieth of the lease', () => {
    held(day(30))
      .when(signIn(ada, leased('P30D'), { ...engineer, at: day(0.999) }))
      .then(nothing);
    held(day(30))
      .when(signIn(ada, leased('P30D'), { ...engineer, at: day(1) }))
      .then(confirmed(day(31)));
  });

  it('takes back what the rules no longer give, and does not confirm it', () =>
    held(day(30))
      .when(signIn(ada, leased('P30D'), { groups: [], at: day(10) }))
      .then(takes('crm.reader', 'rule-no-longer-matches')));

  it('neither confirms nor takes back by a group while groups are unknown: the grant runs out', () =>
    held(day(30))
      .when(signIn(ada, leased('P30D'), { groups: absent, at: day(10) }))
      .then(nothing));

  it('confirms what is given without regard to groups, also while groups are unknown', () => {
    const everyone = rule('engineers', '', ['crm.reader'], 1, { when: 'always' });
    held(day(30))
      .when(signIn(ada, leased('P30D', [everyone]), { groups: absent, at: day(10) }))
      .then(confirmed(day(40)));
  });

  it('writes down what has run out, at the instant at which it ended, and gives it anew as a grant of its own', () =>
    held(day(30))
      .when(signIn(ada, leased('P30D'), { ...engineer, at: day(31) }))
      .then(
        takes('crm.reader', 'lease-expired', { effectiveAt: day(30), evidence: null }),
        gives('crm.reader', { until: day(61) }),
      ));

  it('sets an end where there was none, moves it back where the lease is shorter, and removes it where there is none any more', () => {
    held(null)
      .when(signIn(ada, leased('P30D'), { ...engineer, at: day(10) }))
      .then(confirmed(day(40)));
    held(day(30))
      .when(signIn(ada, leased('P7D'), { ...engineer, at: day(10) }))
      .then(confirmed(day(17)));
    held(day(30))
      .when(signIn(ada, leased(null), { ...engineer, at: day(10) }))
      .then(confirmed(null));
    held(null)
      .when(signIn(ada, leased(null), { ...engineer, at: day(10) }))
      .then(nothing);
  });

  it('leaves the ends of what a person gave', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader', byHand(olga), { until: day(20) }))
      .when(signIn(ada, leased('P30D'), { groups: [], at: day(10) }))
      .then(nothing));
});

describe('leases that have run out', () => {
  it('are written down as ended at the instant at which they ended, whenever that is', () =>
    held(day(30))
      .when(expireLeases(day(45)))
      .then(takes('crm.reader', 'lease-expired', { effectiveAt: day(30) })));

  it('are written down each at its own end', () =>
    account
      .given(
        provisioned(ada),
        assigned(ada, 'crm.reader', undefined, { until: day(30) }),
        assigned(ada, 'crm.admin', undefined, { until: day(20) }),
      )
      .when(expireLeases(day(45)))
      .then(
        takes('crm.admin', 'lease-expired', { effectiveAt: day(20) }),
        takes('crm.reader', 'lease-expired', { effectiveAt: day(30) }),
      ));

  it('are none before the end, none without an end, none twice, and none that a person set', () => {
    held(day(30))
      .when(expireLeases(day(29.999)))
      .then(nothing);
    held(null)
      .when(expireLeases(day(99)))
      .then(nothing);
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader', undefined, { until: day(30) }), revoked(ada, 'crm.reader'))
      .when(expireLeases(day(45)))
      .then(nothing);
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader', byHand(olga), { until: day(20) }))
      .when(expireLeases(day(45)))
      .then(nothing);
  });
});
