import {
  absent,
  ada,
  assigned,
  by,
  byHand,
  connection,
  deactivated,
  deciding,
  evidence,
  gives,
  grantId,
  linked,
  nothing,
  olga,
  person,
  provisioned,
  reactivated,
  records,
  refuses,
  revoked,
  rule,
  signIn,
  takes,
  through,
  unlinked,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';

const account = deciding(accountDecider);
const engineers = rule('engineers', 'engineers', ['crm.reader']);
const admins = rule('admins', 'crm-admins', ['crm.admin']);
const everyone = rule('everyone', '', ['wiki.reader'], 1, { when: 'always' });
const okta = connection('okta', [engineers, admins]);
const closed = (jit: object) => connection('okta', [], { jit: { ...okta.settings.jit, ...jit } });

describe('the first sign-in of a person', () => {
  it('makes an account from what the source said, then gives what the rules say', () =>
    account
      .given()
      .when(signIn(ada, okta, { groups: ['engineers'], found: 'new' }))
      .then(
        records('UserProvisioned', {
          account: ada.account,
          directory: 'staff',
          kind: 'person',
          source: { ...through('okta'), issuer: 'http://idp.example/okta' },
          evidence,
          claims: [
            { name: 'email', values: ['ada@acme.example'] },
            { name: 'groups', values: ['engineers'] },
          ],
          ruleVersions: ['engineers@1', 'admins@1'],
          emailVerified: true,
          links: [{ connection: 'okta', subject: 'ada@acme.example' }],
        }),
        gives('crm.reader', {
          source: { kind: 'rule', connection: 'okta', connectionVersion: 1, rule: 'engineers', ruleVersion: 1 },
          until: null,
          evidence,
          because: [[{ claim: 'groups', values: ['engineers'] }]],
        }),
      ));

  it('makes an account without roles when no rule matches', () =>
    account
      .given()
      .when(signIn(ada, okta))
      .then(records('UserProvisioned', { links: expect.any(Array) })));

  it('gives birthright roles also while the groups are unknown', () =>
    account
      .given()
      .when(signIn(ada, connection('okta', [everyone, engineers]), { groups: absent }))
      .then(records('UserProvisioned'), gives('wiki.reader', { because: [[]] })));

  it('leaves out roles that the catalogue lacks or has retired', () =>
    account
      .given()
      .when(signIn(ada, okta, { groups: ['engineers', 'crm-admins'], live: ['crm.reader'] }))
      .then(records('UserProvisioned'), gives('crm.reader')));

  it('completes an account whose key was claimed before, whoever claimed it', () =>
    account
      .given()
      .when(signIn(ada, okta, { found: 'link' }))
      .then(records('UserProvisioned')));

  it('writes more grants than one event may hold as several events', () => {
    const [many, more] = [roles(1, 1000), roles(1001, 1500)];
    const generous = chunksOf(100, [...many, ...more]).map((grant, index) => rule(`r${index}`, 'all', grant));
    account
      .given()
      .when(signIn(ada, connection('okta', generous), { groups: ['all'] }))
      .then(records('UserProvisioned'), gives(many), gives(more));
  });
});

describe('deny by default: a sign-in', () => {
  it('makes no account where the connection does not create accounts', () =>
    account
      .given()
      .when(signIn(ada, closed({ create: false })))
      .then(refuses('jit-disabled')));

  it('uses an account that is there although the connection creates none', () =>
    account
      .given(provisioned(ada))
      .when(signIn(ada, closed({ create: false })))
      .then(nothing));

  it('is refused without a required attribute, with or without an account', () => {
    const strict = closed({ required: ['email', 'department'] });
    account.given().when(signIn(ada, strict)).then(refuses('missing-attribute'));
    account.given(provisioned(ada)).when(signIn(ada, strict)).then(refuses('missing-attribute'));
  });

  it('is refused from a foreign domain', () => {
    const stranger = person('Eve', 'Mallory', { email: 'eve@evil.example' });
    account.given().when(signIn(stranger, okta)).then(refuses('foreign-domain'));
  });

  it('is refused while the account is deactivated, and reactivates nothing', () =>
    account
      .given(provisioned(ada), deactivated(ada))
      .when(signIn(ada, okta, { groups: ['engineers'] }))
      .then(refuses('account-deactivated')));

  it('is admitted again after a reactivation', () =>
    account
      .given(provisioned(ada), deactivated(ada), reactivated(ada))
      .when(signIn(ada, okta, { groups: ['engineers'] }))
      .then(gives('crm.reader')));

  it('is refused from the very moment at which the account ends', () => {
    const guest = provisioned(ada, { kind: 'external', expiresAt: '2026-03-31T00:00:00.000Z' });
    const at = (instant: string) => account.given(guest).when(signIn(ada, okta, { at: instant }));
    at('2026-03-30T23:59:59.999Z').then(nothing);
    at('2026-03-31T00:00:00.000Z').then(refuses('account-expired'));
  });
});

describe('a sign-in with nothing new', () => {
  it('changes nothing', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'))
      .when(signIn(ada, okta, { groups: ['engineers'] }))
      .then(nothing));

  it('changes nothing when the groups come in another order, twice, or beside strange ones', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'))
      .when(signIn(ada, okta, { groups: ['__proto__', 'constructor', 'engineers', 'chess', 'engineers', ''] }))
      .then(nothing));

  it('gives nothing twice when it was decided an instant before the sign-in that is recorded already', () =>
    account
      .given(
        provisioned(ada),
        assigned(ada, 'crm.reader', by('okta', 'engineers'), { from: '2026-03-02T08:01:00.000Z' }),
      )
      .when(signIn(ada, okta, { groups: ['engineers'], at: '2026-03-02T08:00:59.999Z' }))
      .then(nothing));
});

describe('roles follow the groups of the source', () => {
  it('gives a role when a group is new', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'))
      .when(signIn(ada, okta, { groups: ['engineers', 'crm-admins'] }))
      .then(gives('crm.admin', { source: { rule: 'admins' } })));

  it('takes a role back when a group is gone', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'))
      .when(signIn(ada, okta, { groups: [] }))
      .then(takes('crm.reader', 'rule-no-longer-matches', { evidence, effectiveAt: '2026-03-02T08:02:00.000Z' })));

  it('takes before it gives', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'))
      .when(signIn(ada, okta, { groups: ['crm-admins'] }))
      .then(takes('crm.reader', 'rule-no-longer-matches'), gives('crm.admin')));

  it('gives a role again that was taken, as a new grant', () => {
    const { events } = account
      .given(provisioned(ada), assigned(ada, 'crm.reader'), revoked(ada, 'crm.reader'))
      .when(signIn(ada, okta, { groups: ['engineers'] }));
    expect(events).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain(grantId(ada, 'crm.reader'));
  });

  it('takes back what a retired role or a removed rule gave', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'), assigned(ada, 'old.role', by('okta', 'gone')))
      .when(signIn(ada, okta, { groups: ['engineers'], live: ['crm.admin', 'old.role'] }))
      .then(takes(['crm.reader', 'old.role'], 'rule-no-longer-matches')));

  it('keeps one grant for each rule that gives the role', () => {
    const both = connection('okta', [engineers, rule('leads', 'leads', ['crm.reader'])]);
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'))
      .when(signIn(ada, both, { groups: ['engineers', 'leads'] }))
      .then(gives('crm.reader', { source: { rule: 'leads' } }));
  });

  it('never ends a grant before it began, whichever server has the faster clock', () =>
    account
      .given(
        provisioned(ada),
        assigned(ada, 'crm.reader', by('okta', 'engineers'), { from: '2026-03-02T08:01:00.500Z' }),
      )
      .when(signIn(ada, okta, { at: '2026-03-02T08:01:00.400Z' }))
      .then(takes('crm.reader', 'rule-no-longer-matches', { effectiveAt: '2026-03-02T08:01:00.500Z' })));
});

describe('unknown is not none: a sign-in', () => {
  it('keeps roles when the groups attribute is absent', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'))
      .when(signIn(ada, okta, { groups: absent }))
      .then(nothing));

  it('takes roles back when the groups attribute is there without a value', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'))
      .when(signIn(ada, okta, { groups: [''] }))
      .then(takes('crm.reader', 'rule-no-longer-matches')));

  it('takes roles back when the connection says that an absent attribute means none', () => {
    const groups = { ...okta.settings.groups, whenMissing: 'none' as const };
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader'))
      .when(signIn(ada, connection('okta', [engineers], { groups }), { groups: absent }))
      .then(takes('crm.reader', 'rule-no-longer-matches'));
  });
});

describe('a source only takes back what it gave: a sign-in', () => {
  it('leaves grants by hand', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.admin', byHand(olga)))
      .when(signIn(ada, okta, { groups: [] }))
      .then(nothing));

  it('leaves grants of another connection', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader', by('entra', 'engineers')))
      .when(signIn(ada, okta, { groups: [] }))
      .then(nothing));

  it('gives a role of its own beside the same one from elsewhere, so that each can end alone', () =>
    account
      .given(provisioned(ada), assigned(ada, 'crm.reader', byHand(olga)))
      .when(signIn(ada, okta, { groups: ['engineers'] }))
      .then(gives('crm.reader', { source: { kind: 'rule' } })));
});

describe('a sign-in of a person whose link was taken away a moment ago', () => {
  it('is refused, although a look-up by link still finds the account', () =>
    account
      .given(provisioned(ada), unlinked(ada, 'okta', 'ada@acme.example'))
      .when(signIn(ada, okta, { found: 'link' }))
      .then(refuses('account-exists-unlinked')));
});

describe('a sign-in of a person who was found by the linking rule', () => {
  const attributes = { userName: 'login', email: 'email', externalId: 'hrId' };
  const through = (settings = {}) => connection('okta', [engineers], { attributes, ...settings });
  const known = person('Ada', 'Okafor', { externalId: 'hr-1' });
  const said = { login: ['ADA@acme.example'], email: ['ada@acme.example'], hrId: ['hr-1'] };
  const found = ['externalId', 'verifiedEmail', 'userName'] as const;
  const unlinkedAccount = account.given(provisioned(known, { links: [] }));
  const arrives = (by: (typeof found)[number], claims = {}, settings = {}) =>
    signIn(known, through(settings), { found: by, subject: 'ada-at-okta', claims: { ...said, ...claims } });

  it.each(found)('by %s joins the subject to the account', (by) =>
    unlinkedAccount
      .when(arrives(by, { groups: ['engineers'] }))
      .then(
        records('IdentityLinked', { connection: 'okta', subject: 'ada-at-okta', how: by, evidence }),
        records('ProfileUpdated', { changed: ['userName'] }),
        gives('crm.reader'),
      ),
  );

  it.each([
    ['externalId', { hrId: ['hr-2'] }],
    ['verifiedEmail', { email: ['adele@acme.example'] }],
    ['userName', { login: ['adele@acme.example'] }],
  ] as const)('by %s is refused when the account bears another one: a look-up is only a hint', (by, claims) =>
    unlinkedAccount.when(arrives(by, claims)).then(refuses('account-exists-unlinked')),
  );

  it.each(found)('by %s is refused when the account lies outside the domains that the connection owns', (by) => {
    const jit = { ...okta.settings.jit, allowedDomains: [] };
    unlinkedAccount
      .when(arrives(by, {}, { jit, domains: ['partner.example'] }))
      .then(refuses('account-exists-unlinked'));
    unlinkedAccount
      .when(arrives(by, { email: ['eve@partner.example'] }, { jit, domains: ['partner.example'] }))
      .then(refuses('account-exists-unlinked'));
  });

  it('is refused when the account has no address that could show whose it is, such as one for emergencies', () => {
    const emergency = person('Glass', 'Break', { userName: 'break-glass', email: null });
    account
      .given(provisioned(emergency, { links: [], emailVerified: false, kind: 'breakGlass' }))
      .when(signIn(emergency, through(), { found: 'userName', claims: { ...said, login: ['break-glass'] } }))
      .then(refuses('account-exists-unlinked'));
  });

  it('is refused by an address that the account never had verified', () =>
    account
      .given(provisioned(known, { links: [], emailVerified: false }))
      .when(arrives('verifiedEmail'))
      .then(refuses('account-exists-unlinked')));

  it('joins a subject only once', () =>
    account
      .given(provisioned(ada, { links: [] }), linked(ada, 'okta', 'ada@acme.example'))
      .when(signIn(ada, okta, { found: 'verifiedEmail' }))
      .then(nothing));
});

function roles(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `role.${first + index}`);
}

function chunksOf<Item>(size: number, items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
