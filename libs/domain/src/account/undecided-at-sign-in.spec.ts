/** What a sign-in does, and does not do, while it cannot be told whether a rule is for the person. */
import {
  absent,
  ada,
  assigned,
  by,
  connection,
  deciding,
  gives,
  linked,
  nothing,
  provisioned,
  records,
  refuses,
  rule,
  signIn,
  takes,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';

const account = deciding(accountDecider);
const attributes = { userName: 'login', email: 'email' };
const login = [ada.profile.userName];

describe('a grant of a rule that is undecided', () => {
  const attested = rule('attested', '', ['crm.reader'], 1, { when: { claim: 'notes', matches: 'y.*' } });
  const okta = connection('okta', [attested, rule('staff', 'staff', ['wiki.reader'])], { attributes });
  const tooLarge = Array.from({ length: 600 }, () => 'x'.repeat(8_000));
  const held = [
    provisioned(ada),
    assigned(ada, 'crm.reader', by('okta', 'attested')),
    assigned(ada, 'wiki.reader', by('okta', 'staff')),
  ];
  const comes = (notes: readonly string[], groups: readonly string[] = ['staff'], through = okta) =>
    account.given(...held).when(signIn(ada, through, { groups, claims: { login, notes } }));

  it('stays, also where groups are known: it was too much to look at', () => comes(tooLarge).then(nothing));

  it('is taken where the rule is decided and does not match', () =>
    comes(['x']).then(takes('crm.reader', 'rule-no-longer-matches')));

  it('keeps no grant of another rule', () => comes(tooLarge, []).then(takes('wiki.reader', 'rule-no-longer-matches')));

  it('is taken where the rule does not give the role any more, decided or not', () => {
    const other = connection('okta', [{ ...attested, grant: ['crm.admin'] }, rule('staff', 'staff', ['wiki.reader'])], {
      attributes,
    });
    comes(tooLarge, ['staff'], other).then(takes('crm.reader', 'rule-no-longer-matches'));
  });

  it('is not given either', () =>
    account
      .given(provisioned(ada))
      .when(signIn(ada, okta, { groups: ['staff'], claims: { login, notes: tooLarge } }))
      .then(gives('wiki.reader')));
});

describe('a rule that names a directory, and of which it cannot be told whether it is for a person', () => {
  const partners = rule('partners', 'partners', [], 4, { directory: 'partners' });
  const okta = connection('okta', [partners], { attributes, linking: 'userName' });
  const comes = (groups: readonly string[] | typeof absent, through = okta) =>
    account.given().when(signIn(ada, through, { found: 'new', groups, claims: { login } }));

  it('lets no account be made, neither in its directory nor in the connection’s', () =>
    comes(absent).then(refuses('groups-unknown')));

  it('lets it be made where it belongs once that can be told', () => {
    comes(['partners']).then(records('UserProvisioned', { directory: 'partners' }));
    comes([]).then(records('UserProvisioned', { directory: okta.settings.directory }));
  });

  it('is of no account when another rule before it decides, or when it names no other directory', () => {
    const first = rule('everybody', '', [], 1, { when: 'always', directory: 'guests' });
    comes(absent, connection('okta', [first, partners], { attributes })).then(
      records('UserProvisioned', { directory: 'guests' }),
    );
    const same = { ...partners, directory: okta.settings.directory };
    comes(absent, connection('okta', [same], { attributes })).then(records('UserProvisioned'));
    comes(absent, connection('okta', [partners, first], { attributes })).then(refuses('groups-unknown'));
  });

  it('keeps nobody out who has an account and is linked to it', () =>
    account
      .given(provisioned(ada))
      .when(signIn(ada, okta, { groups: absent, claims: { login } }))
      .then(nothing));

  it('joins nobody to an account that only has their name in the connection’s directory', () => {
    const found = { found: 'userName', subject: 'ada-1', claims: { login } } as const;
    const named = account.given(provisioned(ada, { links: [] }));
    named.when(signIn(ada, okta, { ...found, groups: absent })).then(refuses('groups-unknown'));
    named.when(signIn(ada, okta, { ...found, groups: [] })).then(records('IdentityLinked'));
    account
      .given(provisioned(ada, { links: [] }), linked(ada, 'okta', 'ada-1'))
      .when(signIn(ada, okta, { ...found, groups: absent }))
      .then(nothing);
  });
});
