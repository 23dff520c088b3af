/**
 * What attackers and broken providers do around the token: in the browser, in the discovery document, at the token endpoint. Every refusal has its positive twin: the same provider, the
 * same person, the same key, without the one thing that was changed, is let in.
 */

import { inspect } from 'node:util';
import {
  base64url,
  createSigningKey,
  type FakeBehaviour,
  FakeOpenIdProvider,
  type FakeSigningKey,
} from '#libs/testing';
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

async function signIn(behaviour: FakeBehaviour, s = settings()) {
  provider.behaviour = behaviour;
  const { url } = await client.begin(s, { ...TRANSACTION, now: NOW });
  return client.finish(s, answerFrom(provider.authorize(url)));
}

it('the honest twin of all of them is let in', async () => {
  await expect(signIn({})).resolves.toMatchObject({ subject: { value: 'ada' }, protocol: 'oidc' });
});

describe('an answer in the browser', () => {
  const back = (url: URL, change: (parameters: URLSearchParams) => void) => {
    const changed = new URL(url);
    change(changed.searchParams);
    return changed;
  };
  const begin = async () => provider.authorize((await client.begin(settings(), { ...TRANSACTION, now: NOW })).url);

  it.each<[string, (parameters: URLSearchParams) => void, string]>([
    ['without state', (p) => p.delete('state'), 'state-mismatch'],
    ['with an empty state', (p) => p.set('state', ''), 'state-mismatch'],
    ['with another state', (p) => p.set('state', 'state-of-another-browser-0123456789'), 'state-mismatch'],
    ['with two states', (p) => p.append('state', 'other'), 'malformed-response'],
    ['with two codes', (p) => p.append('code', 'other'), 'malformed-response'],
    ['without code', (p) => p.delete('code'), 'malformed-response'],
    ['that another provider made (mix-up)', (p) => p.set('iss', 'https://evil.example'), 'wrong-issuer'],
    ['that is endless', (p) => p.set('x', 'y'.repeat(17_000)), 'too-large'],
  ])('%s is refused before anything is redeemed', async (_, change, code) => {
    await expect(client.finish(settings(), answerFrom(back(await begin(), change)))).rejects.toMatchObject({
      code,
      verified: false,
    });
    expect(provider.callsOf('/token')).toBe(0);
  });

  it('that names its issuer is accepted', async () => {
    await expect(signIn({ answer: (p) => p.set('iss', provider.issuer) })).resolves.toBeDefined();
  });

  it('that does not name its issuer, though the provider said it would, is refused', async () => {
    const metadata = (honest: Record<string, unknown>) => ({
      ...honest,
      authorization_response_iss_parameter_supported: true,
    });
    await expect(signIn({ metadata })).rejects.toMatchObject({ code: 'wrong-issuer' });
    await expect(signIn({ metadata, answer: (p) => p.set('iss', provider.issuer) })).resolves.toBeDefined();
  });

  it('with an ID token of its own is not read for it: only the token endpoint says who it is', async () => {
    const idToken = await provider.sign({ claims: { iss: provider.issuer, sub: 'eve' } });
    const given = back(await begin(), (p) => p.set('id_token', idToken));
    await expect(client.finish(settings(), answerFrom(given))).resolves.toMatchObject({ subject: { value: 'ada' } });
  });

  it('that was stolen is worth nothing with another browser’s verifier', async () => {
    const stolen = answerFrom(await begin(), { codeVerifier: 'v'.repeat(43) });
    await expect(client.finish(settings(), stolen)).rejects.toMatchObject({ code: 'code-refused' });
    expect(provider.tokenRequests[0]?.get('code_verifier')).toBe('v'.repeat(43));
  });

  it('that was used is worth nothing a second time', async () => {
    const answer = answerFrom(await begin());
    await client.finish(settings(), answer);
    await expect(client.finish(settings(), answer)).rejects.toMatchObject({ code: 'code-refused' });
  });

  it('that was injected at a provider without PKCE is still caught by the nonce', async () => {
    provider.behaviour = { ignorePkce: true };
    const injected = answerFrom(await begin(), {
      nonce: 'nonce-of-the-other-browser-012345',
      codeVerifier: 'v'.repeat(43),
    });
    await expect(client.finish(settings(), injected)).rejects.toMatchObject({ code: 'nonce-mismatch' });
  });

  it('comes from a request with PKCE even where the provider offers none or only plain', async () => {
    const metadata = (honest: Record<string, unknown>) => ({ ...honest, code_challenge_methods_supported: ['plain'] });
    await expect(signIn({ metadata, ignorePkce: true })).resolves.toBeDefined();
    const { url } = await client.begin(settings(), { ...TRANSACTION, now: NOW });
    expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256');
  });

  it.each([{ state: '' }, { state: 'short' }, { nonce: '' }, { codeVerifier: 'short' }])(
    'cannot be taken with %j: our own fault',
    async (missing) => {
      const answer = answerFrom(await begin(), missing);
      await expect(client.finish(settings(), answer)).rejects.toThrow(TypeError);
      await expect(client.begin(settings(), { ...TRANSACTION, ...missing, now: NOW })).rejects.toThrow(TypeError);
    },
  );
});

