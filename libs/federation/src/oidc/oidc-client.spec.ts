/** Signing in by OpenID Connect: what is asked for, what is accepted and what is made of it. Attacks are in their own file. */
import { createHash } from 'node:crypto';
import { createSigningKey, FakeOpenIdProvider, type FakePerson, type FakeSigningKey } from '#libs/testing';
import { checkIdToken } from './id-token-report.js';
import { OidcClient } from './oidc-client.js';
import type { OidcSettings } from './oidc-settings.js';
import { allowHttp, answerFrom, CLIENT, NOW, settingsFor, TRANSACTION } from './sign-in.fixture.js';

let provider: FakeOpenIdProvider;
let client: OidcClient;
let key: FakeSigningKey;
beforeAll(async () => {
  key = await createSigningKey('key-1');
});
beforeEach(async () => {
  provider = await FakeOpenIdProvider.start({ client: CLIENT, now: () => NOW, key });
  client = new OidcClient({ fetch, allowHttp });
});
afterEach(() => provider.close());

const settings = (differing: Partial<OidcSettings> = {}) => settingsFor(provider.issuer, differing);
const begin = (s = settings()) => client.begin(s, { ...TRANSACTION, now: NOW });

async function signIn(person: FakePerson = { sub: 'ada' }, s = settings()) {
  provider.person = person;
  const { url } = await begin(s);
  return client.finish(s, answerFrom(provider.authorize(url)));
}

describe('a sign-in', () => {
  it('is asked for with code, PKCE, state and nonce, and nothing that was not set', async () => {
    const { searchParams } = new URL((await begin()).url);
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: 'gatebook',
      response_type: 'code',
      redirect_uri: CLIENT.redirectUri,
      scope: 'openid profile email',
      state: TRANSACTION.state,
      nonce: TRANSACTION.nonce,
      code_challenge: createHash('sha256').update(TRANSACTION.codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
  });

  it('asks for authentication as the settings or the moment want it', async () => {
    const s = settings({
      prompt: 'select_account',
      maxAgeSeconds: 600,
      acrValues: ['mfa', 'phr'],
      hostedDomains: ['acme.example'],
    });
    const asked = new URL((await begin(s)).url).searchParams;
    expect([asked.get('prompt'), asked.get('max_age'), asked.get('acr_values'), asked.get('hd')]).toEqual([
      'select_account',
      '600',
      'mfa phr',
      'acme.example',
    ]);
    const forced = await client.begin(s, {
      ...TRANSACTION,
      now: NOW,
      forceAuthentication: true,
      acrValues: ['gold'],
      loginHint: 'ada',
    });
    const now = new URL(forced.url).searchParams;
    expect([now.get('prompt'), now.get('acr_values'), now.get('login_hint')]).toEqual(['login', 'gold', 'ada']);
    // without it a provider may keep silent about when the person proved who they are
    expect(now.get('max_age')).toBe('0');
  });

  it('says who it is, what is claimed and what proves it', async () => {
    const identity = await signIn({
      sub: 'ada',
      email: ' ada@acme.example ',
      groups: ['a', 'b'],
      acr: 'mfa',
      amr: ['pwd', 'otp'],
      sid: 's-1',
      jti: 'id-1',
    });
    expect(identity).toMatchObject({
      protocol: 'oidc',
      subject: { value: 'ada', format: 'sub' },
      evidence: {
        issuer: provider.issuer,
        assertionId: 'id-1',
        keySha256: expect.stringMatching(/^[\da-f]{64}$/),
        assertionSha256: expect.stringMatching(/^[\da-f]{64}$/),
        authnInstant: '2026-03-01T08:00:00.000Z',
        authnContext: 'mfa',
        amr: ['pwd', 'otp'],
        sessionIndex: 's-1',
        initiatedBy: 'sp',
      },
      groupsOverage: false,
      notOnOrAfter: '2026-03-01T08:15:00.000Z',
    });
    expect(identity.claims.get('email')).toEqual(['ada@acme.example']);
    expect(identity.claims.get('groups')).toEqual(['a', 'b']);
    expect(identity.claims.get('nameId')).toEqual(['ada']);
    expect(identity.claims.has('nonce')).toBe(false);
  });

  it('names a token without an id by its digest', async () => {
    const { evidence } = await signIn();
    expect(evidence.assertionId).toBe(evidence.assertionSha256);
  });

  it('proves the client by its secret in the header, in the body, or by a signed assertion', async () => {
    const { privateKey, kid } = await createSigningKey('client-key');
    await signIn();
    await signIn(undefined, settings({ tokenEndpointAuthMethod: 'client_secret_post' }));
    await signIn(
      undefined,
      settings({
        tokenEndpointAuthMethod: 'private_key_jwt',
        privateKey: { key: privateKey, kid },
        clientSecret: null,
      }),
    );
    const [basic, post, jwt] = provider.tokenRequests;
    expect([basic?.has('client_secret'), post?.get('client_secret')]).toEqual([false, CLIENT.clientSecret]);
    const [header = ''] = jwt?.get('client_assertion')?.split('.') ?? [];
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'RS256', kid: 'client-key' });
  });

  it('by a client whose secret is wrong is refused as that', async () => {
    await expect(signIn(undefined, settings({ clientSecret: 'wrong' }))).rejects.toMatchObject({
      code: 'client-refused',
    });
  });

  it('reads discovery and keys once for many people', async () => {
    for (const sub of ['ada', 'bob', 'eve']) await signIn({ sub });
    expect([provider.callsOf('/.well-known/openid-configuration'), provider.callsOf('/jwks')]).toEqual([1, 1]);
  });

  it('that the person broke off says so in a word of the standard, never in the provider’s text', async () => {
    const back = (error: string) => new URL(`${CLIENT.redirectUri}?state=${TRANSACTION.state}&error=${error}`);
    const finish = (error: string) => client.finish(settings(), answerFrom(back(error)));
    await expect(finish('access_denied')).rejects.toMatchObject({
      code: 'provider-refused',
      message: expect.stringContaining('access_denied'),
    });
    await expect(finish('<b>call+0900</b>')).rejects.toMatchObject({ message: expect.not.stringContaining('0900') });
  });
});

