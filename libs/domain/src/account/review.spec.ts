import {
  ada,
  assigned,
  assignRole,
  by,
  byElevation,
  byHand,
  connection,
  deciding,
  decision,
  elevation,
  expireLeases,
  gives,
  grantId,
  HISTORY_BEGINS,
  liftWithholding,
  matchedGroups,
  nothing,
  olga,
  provisioned,
  records,
  reduced,
  reduceGrants,
  refuses,
  revokeByReview,
  revokeGrant,
  rule,
  seededId,
  signIn,
  takes,
  withheld,
  withholdRole,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';
import { rolesHeld } from './account.state.js';

/** What reviews decide about an account: revoked and withheld, or reduced to an end that no rule can move. */

const account = deciding(accountDecider);
const DAY_MS = 86_400_000;
const day = (days: number) => new Date(Date.parse(HISTORY_BEGINS) + days * DAY_MS).toISOString();
const admins = rule('admins', 'crm-admins', ['crm.admin']);
const okta = (lease: string | null = null, rules = [admins]) => connection('okta', rules, { jit: { lease } });
const anAdmin = (at: string) => ({ groups: ['crm-admins'], at });
const here = provisioned(ada);
const matched = [{ claim: 'groups', values: ['crm-admins'] }];
const byRule = (until: string | null = null) => assigned(ada, 'crm.admin', by('okta', 'admins'), { until, matched });
const byOlga = assigned(ada, 'crm.admin', byHand(olga), { nth: 2 });
const grant = grantId(ada, 'crm.admin');
const grantOfOlga = grantId(ada, 'crm.admin', 2);
const withheldNow = { role: 'crm.admin', from: null, decision };
const withheldFrom = (from: string) => withheld(ada, 'crm.admin', ['okta/admins@1'], matchedGroups('crm-admins'), from);

describe('a review that revokes', () => {
  it('ends the grant, withholds the role, and names its decision in both', () =>
    account
      .given(here, byRule())
      .when(revokeByReview(grant))
      .then(
        takes('crm.admin', 'review', { evidence: decision }),
        records('RoleWithheld', { ...withheldNow, rules: ['okta/admins@1'], matched: matchedGroups('crm-admins') }),
      ));

  it('withholds the role also when somebody gave it by hand, with what rules gave of it', () =>
    account
      .given(here, byRule(), byOlga)
      .when(revokeByReview(grantOfOlga))
      .then(
        takes(['crm.admin', 'crm.admin'], 'review'),
        records('RoleWithheld', { ...withheldNow, rules: ['okta/admins@1'] }),
      ));

  it('leaves what others gave by hand: that was not looked at', () =>
    account
      .given(here, byRule(), byOlga)
      .when(revokeByReview(grant))
      .then(
        records('AccessRevoked', { grants: [{ id: grant, role: 'crm.admin' }] }),
        records('RoleWithheld', withheldNow),
      ));

  it('finds nothing to do when the grant has ended meanwhile', () =>
    account.given(here).when(revokeByReview(grant)).then(refuses('grant-not-found')));

  it('does not make a withholding weaker that no change of a rule ends', () =>
    account
      .given(here, withheld(ada, 'crm.admin'), byRule())
      .when(revokeByReview(grant))
      .then(takes('crm.admin', 'review'), records('RoleWithheld', { ...withheldNow, rules: [], matched: null })));

  it('is told apart from somebody who revokes by hand', () =>
    account
      .given(here, byOlga)
      .when(revokeGrant(grantOfOlga))
      .then(takes('crm.admin', 'by-hand', { evidence: null })));
});

describe('a review that reduces', () => {
  it('sets an end to the grant and to every grant of the role by a rule, and withholds the role from then on', () =>
    account
      .given(here, byRule(), byOlga)
      .when(reduceGrants('crm.admin', day(30), { grant: grantOfOlga }))
      .then(
        records('GrantsReduced', {
          grants: [
            { id: grant, role: 'crm.admin' },
            { id: grantOfOlga, role: 'crm.admin' },
          ],
          until: day(30),
          decision,
        }),
        records('RoleWithheld', { role: 'crm.admin', rules: ['okta/admins@1'], from: day(30), decision }),
      ));

  it('lets the role count up to the end and not at it', () => {
    const { state } = account.given(here, byRule(), reduced(ada, 'crm.admin', day(30)), withheldFrom(day(30)));
    expect(rolesHeld(state, day(29.999))).toEqual(['crm.admin']);
    expect(rolesHeld(state, day(30))).toEqual([]);
  });

  it('leaves what ends earlier anyway, and withholds the role all the same', () =>
    account
      .given(here, byRule(day(7)))
      .when(reduceGrants('crm.admin', day(30), { grant }))
      .then(records('RoleWithheld', { from: day(30) })));

  it('leaves a withholding that is stricter, and takes the place of one that is not', () => {
    account
      .given(here, byOlga, withheld(ada, 'crm.admin'))
      .when(reduceGrants('crm.admin', day(30), { grant: grantOfOlga }))
      .then(records('GrantsReduced', { until: day(30) }));
    account
      .given(here, byRule(), withheldFrom(day(60)))
      .when(reduceGrants('crm.admin', day(30)))
      .then(records('GrantsReduced', { until: day(30) }), records('RoleWithheld', { from: day(30) }));
  });

  it('changes nothing when everything is so already', () =>
    account
      .given(here, byRule(day(20)), withheldFrom(day(20)))
      .when(reduceGrants('crm.admin', day(30)))
      .then(nothing));

  it('may reduce an elevation', () =>
    account
      .given(here, assigned(ada, 'crm.admin', byElevation(elevation), { until: day(2) }))
      .when(reduceGrants('crm.admin', day(1), { grant }))
      .then(records('GrantsReduced', { until: day(1) }), records('RoleWithheld', { rules: [], from: day(1) })));

  it('needs an end that lies ahead, and a grant that stands', () => {
    account
      .given(here, byRule())
      .when(reduceGrants('crm.admin', day(1), { at: day(1) }))
      .then(refuses('invalid-until'));
    account
      .given(here)
      .when(reduceGrants('crm.admin', day(30), { grant }))
      .then(refuses('grant-not-found'));
  });
});

describe('a sign-in after a reduction', () => {
  const reducedTo = (end: string) => [here, byRule(), reduced(ada, 'crm.admin', end), withheldFrom(end)];

  it('neither moves the end on nor takes it away', () => {
    account
      .given(...reducedTo(day(30)))
      .when(signIn(ada, okta(), anAdmin(day(10))))
      .then(nothing);
    account
      .given(...reducedTo(day(30)))
      .when(signIn(ada, okta('P60D'), anAdmin(day(10))))
      .then(nothing);
  });

  it('brings the end forward where a lease is shorter, and confirms up to the end that was set and no further', () => {
    account
      .given(...reducedTo(day(30)))
      .when(signIn(ada, okta('P7D'), anAdmin(day(10))))
      .then(records('GrantsConfirmed', { until: day(17) }));
    account
      .given(here, byRule(day(28)), withheldFrom(day(30)))
      .when(signIn(ada, okta('P7D'), anAdmin(day(25))))
      .then(records('GrantsConfirmed', { until: day(30) }));
  });

  it('gives the role anew until the end and no longer', () => {
    account
      .given(here, withheldFrom(day(30)))
      .when(signIn(ada, okta(), anAdmin(day(10))))
      .then(gives('crm.admin', { until: day(30) }));
    account
      .given(here, withheldFrom(day(30)))
      .when(signIn(ada, okta('P7D'), anAdmin(day(10))))
      .then(gives('crm.admin', { until: day(17) }));
  });

  it('writes the end down when it is over, and does not give the role any more', () =>
    account
      .given(...reducedTo(day(30)))
      .when(signIn(ada, okta(), anAdmin(day(31))))
      .then(takes('crm.admin', 'expired', { effectiveAt: day(30) })));

  it('does not move the end because the rule has another version; that counts only when the end is over', () => {
    const second = [{ ...admins, version: 2 }];
    account
      .given(...reducedTo(day(30)))
      .when(signIn(ada, okta(null, second), anAdmin(day(10))))
      .then(nothing);
    account
      .given(here, withheldFrom(day(30)))
      .when(signIn(ada, okta(null, second), anAdmin(day(31))))
      .then(records('RoleWithholdingLifted', { why: 'rule-changed' }), gives('crm.admin', { until: null }));
  });

  it('takes the end away when somebody has lifted the withholding', () => {
    const lifted = account.given(...reducedTo(day(30))).when(liftWithholding('crm.admin'));
    lifted.then(records('RoleWithholdingLifted', { why: 'by-hand' }));
    account
      .given(here, byRule(), reduced(ada, 'crm.admin', day(30)))
      .when(signIn(ada, okta(), anAdmin(day(10))))
      .then(records('GrantsConfirmed', { until: null }));
  });
});

describe('a reduced grant that is over', () => {
  it('is written down as expired, and a lease beside it as a lease', () =>
    account
      .given(
        here,
        byRule(day(30)),
        withheldFrom(day(30)),
        assigned(ada, 'crm.reader', by('okta', 'readers'), { until: day(30) }),
      )
      .when(expireLeases(day(31)))
      .then(
        takes('crm.admin', 'expired', { effectiveAt: day(30) }),
        takes('crm.reader', 'lease-expired', { effectiveAt: day(30) }),
      ));
});

describe('a role that is to be withheld from an instant on', () => {
  it('may be given by hand until then, and beyond it only with an override', () => {
    const history = [here, withheldFrom(day(30))];
    account
      .given(...history)
      .when(assignRole('crm.admin', { until: day(30) }))
      .then(gives('crm.admin'));
    account
      .given(...history)
      .when(assignRole('crm.admin'))
      .then(refuses('role-withheld'));
    account
      .given(...history)
      .when(assignRole('crm.admin', { until: day(31) }))
      .then(refuses('role-withheld'));
    account
      .given(...history)
      .when(assignRole('crm.admin', { overrideWithholding: true }))
      .then(gives('crm.admin', { until: null }));
  });
});

describe('a review that decides against a role that was kept back', () => {
  it('withholds it, with the rules that would have given it', () =>
    account
      .given(here)
      .when(withholdRole('crm.admin', ['okta/admins@1']))
      .then(records('RoleWithheld', { ...withheldNow, rules: ['okta/admins@1'], matched: null })));

  it('takes back what rules have given of it since', () =>
    account
      .given(here, byRule(), byOlga)
      .when(withholdRole('crm.admin', ['okta/admins@1']))
      .then(
        records('AccessRevoked', { grants: [{ id: grant, role: 'crm.admin' }], code: 'review' }),
        records('RoleWithheld', { rules: ['okta/admins@1'], matched: matchedGroups('crm-admins') }),
      ));

  it('holds at the next sign-in, although it is not known what had matched; another version of the rule ends it', () => {
    const history = [here, withheld(ada, 'crm.admin', ['okta/admins@1'], null)];
    account
      .given(...history)
      .when(signIn(ada, okta(), anAdmin(day(1))))
      .then(nothing);
    account
      .given(...history)
      .when(signIn(ada, okta(null, [{ ...admins, version: 2 }]), anAdmin(day(1))))
      .then(records('RoleWithholdingLifted', { why: 'rule-changed' }), gives('crm.admin'));
  });
});

describe('a decision about one grant of an elevation', () => {
  const elevated = (nth: number, hours: number) =>
    assigned(ada, 'prod.admin', byElevation(elevation), { nth, until: day(hours / 24) });
  const [first, second] = [grantId(ada, 'prod.admin'), grantId(ada, 'prod.admin', 2)];
  const extended = account.given(here, elevated(1, 2), elevated(2, 4));

  it('ends the role, although the elevation was extended by another', () =>
    extended.when(revokeByReview(first, day(1 / 24))).then(
      records('AccessRevoked', {
        code: 'review',
        grants: [
          { id: first, role: 'prod.admin' },
          { id: second, role: 'prod.admin' },
        ],
      }),
      records('RoleWithheld', { role: 'prod.admin', rules: [] }),
    ));

  it('reduces the one by which it was extended as well', () =>
    extended
      .when(reduceGrants('prod.admin', day(3 / 24), { grant: first, at: day(1 / 24) }))
      .then(records('GrantsReduced', { grants: [{ id: second, role: 'prod.admin' }] }), records('RoleWithheld')));

  it('leaves other elevations alone', () =>
    account
      .given(
        here,
        elevated(1, 2),
        assigned(ada, 'prod.admin', byElevation(seededId('another')), { nth: 2, until: day(1) }),
      )
      .when(revokeByReview(first, day(1 / 24)))
      .then(records('AccessRevoked', { grants: [{ id: first, role: 'prod.admin' }] }), records('RoleWithheld')));
});

describe('what a review decided about an administrator', () => {
  const bySomebody = (id: string) => ({ by: { kind: 'account' as const, id } });
  const overridden = assignRole('crm.admin', { overrideWithholding: true });
  const decided = account.given(here, withheldFrom(HISTORY_BEGINS));

  it('they do not undo themselves: neither the withholding, nor by giving the role over it', () => {
    decided.when({ ...liftWithholding('crm.admin'), ...bySomebody(ada.account) }).then(refuses('own-withholding'));
    decided.when({ ...overridden, ...bySomebody(ada.account) }).then(refuses('own-withholding'));
  });

  it('they do not undo through a key that they made', () => {
    const key = { kind: 'key', id: seededId('key of ada') } as const;
    const theirs = { by: key, behind: new Map([[`key:${key.id}`, `account:${ada.account}`]]) };
    decided.when({ ...liftWithholding('crm.admin'), ...theirs }).then(refuses('own-withholding'));
    decided.when({ ...overridden, ...theirs }).then(refuses('own-withholding'));
    decided
      .when({ ...liftWithholding('crm.admin'), by: key })
      .then(records('RoleWithholdingLifted', { why: 'by-hand' }));
  });

  it('another administrator may undo', () => {
    decided
      .when({ ...liftWithholding('crm.admin'), ...bySomebody(olga.account) })
      .then(records('RoleWithholdingLifted', { why: 'by-hand' }));
    decided.when({ ...overridden, ...bySomebody(olga.account) }).then(gives('crm.admin'));
  });

  it('stays a decision of the review when the role is withheld by hand as well', () =>
    account
      .given(here, withheldFrom(day(30)), withheld(ada, 'crm.admin', [], null, null, null))
      .when({ ...liftWithholding('crm.admin'), ...bySomebody(ada.account) })
      .then(refuses('own-withholding')));

  it('is not what was withheld by hand alone: that they may lift', () =>
    account
      .given(here, withheld(ada, 'crm.admin', [], null, null, null))
      .when({ ...liftWithholding('crm.admin'), ...bySomebody(ada.account) })
      .then(records('RoleWithholdingLifted')));
});
