import {
  absent,
  ada,
  assigned,
  assignRole,
  by,
  byHand,
  connection,
  deactivate,
  deactivated,
  deciding,
  evidence,
  gives,
  grantId,
  liftWithholding,
  linkIdentity,
  nothing,
  olga,
  provisionByHand,
  provisioned,
  reactivate,
  reactivated,
  records,
  reevaluateRules,
  refuses,
  revokeAllOf,
  revoked,
  revokeGrant,
  rule,
  takes,
  through,
  unlinked,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';

const account = deciding(accountDecider);
const HOUR_MS = 3_600_000;

describe('an account that an administrator makes', () => {
  const links = [{ connection: 'okta', subject: 'ada' }];

  it('waits, with its links, for its person to sign in', () =>
    account
      .given()
      .when(
        provisionByHand(ada, {
          links,
          kind: 'external',
          sponsor: 'olga@acme.example',
          expiresAt: '2026-12-31T00:00:00.000Z',
        }),
      )
      .then(
        records('UserProvisioned', {
          links,
          kind: 'external',
          sponsor: 'olga@acme.example',
          source: { kind: 'manual', connection: null, connectionVersion: null, protocol: 'manual', issuer: null },
          evidence: null,
          claims: null,
          ruleVersions: [],
          emailVerified: false,
          reason: 'starts on Monday',
        }),
      ));

  it('is refused when it exists', () =>
    account.given(provisioned(ada)).when(provisionByHand(ada)).then(refuses('account-exists')));
});

describe('an account that does not exist', () => {
  it.each([
    ['AssignRole', assignRole('crm.reader')],
    ['RevokeGrant', revokeGrant(grantId(ada, 'crm.reader'))],
    ['LiftWithholding', liftWithholding('crm.reader')],
    ['Deactivate', deactivate()],
    ['Reactivate', reactivate()],
    ['LinkIdentity', linkIdentity('okta', 'ada')],
    ['ReevaluateRules', reevaluateRules(connection('okta'), { groups: [] })],
    ['RevokeAllOf', revokeAllOf({ role: 'crm.reader' })],
  ])('refuses %s', (_, command) => account.given().when(command).then(refuses('account-not-found')));
});

describe('a role given by hand', () => {
  const at = '2026-03-02T12:00:00.000Z';

  it('is a grant that names who gave it and why', () =>
    account
      .given(provisioned(ada))
      .when({ ...assignRole('crm.admin', { at }), by: { kind: 'account', id: olga.account } })
      .then(
        gives('crm.admin', {
          source: { kind: 'manual', connection: null, rule: null, actor: `account:${olga.account}` },
          until: null,
          evidence: null,
          because: [[]],
          reason: 'needed for the project',
        }),
      ));

  it('ends when asked to', () =>
    account
      .given(provisioned(ada))
      .when(assignRole('crm.admin', { at, until: '2026-03-02T14:00:00.000Z', maxDurationMs: 8 * HOUR_MS }))
      .then(gives('crm.admin', { until: '2026-03-02T14:00:00.000Z' })));

  it('ends after the longest time that the role allows when nothing is asked', () =>
    account
      .given(provisioned(ada))
      .when(assignRole('crm.admin', { at, maxDurationMs: 8 * HOUR_MS }))
      .then(gives('crm.admin', { until: '2026-03-02T20:00:00.000Z' })));

  it('may end exactly then, and not a moment later', () => {
    const asking = (until: string) =>
      account.given(provisioned(ada)).when(assignRole('crm.admin', { at, until, maxDurationMs: 8 * HOUR_MS }));
    asking('2026-03-02T20:00:00.000Z').then(gives('crm.admin'));
    asking('2026-03-02T20:00:00.001Z').then(refuses('invalid-until'));
  });

  it('cannot end now or in the past', () => {
    const asking = (until: string) => account.given(provisioned(ada)).when(assignRole('crm.admin', { at, until }));
    asking(at).then(refuses('invalid-until'));
    asking('2026-03-02T12:00:00.001Z').then(gives('crm.admin'));
  });

  it('is given once', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.admin', byHand(olga)))
      .when(assignRole('crm.admin'))
      .then(refuses('role-already-assigned')));

  it('may be given again when its time is over', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.admin', byHand(olga), { until: at }))
      .when(assignRole('crm.admin', { at }))
      .then(gives('crm.admin')));

  it('may be given beside the same role by rule', () =>
    account.given(provisioned(ada), assigned(ada, 'crm.admin')).when(assignRole('crm.admin')).then(gives('crm.admin')));
});

describe('a grant', () => {
  it('that is not there cannot be ended', () =>
    account
      .given(provisioned(ada))
      .when(revokeGrant(grantId(ada, 'crm.admin')))
      .then(refuses('grant-not-found')));

  it('ends once', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.admin', byHand(olga)), revoked(ada, 'crm.admin'))
      .when(revokeGrant(grantId(ada, 'crm.admin')))
      .then(refuses('grant-not-found')));

  it('past its end is over already', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.admin', byHand(olga), { until: '2026-03-02T09:00:00.000Z' }))
      .when(revokeGrant(grantId(ada, 'crm.admin'), { at: '2026-03-02T09:00:00.000Z' }))
      .then(refuses('grant-not-found')));
});

describe('deactivation suspends: an account', () => {
  it('is deactivated, and its grants stay recorded', () => {
    const suspended = account.given(provisioned(ada), assigned(ada, 'crm.reader'));
    suspended.when(deactivate()).then(records('UserDeactivated', { source: expect.any(Object), reason: 'on leave' }));
    expect(account.given(provisioned(ada), assigned(ada, 'crm.reader'), deactivated(ada)).state.grants.size).toBe(1);
  });

  it('is deactivated once', () =>
    account.given(provisioned(ada), deactivated(ada)).when(deactivate()).then(refuses('account-status')));

  it('that is active is not reactivated', () => {
    account.given(provisioned(ada)).when(reactivate()).then(refuses('account-status'));
    account
      .given(provisioned(ada), deactivated(ada), reactivated(ada))
      .when(reactivate())
      .then(refuses('account-status'));
  });

  it('is reactivated by an administrator, whoever deactivated it', () =>
    account
      .given(provisioned(ada), deactivated(ada, through('hr')))
      .when(reactivate())
      .then(records('UserReactivated')));

  it('is reactivated by the source that deactivated it', () =>
    account
      .given(provisioned(ada), deactivated(ada, through('hr')))
      .when(reactivate(through('hr')))
      .then(records('UserReactivated', { source: through('hr') })));

  it('is not reactivated by what its source did before it deactivated it, however late it says so', () => {
    const at = (second: number) => `2026-03-02T08:00:0${second}.000Z`;
    const suspended = account.given(provisioned(ada), deactivated(ada, through('hr'), at(5)));
    const said = (occurredAt: string) => reactivate(through('hr'), undefined, occurredAt);
    suspended.when(said(at(4))).then(refuses('reactivation-outdated'));
    suspended.when(said(at(6))).then(records('UserReactivated'));
    suspended.when(reactivate()).then(records('UserReactivated'));
    const byHand = account.given(provisioned(ada), deactivated(ada, through('hr')));
    byHand.when(said(at(4))).then(records('UserReactivated'));
  });

  it('is not reactivated by another source, nor by one when an administrator deactivated it', () => {
    const asked = reactivate(through('okta'));
    account
      .given(provisioned(ada), deactivated(ada, through('hr')))
      .when(asked)
      .then(refuses('reactivation-not-allowed'));
    account.given(provisioned(ada), deactivated(ada)).when(asked).then(refuses('reactivation-not-allowed'));
  });
});

describe('an account that is reactivated', () => {
  const suspendedAt = '2026-03-02T08:02:00.000Z';
  const suspended = account.given(provisioned(ada), assigned(ada, 'crm.reader'), deactivated(ada));
  const later = (ms: number) => new Date(Date.parse(suspendedAt) + ms).toISOString();
  const restoreWithin = 30 * 24 * HOUR_MS;

  it('in time holds what it held', () =>
    suspended.when(reactivate(undefined, later(restoreWithin))).then(records('UserReactivated')));

  it('late holds nothing any more, and rules run afresh', () =>
    suspended
      .when(reactivate(undefined, later(restoreWithin + 1)))
      .then(takes('crm.reader', 'reactivated-late', { reason: 'back' }), records('UserReactivated')));

  it('late with nothing to lose is simply active', () =>
    account
      .given(provisioned(ada), deactivated(ada))
      .when(reactivate(undefined, '2027-01-01T00:00:00.000Z'))
      .then(records('UserReactivated')));
});

describe('linking is explicit: an administrator', () => {
  const link = linkIdentity('okta', 'ada-2');

  it('joins a further subject to an account', () =>
    account
      .given(provisioned(ada))
      .when(link)
      .then(records('IdentityLinked', { connection: 'okta', subject: 'ada-2', how: 'manual', evidence: null })));

  it('cannot join the same subject twice', () =>
    account.given(provisioned(ada)).when(linkIdentity('okta', 'ada@acme.example')).then(refuses('already-linked')));

  it('may join a subject again that was separated', () =>
    account
      .given(provisioned(ada), unlinked(ada, 'okta', 'ada@acme.example'))
      .when(linkIdentity('okta', 'ada@acme.example'))
      .then(records('IdentityLinked')));
});

describe('a change of rules takes back at once, gives at the next sign-in: the account', () => {
  const engineers = rule('engineers', 'engineers', ['crm.reader'], 2);
  const held = [provisioned(ada), assigned(ada, 'crm.reader')];
  const okta = (...rules: (typeof engineers)[]) => connection('okta', rules, { version: 2 });

  it('keeps what a sign-in has judged by these rules already: the evaluation may look at an older one', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader', by('okta', 'engineers', { connection: 2 })))
      .when(reevaluateRules(okta(engineers), { groups: [] }))
      .then(nothing));

  it('loses what the rules no longer give', () =>
    account
      .given(...held)
      .when(reevaluateRules(okta({ ...engineers, when: { group: 'research' } }), { groups: ['engineers'] }))
      .then(takes('crm.reader', 'rule-changed', { evidence, reason: null })));

  it('gets nothing that they give anew', () =>
    account
      .given(...held)
      .when(reevaluateRules(okta({ ...engineers, grant: ['crm.reader', 'crm.admin'] }), { groups: ['engineers'] }))
      .then(nothing));

  it('keeps what a rule gives by other means than before', () =>
    account
      .given(...held)
      .when(reevaluateRules(okta({ ...engineers, when: 'always' }), { groups: [] }))
      .then(nothing));

  it('keeps grants of other sources', () =>
    account
      .given(
        provisioned(ada),
        assigned(ada, 'crm.reader', by('entra', 'engineers')),
        assigned(ada, 'crm.admin', byHand(olga)),
      )
      .when(reevaluateRules(okta(), { groups: [] }))
      .then(nothing));

  it('with unknown groups keeps what a rule that asks for groups may still give', () =>
    account
      .given(...held)
      .when(reevaluateRules(okta({ ...engineers, when: { group: 'research' } }), { groups: absent }))
      .then(nothing));

  it('with unknown groups loses what no rule can give any more', () => {
    const unknown = (...rules: (typeof engineers)[]) =>
      account.given(...held).when(reevaluateRules(okta(...rules), { groups: absent }));
    unknown().then(takes('crm.reader', 'rule-changed'));
    unknown({ ...engineers, grant: ['crm.admin'] }).then(takes('crm.reader', 'rule-changed'));
  });
});

describe('what is gone for good takes its grants with it', () => {
  const held = [
    provisioned(ada),
    assigned(ada, 'crm.reader'),
    assigned(ada, 'crm.reader', byHand(olga), { nth: 2 }),
    assigned(ada, 'wiki.reader', by('okta', 'everyone')),
  ];

  it('a retired role: every grant of it, by rule and by hand', () =>
    account
      .given(...held)
      .when(revokeAllOf({ role: 'crm.reader' }))
      .then(takes(['crm.reader', 'crm.reader'], 'role-retired', { evidence, reason: null })));

  it('a retired role that was defined again: what was given before, and nothing that was given since', () =>
    account
      .given(
        provisioned(ada),
        assigned(ada, 'crm.reader', byHand(olga), { from: '2026-03-02T08:01:00.000Z' }),
        assigned(ada, 'crm.reader', by('okta', 'engineers'), { nth: 2, from: '2026-03-02T08:01:00.001Z' }),
      )
      .when(revokeAllOf({ role: 'crm.reader' }, { before: '2026-03-02T08:01:00.000Z' }))
      .then(
        records('AccessRevoked', {
          code: 'role-retired',
          grants: [expect.objectContaining({ id: grantId(ada, 'crm.reader') })],
        }),
      ));

  it('a removed connection: every grant of it, and no other', () =>
    account
      .given(...held)
      .when(revokeAllOf({ connection: 'okta' }))
      .then(takes(['crm.reader', 'wiki.reader'], 'connection-removed')));

  it('nothing where nothing was given', () => {
    account
      .given(...held)
      .when(revokeAllOf({ role: 'crm.admin' }))
      .then(nothing);
    account
      .given(...held)
      .when(revokeAllOf({ connection: 'entra' }))
      .then(nothing);
  });
});