describe('userinfo', () => {
  const asking = () => settings({ userinfo: true });

  it('adds what the token does not say; what is signed wins', async () => {
    provider.behaviour = { userinfo: () => ({ sub: 'ada', email: 'other@acme.example', department: 'R&D' }) };
    const { claims } = await signIn({ sub: 'ada', email: 'ada@acme.example' }, asking());
    expect([claims.get('email'), claims.get('department')]).toEqual([['ada@acme.example'], ['R&D']]);
  });

  it('of another person is refused, with the evidence of the token', async () => {
    provider.behaviour = { userinfo: (honest) => ({ ...honest, sub: 'eve' }) };
    await expect(signIn(undefined, asking())).rejects.toMatchObject({ code: 'subject-mismatch', verified: true });
  });

  it('is not asked for unless set', async () => {
    await signIn();
    expect(provider.callsOf('/userinfo')).toBe(0);
  });

  it('that does not answer stops the sign-in: half a person is none', async () => {
    provider.behaviour = { down: { '/userinfo': 500 } };
    await expect(signIn(undefined, asking())).rejects.toMatchObject({ code: 'provider-unreachable' });
  });
});

describe('a provider that is away', () => {
  it.each(['/.well-known/openid-configuration', '/jwks', '/token'])(
    'at %s is said to be, and tried again',
    async (path) => {
      provider.behaviour = { down: { [path]: 503 } };
      await expect(signIn()).rejects.toMatchObject({ code: 'provider-unreachable', kind: 'unavailable' });
      provider.behaviour = {};
      await expect(signIn()).resolves.toMatchObject({ subject: { value: 'ada' } });
    },
  );

  it('because nothing listens there is said to be', async () => {
    const s = settingsFor('http://127.0.0.1:9');
    await expect(client.begin(s, { ...TRANSACTION, now: NOW })).rejects.toMatchObject({ code: 'provider-unreachable' });
  });
});

describe('keys that were replaced', () => {
  const later = new Date(NOW.getTime() + 5_000);

  it('work at once, without redeeming the code a second time', async () => {
    await signIn();
    await provider.rotate('key-2');
    await expect(signIn()).resolves.toMatchObject({ subject: { value: 'ada' } });
    expect([provider.callsOf('/jwks'), provider.callsOf('/token')]).toEqual([2, 2]);
  });

  it('work at once under the id of the old ones', async () => {
    await signIn();
    await provider.rotate('key-1');
    await expect(signIn()).resolves.toMatchObject({ subject: { value: 'ada' } });
  });

  it('are asked for at most once a minute, however many tokens name unknown keys', async () => {
    await signIn();
    provider.behaviour = { idToken: ({ claims }) => ({ header: { kid: 'nobody' }, claims }) };
    for (let n = 0; n < 10; n += 1)
      await expect(signIn()).rejects.toMatchObject({ code: 'unknown-key', verified: false });
    expect(provider.callsOf('/jwks')).toBe(2);
    expect(provider.callsOf('/token')).toBe(11);
  });

  it('serve all who come at the same moment by one request', async () => {
    await signIn();
    await provider.rotate('key-2');
    const s = settings();
    const answers = await Promise.all(Array.from({ length: 8 }, async () => provider.authorize((await begin(s)).url)));
    const people = await Promise.all(answers.map((url) => client.finish(s, answerFrom(url, { now: later }))));
    expect(people).toHaveLength(8);
    expect(provider.callsOf('/jwks')).toBe(2);
  });
});

