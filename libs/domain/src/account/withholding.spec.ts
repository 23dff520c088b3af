import {
  absent,
  ada,
  assigned,
  assignRole,
  by,
  byHand,
  connection,
  deciding,
  gives,
  grantId,
  liftWithholding,
  linked,
  matchedGroups,
  nothing,
  olga,
  provisioned,
  records,
  refuses,
  revokeGrant,
  rule,
  signIn,
  takes,
  withheld,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';

const account = deciding(accountDecider);
const admins = rule('admins', 'crm-admins', ['crm.admin']);
const okta = connection('okta', [admins]);
const anAdmin = { groups: ['crm-admins'] };
const decided = withheld(ada, 'crm.admin', ['okta/admins@1'], matchedGroups('crm-admins'));

describe('whoever ends a grant that a rule gave', () => {
  const held = [provisioned(ada), assigned(ada, 'crm.admin', by('okta', 'admins'), matchedBy('crm-admins'))];
  const grant = grantId(ada, 'crm.admin');

  it('must say whether the role is withheld', () =>
    account
      .given(...held)
      .when(revokeGrant(grant))
      .then(refuses('withhold-required')));

  it('may let the next sign-in give it again', () =>
    account
      .given(...held)
      .when(revokeGrant(grant, { withhold: false }))
      .then(takes('crm.admin', 'by-hand')));

  it('may withhold the role, which remembers the rule at its version and what matched', () =>
    account
      .given(...held)
      .when(revokeGrant(grant, { withhold: true, reason: 'moved to sales' }))
      .then(
        takes('crm.admin', 'by-hand', { reason: 'moved to sales', evidence: null }),
        records('RoleWithheld', {
          role: 'crm.admin',
          rules: ['okta/admins@1'],
          matched: matchedGroups('crm-admins'),
          reason: 'moved to sales',
        }),
      ));

  it('takes with it what other rules gave of the same role, and leaves what a person gave', () =>
    account
      .given(
        ...held,
        assigned(ada, 'crm.admin', by('entra', 'leads', { rule: 3 }), { nth: 2, ...matchedBy('leads') }),
        assigned(ada, 'crm.admin', byHand(olga), { nth: 3 }),
        assigned(ada, 'crm.reader', by('okta', 'admins')),
      )
      .when(revokeGrant(grant, { withhold: true }))
      .then(
        takes(['crm.admin', 'crm.admin'], 'by-hand'),
        records('RoleWithheld', {
          rules: ['okta/admins@1', 'entra/leads@3'],
          matched: matchedGroups('crm-admins', 'leads'),
        }),
      ));
});

describe('whoever ends a grant by hand', () => {
  const held = [provisioned(ada), assigned(ada, 'crm.admin', byHand(olga))];

  it('need not say anything about withholding', () =>
    account
      .given(...held)
      .when(revokeGrant(grantId(ada, 'crm.admin')))
      .then(takes('crm.admin', 'by-hand')));

  it('may withhold the role from every rule', () =>
    account
      .given(...held)
      .when(revokeGrant(grantId(ada, 'crm.admin'), { withhold: true }))
      .then(takes('crm.admin', 'by-hand'), records('RoleWithheld', { rules: [], matched: null })));
});

describe('a decision outlives a rule: a withheld role', () => {
  const signingIn = (words = anAdmin, through = okta) =>
    account.given(provisioned(ada), decided).when(signIn(ada, through, words));

  it('is not given again by the same rule for the same reason', () => signingIn().then(nothing));

  it('is not given again by another rule of the connection', () => {
    const more = connection('okta', [admins, rule('leads', 'leads', ['crm.admin'])]);
    signingIn({ groups: ['crm-admins', 'leads'] }, more).then(nothing);
    signingIn(anAdmin, connection('okta', [rule('other', 'crm-admins', ['crm.admin'])])).then(nothing);
  });

  it('is not given again by another connection', () =>
    account
      .given(provisioned(ada), linked(ada, 'entra', 'ada@acme.example'), decided)
      .when(signIn(ada, connection('entra', [admins, rule('leads', 'crm-admins', ['crm.admin'])]), anAdmin))
      .then(nothing));

  it('keeps no other role away', () => {
    const both = connection('okta', [{ ...admins, grant: ['crm.admin', 'crm.reader'] }]);
    signingIn(anAdmin, both).then(gives('crm.reader'));
  });

  it('stays withheld while the groups are unknown', () => signingIn({ groups: absent } as never).then(nothing));

  it('stays withheld when its rule is removed or its role is retired', () => {
    signingIn({ groups: [] }, connection('okta', [])).then(nothing);
    account
      .given(provisioned(ada), decided)
      .when(signIn(ada, okta, { groups: [], live: [] }))
      .then(nothing);
  });

  it('stays withheld from a rule that still matches when another one no longer does', () => {
    const two = withheld(ada, 'crm.admin', ['okta/admins@1', 'okta/leads@1'], matchedGroups('crm-admins', 'leads'));
    const both = connection('okta', [admins, rule('leads', 'leads', ['crm.admin'])]);
    account
      .given(provisioned(ada), two)
      .when(signIn(ada, both, anAdmin))
      .then(nothing);
  });

  it('stays withheld from every rule when nobody but a person had given it', () =>
    account
      .given(provisioned(ada), withheld(ada, 'crm.admin'))
      .when(signIn(ada, okta, anAdmin))
      .then(nothing));
});

describe('a role that is withheld from somebody whom a rule means only when they sign in strongly', () => {
  const when = { all: [{ group: 'crm-admins' }, { authenticationContext: 'mfa' }] };
  const strong = connection('okta', [{ ...admins, when }]);

  it('stays withheld when they sign in weakly for once, and then strongly again', () => {
    const weakly = account.given(provisioned(ada), decided).when(signIn(ada, strong, anAdmin));
    weakly.then(nothing);
    account
      .given(provisioned(ada), decided)
      .when(signIn(ada, strong, { ...anAdmin, authentication: { methods: ['mfa'] } }))
      .then(nothing);
  });

  it('is no longer withheld once they are certainly not meant any more, however they sign in', () =>
    account
      .given(provisioned(ada), decided)
      .when(signIn(ada, strong, { groups: [] }))
      .then(records('RoleWithholdingLifted', { why: 'attributes-changed' })));
});

describe('a withholding ends', () => {
  it('when the rule has another version', () =>
    account
      .given(provisioned(ada), decided)
      .when(signIn(ada, connection('okta', [{ ...admins, version: 2 }]), anAdmin))
      .then(
        records('RoleWithholdingLifted', { role: 'crm.admin', why: 'rule-changed', reason: null }),
        gives('crm.admin', { source: { ruleVersion: 2 } }),
      ));

  it('when the person is no longer in the group that matched, so that a later return counts', () =>
    account
      .given(provisioned(ada), decided)
      .when(signIn(ada, okta, { groups: [] }))
      .then(records('RoleWithholdingLifted', { role: 'crm.admin', why: 'attributes-changed' })));

  it('when the same rule matches by another attribute', () =>
    account
      .given(provisioned(ada), decided)
      .when(
        signIn(
          ada,
          connection('okta', [admins], { groups: { attribute: 'teams', whenMissing: 'unknown', names: {} } }),
          {
            groups: absent,
            claims: { teams: ['crm-admins'] },
          },
        ),
      )
      .then(records('RoleWithholdingLifted', { why: 'attributes-changed' }), gives('crm.admin')));

  it('when someone lifts it', () =>
    account
      .given(provisioned(ada), decided)
      .when(liftWithholding('crm.admin'))
      .then(records('RoleWithholdingLifted', { role: 'crm.admin', why: 'by-hand', reason: 'reviewed again' })));

  it('not twice', () =>
    account.given(provisioned(ada)).when(liftWithholding('crm.admin')).then(refuses('not-withheld')));
});

describe('giving a withheld role by hand', () => {
  it('is refused', () =>
    account.given(provisioned(ada), decided).when(assignRole('crm.admin')).then(refuses('role-withheld')));

  it('needs an explicit override, and the withholding stands on for rules', () => {
    account
      .given(provisioned(ada), decided)
      .when(assignRole('crm.admin', { overrideWithholding: true, reason: 'stands in for Olga' }))
      .then(gives('crm.admin', { source: { kind: 'manual' } }));
    account
      .given(provisioned(ada), decided, assigned(ada, 'crm.admin', byHand(olga)))
      .when(signIn(ada, okta, anAdmin))
      .then(nothing);
  });
});

function matchedBy(group: string) {
  return { matched: [{ claim: 'groups', values: [group] }] };
}
