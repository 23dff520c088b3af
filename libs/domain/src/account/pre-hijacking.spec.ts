/**
 * Somebody makes an account in another person's name, or with their address, before that person ever comes, and waits in it: whatever way
 * they choose, the person is never led into that account. Each case has its twin in which the same link is right.
 */
import {
  ada,
  connection,
  deciding,
  linked,
  manually,
  nothing,
  type Person,
  person,
  profileUpdated,
  provisioned,
  records,
  refuses,
  signIn,
  through,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';

const account = deciding(accountDecider);
const attributes = { userName: 'login', email: 'email', externalId: 'hrId' };
/** Owns acme.example and vouches for its addresses. */
const links = (linking: 'userName' | 'externalId' | 'verifiedEmail', over = {}) =>
  connection('okta', [], { attributes, linking, ...over });
/** Lets everybody choose their name and address, and owns no domain of acme's. */
const forum = connection('forum', [], {
  attributes,
  domains: ['forum.example'],
  jit: { allowedDomains: [], required: [] },
});

const hers = { login: ['ada@acme.example'], email: ['ada@acme.example'], hrId: ['hr-1'] };
const victim = person('Ada', 'Okafor', { externalId: 'hr-1' });

/** The first source that may speak for an address that was written down verifies it. */
const verified = [records('ProfileUpdated', { changed: [], emailVerified: true })];

/** An account in Ada's name to which somebody else's subject of the forum is linked. */
const squatted = (over: Partial<Person['profile']> = {}, emailVerified = false) => {
  const squatter = { ...victim, profile: { ...victim.profile, ...over } };
  return provisioned(squatter, {
    source: through('forum'),
    links: [{ connection: 'forum', subject: 'mallory' }],
    emailVerified,
  });
};
const adaArrives = (found: 'userName' | 'externalId' | 'verifiedEmail', through = links(found)) =>
  signIn(victim, through, { found, subject: 'ada-at-okta', claims: hers });

describe('an account that somebody made in another person’s name through a connection that lets them choose', () => {
  it('never has the address verified', () =>
    account
      .given()
      .when(signIn(victim, forum, { found: 'new', subject: 'mallory', claims: hers }))
      .then(records('UserProvisioned', { emailVerified: false })));

  it.each(['userName', 'externalId', 'verifiedEmail'] as const)('is not what the person is led into by %s', (by) =>
    account.given(squatted()).when(adaArrives(by)).then(refuses('account-exists-unlinked')),
  );

  it.each(['userName', 'externalId'] as const)(
    'is not either when its owner has an address of their own verified, by %s',
    (by) =>
      account
        .given(squatted({ email: 'mallory@acme.example' }, true))
        .when(adaArrives(by))
        .then(refuses('account-exists-unlinked')),
  );

  it.each(['userName', 'externalId', 'verifiedEmail'] as const)(
    'but one in which the same address was verified is, by %s',
    (by) =>
      account
        .given(squatted({}, true))
        .when(adaArrives(by))
        .then(records('IdentityLinked', { how: by })),
  );
});

describe('an account whose name was changed to another person’s by a connection that lets people choose', () => {
  const mallory = person('Mallory', 'Vane');
  const renamed = profileUpdated(mallory, { ...victim.profile, email: mallory.profile.email }, through('forum'));
  const made = [provisioned(mallory), linked(mallory, 'forum', 'mallory'), renamed];

  it.each(['userName', 'externalId'] as const)('is not what that person is led into by %s', (by) =>
    account
      .given(...made)
      .when(adaArrives(by))
      .then(refuses('account-exists-unlinked')),
  );
});

describe('an account that an administrator made beforehand', () => {
  const prepared = (over = {}) =>
    account.given(provisioned(victim, { source: manually, links: [], emailVerified: false, ...over }));

  it.each(['userName', 'externalId'] as const)('is what its person is led into by %s: that is an invitation', (by) =>
    prepared()
      .when(adaArrives(by))
      .then(records('IdentityLinked', { how: by }), ...verified),
  );

  it('is not what anybody is led into by an address that was only written down', () =>
    prepared().when(adaArrives('verifiedEmail')).then(refuses('account-exists-unlinked')));

  it('is nobody’s through a connection that does not own the domain, whatever it states', () => {
    for (const by of ['userName', 'externalId', 'verifiedEmail'] as const) {
      const generous = connection('forum', [], { ...forum.settings, linking: by });
      prepared({ emailVerified: true })
        .when(signIn(victim, generous, { found: by, subject: 'mallory', claims: hers }))
        .then(refuses('account-exists-unlinked'));
    }
  });

  it('is nobody’s through a connection that names the domain and has not shown that it owns it', () => {
    const claimed = connection('forum', [], {
      attributes,
      linking: 'userName',
      domains: ['acme.example'],
      domainOwnership: 'dns',
      ownedDomains: [],
    });
    prepared()
      .when(signIn(victim, claimed, { found: 'userName', subject: 'mallory', claims: hers }))
      .then(refuses('account-exists-unlinked'));
    prepared()
      .when(
        signIn(
          victim,
          { ...claimed, ownedDomains: ['acme.example'] },
          { found: 'userName', subject: 'ada', claims: hers },
        ),
      )
      .then(records('IdentityLinked'), ...verified);
  });
});

describe('an address that the source itself calls unverified', () => {
  const unverified = { ...hers, email_verified: ['false'] };
  /** Lets people in wherever their address lies: else nobody of these would be admitted at all. */
  const open = { jit: { allowedDomains: [] } };

  it.each(['userName', 'externalId', 'verifiedEmail'] as const)('leads nobody into an account, by %s', (by) =>
    account
      .given(provisioned(victim, { links: [] }))
      .when(signIn(victim, links(by, open), { found: by, subject: 'mallory', claims: unverified }))
      .then(refuses('account-exists-unlinked')),
  );

  it('is not recorded as verified either, and the same one called verified is', () => {
    const first = (claims: Record<string, string[]>) =>
      account.given().when(signIn(victim, connection('okta', [], { attributes, ...open }), { found: 'new', claims }));
    first(unverified).then(records('UserProvisioned', { emailVerified: false }));
    first({ ...hers, email_verified: ['true', 'false'] }).then(records('UserProvisioned', { emailVerified: false }));
    first({ ...hers, email_verified: ['true'] }).then(records('UserProvisioned', { emailVerified: true }));
  });
});

describe('an account that a person shares with nobody', () => {
  it('does not become verified by a connection that may not speak for the address', () =>
    account
      .given(provisioned(ada, { links: [{ connection: 'forum', subject: 'mallory' }], emailVerified: false }))
      .when(signIn(ada, forum, { subject: 'mallory', claims: { login: ['ada@acme.example'] } }))
      .then(nothing));
});
