/** Signing in where there are no ID tokens, as at GitHub: the profile is read, and the provider's word on e-mail is taken exactly. */
import { createSigningKey, FakeOpenIdProvider, type FakePerson, type FakeSigningKey } from '#libs/testing';
import { allowHttp, answerFrom, CLIENT, NOW, TRANSACTION } from '../oidc/sign-in.fixture.js';
import { OAuth2Client } from './oauth2-client.js';
import type { OAuth2Settings } from './oauth2-settings.js';

let provider: FakeOpenIdProvider;
let key: FakeSigningKey;
const client = new OAuth2Client({ fetch, allowHttp });
beforeAll(async () => {
  key = await createSigningKey('unused');
});
beforeEach(async () => {
  provider = await FakeOpenIdProvider.start({ client: CLIENT, now: () => NOW, key });
});
afterEach(() => provider.close());

const settings = (differing: Partial<OAuth2Settings> = {}): OAuth2Settings => ({
  connection: 'github',
  authorizationUrl: `${provider.origin}/authorize`,
  tokenUrl: `${provider.origin}/token`,
  profileUrl: `${provider.origin}/userinfo`,
  emailsUrl: null,
  ...CLIENT,
  scopes: ['read:user', 'user:email'],
  subject: 'id',
  email: 'email',
  emailVerified: null,
  issuer: null,
  ...differing,
});
const octocat: FakePerson = {
  sub: 'unused',
  id: 583231,
  login: 'octocat',
  email: 'cat@acme.example',
  plan: { name: 'pro' },
};

async function begin(s: OAuth2Settings, person = octocat) {
  provider.person = person;
  return provider.authorize((await client.begin(s, TRANSACTION)).url);
}

async function signIn(s = settings(), person = octocat) {
  return client.finish(s, answerFrom(await begin(s, person)));
}

describe('a sign-in by OAuth 2.0', () => {
  it('is asked for with PKCE and state', async () => {
    const { searchParams } = new URL((await client.begin(settings(), TRANSACTION)).url);
    expect([searchParams.get('code_challenge_method'), searchParams.get('state'), searchParams.get('scope')]).toEqual([
      'S256',
      TRANSACTION.state,
      'read:user user:email',
    ]);
  });

  it('knows the person by the stable id, and says that nothing was signed', async () => {
    const identity = await signIn();
    expect(identity).toMatchObject({
      protocol: 'oauth2',
      subject: { value: '583231', format: 'id' },
      evidence: {
        issuer: provider.origin,
        keySha256: null,
        assertionId: expect.stringMatching(/^sha256:/),
        initiatedBy: 'sp',
      },
      notOnOrAfter: '2026-03-01T08:10:00.000Z',
    });
    expect([identity.claims.get('login'), identity.claims.get('plan.name')]).toEqual([['octocat'], ['pro']]);
  });

  it('has another id each time, without the code in it', async () => {
    const [one, two] = [await signIn(), await signIn()];
    expect(one.evidence.assertionId).not.toBe(two.evidence.assertionId);
    expect(one.evidence.assertionId).not.toContain(provider.tokenRequests[0]?.get('code'));
  });

  it('that another browser’s verifier or a second use of the code tries is refused', async () => {
    const answer = answerFrom(await begin(settings()));
    await expect(client.finish(settings(), { ...answer, codeVerifier: 'v'.repeat(43) })).rejects.toMatchObject({
      code: 'code-refused',
    });
    const honest = answerFrom(await begin(settings()));
    await client.finish(settings(), honest);
    await expect(client.finish(settings(), honest)).rejects.toMatchObject({ code: 'code-refused' });
  });

  it('whose failure the provider tells with status 200, as GitHub does, is refused all the same', async () => {
    provider.behaviour = { tokens: () => ({ error: 'bad_verification_code' }) };
    await expect(signIn()).rejects.toMatchObject({ code: 'code-refused' });
  });

  it('with a missing or foreign state or from another provider is refused before anything is redeemed', async () => {
    const url = await begin(settings());
    const changed = (name: string, value: string) => {
      const other = new URL(url);
      other.searchParams.set(name, value);
      return answerFrom(other);
    };
    await expect(client.finish(settings(), changed('state', ''))).rejects.toMatchObject({ code: 'state-mismatch' });
    await expect(client.finish(settings(), changed('iss', 'https://evil.example'))).rejects.toMatchObject({
      code: 'wrong-issuer',
    });
    const named = settings({ issuer: 'https://idp.example/oauth' });
    await expect(client.finish(named, changed('iss', `${provider.origin}/oauth`))).rejects.toMatchObject({
      code: 'wrong-issuer',
    });
    expect(provider.callsOf('/token')).toBe(0);
    await expect(client.finish(settings(), changed('iss', `${provider.origin}/oauth`))).resolves.toBeDefined();
  });

  it.each<[string, FakePerson]>([
    ['no id', { sub: 'x', login: 'octocat' }],
    ['an empty id', { sub: 'x', id: '' }],
    ['two ids', { sub: 'x', id: [1, 2] }],
    ['an id that a number cannot hold', { sub: 'x', id: 1e21 }],
  ])('of a profile with %s is refused', async (_, person) => {
    await expect(signIn(settings(), person)).rejects.toMatchObject({ code: 'unnamed-subject' });
  });

  it('of a profile that cannot be read is the provider’s fault', async () => {
    provider.behaviour = { down: { '/userinfo': 500 } };
    await expect(signIn()).rejects.toMatchObject({ code: 'provider-unreachable' });
  });
});

describe('an e-mail address', () => {
  const verdict = async (s: OAuth2Settings, person = octocat) => {
    const { claims } = await signIn(s, person);
    return [claims.get('email'), claims.get('email_verified')];
  };

  it('in the profile is not verified unless the settings say where it says so', async () => {
    const claiming = { ...octocat, email_verified: true, confirmed: true };
    expect(await verdict(settings(), claiming)).toEqual([['cat@acme.example'], ['false']]);
    expect(await verdict(settings({ emailVerified: 'confirmed' }), claiming)).toEqual([['cat@acme.example'], ['true']]);
    expect(await verdict(settings({ emailVerified: 'confirmed' }), { ...claiming, confirmed: false })).toEqual([
      ['cat@acme.example'],
      ['false'],
    ]);
  });

  it('in a list is the one that is primary and verified, and no other', async () => {
    const listing = settings({ emailsUrl: `${provider.origin}/emails` });
    const first = { email: 'cat@acme.example', primary: true, verified: true };
    const second = { email: 'boss@acme.example', primary: false, verified: true };
    provider.emails = [second, first];
    expect(await verdict(listing)).toEqual([['cat@acme.example'], ['true']]);
    for (const emails of [
      [second],
      [{ ...first, verified: false }, second],
      [first, { ...second, primary: true }],
      [{ ...first, verified: 'true' }],
      {},
      [],
    ]) {
      provider.emails = emails;
      expect(await verdict(listing)).toEqual([[], ['false']]);
    }
  });
});

describe('OAuth 2.0 settings', () => {
  it.each<[string, Partial<OAuth2Settings>]>([
    ['a profile on plain HTTP', { profileUrl: 'http://idp.example/user' }],
    ['a token address that is none', { tokenUrl: 'file:///token' }],
    ['the scope of OpenID Connect', { scopes: ['openid'] }],
    ['no subject', { subject: '' }],
    ['no client', { clientId: '' }],
  ])('with %s cannot work', async (_, differing) => {
    await expect(client.begin(settings(differing), TRANSACTION)).rejects.toMatchObject({
      code: 'oauth-settings-invalid',
    });
  });
});
