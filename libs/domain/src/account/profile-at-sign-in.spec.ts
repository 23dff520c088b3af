import {
  ada,
  connection,
  deciding,
  evidence,
  manually,
  nothing,
  profileUpdated,
  provisioned,
  records,
  signIn,
  through,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';

const account = deciding(accountDecider);
const okta = connection('okta');
const closed = (jit: object) => connection('okta', [], { jit: { ...okta.settings.jit, ...jit } });

describe('a sign-in keeps the profile', () => {
  const mapped = (update: 'never' | 'fillEmpty' | 'everySignIn') =>
    connection('okta', [], {
      jit: { ...okta.settings.jit, update },
      attributes: { userName: 'nameId', email: 'email', department: 'department', title: 'title', badge: 'badge' },
    });
  const news = { department: ['Research'], title: ['Fellow'], badge: ['7', '9'] };

  it('up to date at every sign-in where the connection says so', () =>
    account
      .given(provisioned(ada))
      .when(signIn(ada, mapped('everySignIn'), { claims: news }))
      .then(
        records('ProfileUpdated', {
          changed: ['department', 'title', 'badge'],
          profile: { ...ada.profile, department: 'Research', title: 'Fellow', attributes: { badge: ['7', '9'] } },
          emailVerified: true,
          lost: [],
          evidence,
        }),
      ));

  it('but for empty attributes where the connection only fills', () =>
    account
      .given(provisioned(ada))
      .when(signIn(ada, mapped('fillEmpty'), { claims: news }))
      .then(records('ProfileUpdated', { changed: ['title', 'badge'] })));

  it('as it is where the connection never updates', () =>
    account
      .given(provisioned(ada))
      .when(signIn(ada, mapped('never'), { claims: news }))
      .then(nothing));

  it('and empties an attribute that the source states without a value, not one that it does not mention', () =>
    account
      .given(provisioned(ada))
      .when(signIn(ada, mapped('everySignIn'), { claims: { department: [] } }))
      .then(
        records('ProfileUpdated', {
          changed: ['department'],
          profile: expect.objectContaining({ department: null, manager: 'olga@acme.example' }),
        }),
      ));

  it('and verifies an address that was only written down before, once', () => {
    const first = account.given(provisioned(ada, { emailVerified: false })).when(signIn(ada, okta));
    first.then(records('ProfileUpdated', { changed: [], profile: ada.profile, emailVerified: true, lost: [] }));
    const [event] = first.events;
    const verified = { ...profileUpdated(ada, {}), event: () => ({ type: 'ProfileUpdated', data: event?.data }) };
    account
      .given(provisioned(ada, { emailVerified: false }), verified)
      .when(signIn(ada, okta))
      .then(nothing);
  });

  it('and verifies no address that lies outside the domains of the connection, nor one that it may not update', () => {
    const foreign = connection('okta', [], { domains: ['elsewhere.example'] });
    account
      .given(provisioned(ada, { emailVerified: false }))
      .when(signIn(ada, foreign))
      .then(nothing);
    account
      .given(provisioned(ada, { emailVerified: false }))
      .when(signIn(ada, mapped('never')))
      .then(nothing);
  });

  it('and verifies a changed address anew', () => {
    const open = closed({ allowedDomains: [], required: [] });
    account
      .given(provisioned(ada))
      .when(signIn(ada, open, { claims: { email: ['ada@elsewhere.example'] } }))
      .then(records('ProfileUpdated', { changed: ['email'], emailVerified: false }));
  });
});

describe('per attribute, the directory says which source wins: a sign-in', () => {
  const hr = through('hr');
  const okta = connection('okta', [], { attributes: { userName: 'nameId', email: 'email', department: 'department' } });
  const authority = { department: ['hr', 'okta'] };
  const research = (words = {}) => signIn(ada, okta, { claims: { department: ['Research'] }, authority, ...words });
  const byHr = profileUpdated(ada, { department: 'Engineering' }, hr);
  const lost = { ...profileUpdated(ada, {}) };

  it('that ranks lower changes nothing, and its loss is recorded', () =>
    account
      .given(provisioned(ada), byHr)
      .when(research())
      .then(
        records('ProfileUpdated', { changed: [], profile: ada.profile, lost: [{ attribute: 'department', to: 'hr' }] }),
      ));

  it('that lost once and says the same again is not recorded again', () => {
    const { events } = account.given(provisioned(ada), byHr).when(research());
    const again = { ...lost, event: () => ({ type: 'ProfileUpdated', data: events[0]?.data }) };
    account.given(provisioned(ada), byHr, again).when(research()).then(nothing);
    account
      .given(provisioned(ada), byHr, again, profileUpdated(ada, { department: 'Sales' }, hr))
      .when(research())
      .then(records('ProfileUpdated', { lost: [{ attribute: 'department', to: 'hr' }] }));
  });

  it('ranks against what an administrator wrote as against any other source', () => {
    const written = provisioned(
      { ...ada, profile: { ...ada.profile, department: 'Engineering' } },
      { source: manually },
    );
    const ranked = (department: string[]) => account.given(written).when(research({ authority: { department } }));
    ranked(['manual', 'okta']).then(records('ProfileUpdated', { lost: [{ attribute: 'department', to: 'manual' }] }));
    ranked(['okta', 'manual']).then(records('ProfileUpdated', { changed: ['department'], lost: [] }));
  });

  it('that ranks higher wins', () =>
    account
      .given(provisioned(ada), byHr)
      .when(research({ authority: { department: ['okta', 'hr'] } }))
      .then(records('ProfileUpdated', { changed: ['department'], lost: [] })));

  it('that the order does not name ranks below those it names', () =>
    account
      .given(provisioned(ada), byHr)
      .when(research({ authority: { department: ['hr'] } }))
      .then(records('ProfileUpdated', { changed: [], lost: [{ attribute: 'department', to: 'hr' }] })));

  it('wins over whoever came before where no order is given', () =>
    account
      .given(provisioned(ada), byHr)
      .when(research({ authority: {} }))
      .then(records('ProfileUpdated', { changed: ['department'] })));
});
