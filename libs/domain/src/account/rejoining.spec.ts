/**
 * Somebody comes back to an account by a name or an address, after they were separated from it or in the place of somebody else: linking rules
 * never lead them there. Each case has its twin in which the same rule links.
 */
import {
  absorbed,
  connection,
  deciding,
  linked,
  linkIdentity,
  nothing,
  person,
  provisioned,
  records,
  refuses,
  signIn,
  through,
  unlinked,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';

const account = deciding(accountDecider);
const attributes = { userName: 'login', email: 'email', externalId: 'hrId' };
const ada = person('Ada', 'Okafor', { externalId: 'hr-1' });
const adele = person('Adele', 'Okafor');
const claims = { login: [ada.profile.userName], email: [ada.profile.email as string], hrId: ['hr-1'] };
const RULES = ['userName', 'externalId', 'verifiedEmail'] as const;

const made = (links: readonly string[]) =>
  provisioned(ada, {
    source: through('okta'),
    emailVerified: true,
    links: links.map((subject) => ({ connection: 'okta', subject })),
  });
const comes = (subject: string, by: (typeof RULES)[number], id = 'okta') =>
  signIn(ada, connection(id, [], { attributes, linking: by }), { found: by, subject, claims });
const refused = refuses('account-exists-unlinked');

describe('a second subject of the same connection', () => {
  it.each(RULES)('is not joined to the account that the first one has, by %s: a name may have a new owner', (by) =>
    account
      .given(made(['leaver']))
      .when(comes('newcomer', by))
      .then(refused),
  );

  it.each(RULES)('is, when nobody of the connection has it, by %s', (by) =>
    account
      .given(made([]))
      .when(comes('newcomer', by))
      .then(records('IdentityLinked', { subject: 'newcomer', how: by })),
  );

  it.each(RULES)('is, when it is of another connection, by %s', (by) =>
    account
      .given(
        provisioned(ada, {
          source: through('entra'),
          links: [{ connection: 'entra', subject: 'a' }],
          emailVerified: true,
        }),
      )
      .when(comes('b', by))
      .then(
        by === 'verifiedEmail' ? records('IdentityLinked', { how: by }) : records('IdentityLinked', { subject: 'b' }),
      ),
  );

  it('is joined by hand, and comes in then', () => {
    const both = account.given(made(['leaver']));
    both.when(linkIdentity('okta', 'newcomer')).then(records('IdentityLinked', { how: 'manual' }));
    account
      .given(made(['leaver']), linked(ada, 'okta', 'newcomer'))
      .when(comes('newcomer', 'userName'))
      .then(nothing);
  });
});

describe('a subject that was unlinked', () => {
  const separated = [made(['mallory']), unlinked(ada, 'okta', 'mallory')] as const;

  it.each(RULES)('is not joined again by %s', (by) =>
    account
      .given(...separated)
      .when(comes('mallory', by))
      .then(refused),
  );

  it.each(RULES)('keeps no other subject away that %s leads to the account', (by) =>
    account
      .given(...separated)
      .when(comes('ada', by))
      .then(records('IdentityLinked', { subject: 'ada', how: by })),
  );

  it('stays so however often it was linked and unlinked by hand, and comes in while it is linked', () => {
    const again = [...separated, linked(ada, 'okta', 'mallory')];
    account
      .given(...again)
      .when(comes('mallory', 'userName'))
      .then(nothing);
    account
      .given(...again, unlinked(ada, 'okta', 'mallory'))
      .when(comes('mallory', 'userName'))
      .then(refused);
  });

  it('may be joined again by hand, after which the account knows of no separation', () => {
    account
      .given(...separated)
      .when(linkIdentity('okta', 'mallory'))
      .then(records('IdentityLinked', { how: 'manual' }));
    expect(account.given(...separated).state.separated).toEqual([{ connection: 'okta', subject: 'mallory' }]);
    expect(account.given(...separated, linked(ada, 'okta', 'mallory')).state.separated).toEqual([]);
  });

  it('is taken over with another account of the same person, who is joined by hand, too', () => {
    const { state } = account.given(
      made(['adele@acme.example']),
      unlinked(ada, 'okta', 'adele@acme.example'),
      absorbed(ada, adele),
    );
    expect(state.separated).toEqual([]);
    expect(state.links).toContainEqual({ connection: 'okta', subject: 'adele@acme.example' });
  });
});