describe('Entra', () => {
  const ACME = '11111111-1111-4111-8111-111111111111';
  const OTHER = '22222222-2222-4222-8222-222222222222';
  const OID = '33333333-3333-4333-8333-333333333333';

  beforeEach(async () => {
    await provider.close();
    provider = await FakeOpenIdProvider.start({ client: CLIENT, now: () => NOW, key, issuerPath: '/{tenantid}/v2.0' });
    provider.behaviour = {
      idToken: ({ header, claims }) => ({
        header,
        claims: { ...claims, iss: `${provider.origin}/${claims['tid']}/v2.0` },
      }),
    };
  });

  const entra = (differing: Partial<OidcSettings> = {}) =>
    settings({ tenants: [ACME], identifyBy: 'oid', ...differing });
  const ada = { sub: 'pairwise', tid: ACME, oid: OID };

  it('signs in people of an allowed tenant, known by tid and oid', async () => {
    await expect(signIn(ada, entra())).resolves.toMatchObject({
      subject: { value: `${ACME}/${OID}`, format: 'oid' },
      evidence: { issuer: `${provider.origin}/${ACME}/v2.0` },
    });
  });

  it('puts the tenant before a sub too, where several tenants may come', async () => {
    const both = entra({ identifyBy: 'sub', tenants: [ACME, OTHER] });
    await expect(signIn(ada, both)).resolves.toMatchObject({ subject: { value: `${ACME}/pairwise` } });
    await expect(signIn({ ...ada, tid: OTHER }, both)).resolves.toMatchObject({
      subject: { value: `${OTHER}/pairwise` },
    });
  });

  it('refuses people of another tenant', async () => {
    await expect(signIn({ ...ada, tid: OTHER }, entra())).rejects.toMatchObject({
      code: 'wrong-tenant',
      verified: true,
    });
  });

  it('refuses a token whose issuer is of another tenant than its tid', async () => {
    provider.behaviour = {
      idToken: ({ header, claims }) => ({ header, claims: { ...claims, iss: `${provider.origin}/${OTHER}/v2.0` } }),
    };
    await expect(signIn(ada, entra())).rejects.toMatchObject({ code: 'wrong-issuer' });
  });

  it('with too many groups is told from no groups', async () => {
    const overage = {
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: 'https://graph.windows.net/x' } },
    };
    const { groupsOverage, claims } = await signIn({ ...ada, ...overage }, entra());
    expect([groupsOverage, claims.has('groups'), claims.has('_claim_sources.src1.endpoint')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await signIn({ ...ada, hasgroups: true, groups: ['part'] }, entra())).toMatchObject({ groupsOverage: true });
    expect(await signIn({ ...ada, 'groups.link': 'https://x.example' }, entra())).toMatchObject({
      groupsOverage: true,
    });
    const { groupsOverage: none, claims: without } = await signIn({ ...ada, groups: [] }, entra());
    expect([none, without.get('groups')]).toEqual([false, []]);
  });

  it('needs its tenants named', async () => {
    await expect(begin(entra({ tenants: [] }))).rejects.toMatchObject({ code: 'oidc-settings-invalid' });
  });
});

describe('Google', () => {
  it('signs in people of a hosted domain and of no other', async () => {
    const google = settings({ hostedDomains: ['acme.example'] });
    await expect(signIn({ sub: '1', hd: 'acme.example' }, google)).resolves.toMatchObject({ subject: { value: '1' } });
    for (const hd of ['other.example', undefined, ['acme.example']]) {
      await expect(signIn({ sub: '1', hd }, google)).rejects.toMatchObject({
        code: 'wrong-hosted-domain',
        verified: true,
      });
    }
  });
});

describe('leaving', () => {
  const leave = { postLogoutRedirectUri: 'https://gatebook.example/', state: 'back', now: NOW };

  it('has an address at the provider', async () => {
    const url = new URL((await client.endSessionUrl(settings(), { ...leave, idTokenHint: 'a.b.c' })) ?? '');
    expect(url.pathname).toBe('/end-session');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      id_token_hint: 'a.b.c',
      post_logout_redirect_uri: 'https://gatebook.example/',
      state: 'back',
      client_id: 'gatebook',
    });
  });

  it('has none where the provider has none', async () => {
    provider.behaviour = { metadata: ({ end_session_endpoint: _, ...honest }) => honest };
    expect(await client.endSessionUrl(settings(), leave)).toBeNull();
  });
});

it('hands over the provider’s keys, so that a captured token can be explained with them', async () => {
  const seconds = NOW.getTime() / 1000;
  const claims = { iss: provider.issuer, aud: 'gatebook', sub: 'ada', iat: seconds, exp: seconds + 60 };
  const jwks = await client.keySource(settings(), NOW);
  const report = await checkIdToken(await provider.sign({ claims }), settings(), { at: NOW, jwks });
  expect(report).toMatchObject({ accepted: true, identity: { subject: { value: 'ada' } } });
});
