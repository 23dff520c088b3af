import {
  absorbAccount,
  absorbed,
  ada,
  assigned,
  assignRole,
  by,
  byHand,
  connection,
  deactivated,
  deciding,
  expireLeases,
  gives,
  linked,
  linkIdentity,
  merged,
  mergeInto,
  nothing,
  olga,
  person,
  profileUpdated,
  provisioned,
  reactivate,
  records,
  refuses,
  revokeAllOf,
  rule,
  signIn,
  takes,
  through,
  unlinked,
  unlinkIdentity,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';

const account = deciding(accountDecider);
const adele = person('Adele', 'Okafor');
const okta = connection('okta', [rule('engineers', 'engineers', ['crm.reader'])]);

describe('a subject that is unlinked', () => {
  it('takes with it what its connection gave, first, and nothing else', () =>
    account
      .given(
        provisioned(ada),
        assigned(ada, 'crm.reader'),
        assigned(ada, 'crm.admin', byHand(olga)),
        assigned(ada, 'wiki.reader', by('entra', 'all')),
      )
      .when(unlinkIdentity('okta', 'ada@acme.example'))
      .then(
        takes('crm.reader', 'identity-unlinked', { reason: 'not theirs' }),
        records('IdentityUnlinked', { connection: 'okta', subject: 'ada@acme.example' }),
      ));

  it('must be linked', () => {
    account.given(provisioned(ada)).when(unlinkIdentity('okta', 'somebody else')).then(refuses('not-linked'));
    account.given(provisioned(ada)).when(unlinkIdentity('entra', 'ada@acme.example')).then(refuses('not-linked'));
  });

  it('does not sign in any more, unless somebody links it again', () =>
    account
      .given(provisioned(ada), unlinked(ada, 'okta', 'ada@acme.example'))
      .when(signIn(ada, okta))
      .then(refuses('account-exists-unlinked')));

  it('leaves its connection no authority over the profile, unless another subject of it stays linked', () => {
    const words = { authority: { department: ['okta', 'entra'] }, claims: { department: ['Sales'] }, subject: 'ada-1' };
    const entra = connection('entra', [], {
      attributes: { userName: 'email', email: 'email', department: 'department' },
    });
    const stated = [
      provisioned(ada),
      linked(ada, 'entra', 'ada-1'),
      profileUpdated(ada, { department: 'Engineering' }),
    ];
    account
      .given(...stated)
      .when(signIn(ada, entra, words))
      .then(records('ProfileUpdated', { changed: [], lost: [{ attribute: 'department', to: 'okta' }] }));
    account
      .given(...stated, unlinked(ada, 'okta', 'ada@acme.example'))
      .when(signIn(ada, entra, words))
      .then(records('ProfileUpdated', { changed: ['department'], lost: [] }));
    account
      .given(...stated, linked(ada, 'okta', 'ada-2'), unlinked(ada, 'okta', 'ada@acme.example'))
      .when(signIn(ada, entra, words))
      .then(records('ProfileUpdated', { changed: [] }));
  });
});

describe('an account that absorbs another one', () => {
  const links = [
    { connection: 'okta', subject: 'adele@acme.example' },
    { connection: 'entra', subject: 'adele' },
  ];

  it('takes over its identities', () =>
    account
      .given(provisioned(ada))
      .when(absorbAccount(adele.account, links))
      .then(records('AccountAbsorbed', { account: ada.account, from: adele.account, links })));

  it('is signed in to by them from then on', () =>
    account
      .given(provisioned(ada), absorbed(ada, adele))
      .when(signIn(ada, okta, { subject: 'adele@acme.example', groups: ['engineers'] }))
      .then(records('ProfileUpdated'), gives('crm.reader')));

  it('changes nothing when asked again, and takes over what is new', () => {
    const once = account.given(provisioned(ada), absorbed(ada, adele));
    once.when(absorbAccount(adele.account, links.slice(0, 1))).then(nothing);
    once.when(absorbAccount(adele.account, links)).then(records('AccountAbsorbed', { links: links.slice(1) }));
  });

  it('records that it absorbed one without any identity', () =>
    account
      .given(provisioned(ada))
      .when(absorbAccount(adele.account))
      .then(records('AccountAbsorbed', { links: [] })));

  it('takes over more identities than one event may hold', () => {
    const many = Array.from({ length: 150 }, (_, n) => ({ connection: 'okta', subject: `s${n}` }));
    account
      .given(provisioned(ada))
      .when(absorbAccount(adele.account, many))
      .then(
        records('AccountAbsorbed', { links: many.slice(0, 100) }),
        records('AccountAbsorbed', { links: many.slice(100) }),
      );
  });

  it('is not itself, and has not ended in a merge', () => {
    account.given(provisioned(ada)).when(absorbAccount(ada.account)).then(refuses('merge-not-possible'));
    account
      .given(provisioned(ada), merged(ada, olga))
      .when(absorbAccount(adele.account))
      .then(refuses('account-merged-into-another'));
  });
});

describe('an account that is merged into another one', () => {
  it('loses what it was given, is suspended, and ends', () =>
    account
      .given(provisioned(adele), assigned(adele, 'crm.reader'), assigned(adele, 'crm.admin', byHand(olga)))
      .when(mergeInto(ada.account))
      .then(
        takes(['crm.reader', 'crm.admin'], 'account-merged'),
        records('UserDeactivated', { reason: 'the same person' }),
        records('AccountMerged', { account: adele.account, into: ada.account }),
      ));

  it('ends also when it is suspended already', () =>
    account.given(provisioned(adele), deactivated(adele)).when(mergeInto(ada.account)).then(records('AccountMerged')));

  const gone = account.given(provisioned(adele), deactivated(adele), merged(adele, ada));

  it('changes nothing when asked again, and goes into no third one', () => {
    gone.when(mergeInto(ada.account)).then(nothing);
    gone.when(mergeInto(olga.account)).then(refuses('account-merged-into-another'));
  });

  it('is not itself, and not one that the other was merged into', () => {
    account.given(provisioned(ada)).when(mergeInto(ada.account)).then(refuses('merge-not-possible'));
    account
      .given(provisioned(ada), absorbed(ada, adele))
      .when(mergeInto(adele.account))
      .then(refuses('merge-not-possible'));
  });

  it('never signs in again', () => gone.when(signIn(adele, okta)).then(refuses('account-merged')));

  it('is never reactivated, neither by an administrator nor by a source', () => {
    gone.when(reactivate()).then(refuses('account-merged-into-another'));
    gone.when(reactivate(through('okta'))).then(refuses('account-merged-into-another'));
  });

  it('is given nothing and linked to nothing', () => {
    gone.when(assignRole('crm.reader')).then(refuses('account-merged-into-another'));
    gone.when(linkIdentity('entra', 'x')).then(refuses('account-merged-into-another'));
  });

  it('is passed over by what concerns every account', () => {
    gone.when(expireLeases()).then(nothing);
    gone.when(revokeAllOf({ role: 'crm.reader' })).then(nothing);
  });
});