describe('a discovery document', () => {
  const metadata = (change: Record<string, unknown>): FakeBehaviour => ({
    metadata: (honest) => ({ ...honest, ...change }),
  });

  it.each<[string, Record<string, unknown>]>([
    ['of another issuer', { issuer: 'https://evil.example' }],
    ['without keys', { jwks_uri: undefined }],
    ['whose token endpoint is on plain HTTP elsewhere', { token_endpoint: 'http://evil.example/token' }],
    ['whose keys are in a file', { jwks_uri: 'file:///etc/passwd' }],
    ['whose sign-in page is a script', { authorization_endpoint: 'javascript:alert(1)' }],
  ])('%s is not believed', async (_, change) => {
    await expect(signIn(metadata(change))).rejects.toMatchObject({ code: 'provider-metadata-invalid' });
  });

  it('may name algorithms as it likes: the connection decides', async () => {
    await expect(signIn(metadata({ id_token_signing_alg_values_supported: ['HS256', 'none'] }))).resolves.toBeDefined();
  });

  it('on plain HTTP is not asked for where nothing allows it', async () => {
    const strict = new OidcClient({ fetch });
    await expect(strict.begin(settings(), { ...TRANSACTION, now: NOW })).rejects.toMatchObject({
      code: 'oidc-settings-invalid',
    });
    expect(provider.calls).toEqual([]);
  });
});

describe('a token response', () => {
  it.each<[string, FakeBehaviour, string]>([
    ['without ID token', { tokens: ({ id_token: _, ...rest }) => rest }, 'missing-id-token'],
    ['with a number for an ID token', { tokens: (honest) => ({ ...honest, id_token: 7 }) }, 'missing-id-token'],
    ['with nothing', { tokens: () => ({}) }, 'malformed-response'],
    ['with three words for an ID token', { forge: () => 'not a token' }, 'malformed-token'],
    ['with lists for an ID token', { forge: () => `${base64url('[]')}.${base64url('[]')}.AAAA` }, 'malformed-token'],
    [
      'of an unknown kind of token',
      { tokens: (honest) => ({ ...honest, token_type: 'mac' }) },
      'verification-disagreement',
    ],
  ])('%s is refused', async (_, behaviour, code) => {
    await expect(signIn(behaviour)).rejects.toMatchObject({ code });
  });
});

describe('an error', () => {
  it.each<[string, FakeBehaviour]>([
    ['about the ID token', { idToken: ({ header, claims }) => ({ header, claims: { ...claims, nonce: 'other' } }) }],
    ['about the token response', { tokens: (honest) => ({ ...honest, token_type: 'mac' }) }],
    ['about a response without ID token', { tokens: ({ id_token: _, ...rest }) => rest }],
    ['about userinfo', { userinfo: (honest) => ({ ...honest, sub: 7 }) }],
    ['about a server that is away', { down: { '/token': 502 } }],
    ['about discovery', { metadata: () => ({ issuer: 7, email: 'ada@acme.example' }) }],
  ])('%s holds no token, secret or claim, in its causes neither', async (_, behaviour) => {
    provider.person = { sub: 'subject-of-ada', email: 'ada@acme.example' };
    const tokens: string[] = [];
    const listening: FakeBehaviour = {
      ...behaviour,
      forge: (_, signed) => {
        tokens.push(signed);
        return signed;
      },
    };
    const error: unknown = await signIn(listening, settings({ userinfo: true })).catch((thrown: unknown) => thrown);
    const shown = inspect(error, { depth: 20, showHidden: true });
    expect(error).toBeInstanceOf(Error);
    for (const secret of [
      ...tokens,
      'subject-of-ada',
      'ada@acme.example',
      CLIENT.clientSecret,
      TRANSACTION.codeVerifier,
    ]) {
      expect(shown).not.toContain(secret);
    }
  });
});
