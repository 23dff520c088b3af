/**
 * What attackers and broken providers write into ID tokens, key sets and claims. Every refusal has its positive twin: the same provider, the
 * same person, the same key, without the one thing that was changed, is let in.
 */
import { createHmac, createPublicKey } from 'node:crypto';
import {
  base64url,
  createSigningKey,
  type FakeBehaviour,
  FakeOpenIdProvider,
  type FakeSigningKey,
  signText,
  type UnsignedToken,
} from '#libs/testing';
import { OidcClient } from './oidc-client.js';
import type { OidcSettings } from './oidc-settings.js';
import { allowHttp, answerFrom, CLIENT, NOW, settingsFor, TRANSACTION } from './sign-in.fixture.js';

let provider: FakeOpenIdProvider;
let client: OidcClient;
let key: FakeSigningKey;
let attacker: FakeSigningKey;
beforeAll(async () => {
  [key, attacker] = await Promise.all([createSigningKey('key-1'), createSigningKey('key-1')]);
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

const saying = (claims: Record<string, unknown>): FakeBehaviour => ({
  idToken: (honest) => ({ header: honest.header, claims: { ...honest.claims, ...claims } }),
});
const withHeader = (header: Record<string, unknown>, signWith?: FakeSigningKey): FakeBehaviour => ({
  idToken: ({ claims, header: honest }) => ({ header: { ...honest, ...header }, claims }),
  ...(signWith ? { signWith } : {}),
});
const hmac = ({ claims }: UnsignedToken, secret: string) => {
  const input = `${base64url(JSON.stringify({ alg: 'HS256', kid: 'key-1' }))}.${base64url(JSON.stringify(claims))}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};
const pem = () =>
  createPublicKey({ key: key.jwk as never, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString();
const seconds = NOW.getTime() / 1000;

it('the honest twin of all of them is let in', async () => {
  await expect(signIn({})).resolves.toMatchObject({ subject: { value: 'ada' }, protocol: 'oidc' });
});

describe('a signature', () => {
  it.each<[string, FakeBehaviour, string]>([
    [
      'that is left out (alg none)',
      { forge: ({ claims }) => `${base64url('{"alg":"none"}')}.${base64url(JSON.stringify(claims))}.` },
      'unsupported-algorithm',
    ],
    [
      'that is left out in other spelling',
      { forge: ({ claims }) => `${base64url('{"alg":"nOnE"}')}.${base64url(JSON.stringify(claims))}.` },
      'unsupported-algorithm',
    ],
    [
      'by HMAC with the client’s secret',
      { forge: (token) => hmac(token, CLIENT.clientSecret) },
      'unsupported-algorithm',
    ],
    ['by HMAC with the public key', { forge: (token) => hmac(token, pem()) }, 'unsupported-algorithm'],
    ['cut off', { forge: (_, signed) => signed.slice(0, signed.lastIndexOf('.') + 1) }, 'invalid-signature'],
    ['over other claims', { forge: (_, signed) => swapClaims(signed, { sub: 'eve' }) }, 'invalid-signature'],
    [
      'by a stranger’s key under a published id',
      {
        get signWith() {
          return attacker;
        },
      },
      'invalid-signature',
    ],
  ])('%s is refused', async (_, behaviour, code) => {
    await expect(signIn(behaviour)).rejects.toMatchObject({ code, verified: false, evidence: null });
  });

  it.each(['ES256', 'PS256', 'EdDSA'])('by %s is accepted as well', async (alg) => {
    const other = await createSigningKey('other', alg);
    await expect(
      signIn({ ...withHeader({ kid: 'other' }, other), jwks: () => ({ keys: [other.jwk] }) }),
    ).resolves.toBeDefined();
  });

  it('by an algorithm that the connection does not allow is refused, though it is valid', async () => {
    await expect(signIn({}, settings({ algorithms: ['ES256'] }))).rejects.toMatchObject({
      code: 'unsupported-algorithm',
    });
  });

  it('of an encrypted token is not looked for', async () => {
    await expect(signIn({ forge: () => 'a.b.c.d.e' })).rejects.toMatchObject({ code: 'unsupported-algorithm' });
  });
});

describe('a header that brings its own key', () => {
  it('as jwk, jku, x5u or x5c is not believed', async () => {
    const inline = { ...attacker.jwk };
    for (const header of [
      { jwk: inline },
      { jku: `${provider.origin}/evil` },
      { x5u: `${provider.origin}/evil` },
      { x5c: ['AAAA'] },
    ]) {
      await expect(signIn(withHeader(header, attacker))).rejects.toMatchObject({ code: 'invalid-signature' });
      await expect(signIn(withHeader(header))).resolves.toBeDefined();
    }
    expect(provider.callsOf('/evil')).toBe(0);
  });

  it.each([['../../../../dev/null'], ["' or 1=1 --"], ['key-1\u0000'], [7], [{ kid: 'key-1' }]])(
    'under the odd id %j is unknown',
    async (kid) => {
      const token = ({ claims }: UnsignedToken) => signText({ kid }, JSON.stringify(claims), key);
      await expect(signIn({ forge: token })).rejects.toMatchObject({
        code: expect.stringMatching(/unknown-key|invalid-signature/),
      });
    },
  );

  it('and asks that an extension be understood is refused', async () => {
    await expect(signIn(withHeader({ crit: ['exp'] }))).rejects.toMatchObject({
      code: 'unsupported-header',
      verified: false,
    });
  });

  it.each(['logout+jwt', 'at+jwt', 'secevent+jwt'])('of the type %s is for another purpose', async (typ) => {
    await expect(signIn(withHeader({ typ }))).rejects.toMatchObject({ code: 'unsupported-token-type', verified: true });
    await expect(signIn(withHeader({ typ: 'JWT' }))).resolves.toBeDefined();
  });
});

describe('published keys', () => {
  const publishing = (keys: unknown[]): FakeBehaviour => ({ jwks: () => ({ keys }) });

  it('that are symmetric verify nothing', async () => {
    const oct = { kty: 'oct', kid: 'key-1', k: base64url(CLIENT.clientSecret) };
    const behaviour = { ...publishing([oct]), forge: (token: UnsignedToken) => hmac(token, CLIENT.clientSecret) };
    await expect(signIn(behaviour)).rejects.toMatchObject({ code: 'unsupported-algorithm' });
    await expect(signIn(publishing([oct, key.jwk]))).resolves.toBeDefined();
  });

  it('that are for encryption verify nothing', async () => {
    await expect(signIn(publishing([{ ...key.jwk, use: 'enc' }]))).rejects.toMatchObject({ code: 'unknown-key' });
  });

  it('that are too short verify nothing', async () => {
    const { modulus, token } = await shortRsa();
    await expect(signIn({ ...publishing([modulus]), forge: token })).rejects.toMatchObject({
      code: 'invalid-signature',
    });
  });

  it('may be 100, not 101 and not a megabyte', async () => {
    const others = Array.from({ length: 99 }, (_, n) => ({ ...attacker.jwk, kid: `other-${n}` }));
    await expect(signIn(publishing([...others, key.jwk]))).resolves.toBeDefined();
  });

  it.each<[string, () => unknown, string]>([
    [
      '101',
      () => ({ keys: Array.from({ length: 101 }, (_, n) => ({ ...key.jwk, kid: String(n) })) }),
      'provider-metadata-invalid',
    ],
    ['a megabyte', () => ({ keys: [key.jwk], padding: 'x'.repeat(1024 * 1024) }), 'provider-unreachable'],
    ['no list', () => ({ keys: key.jwk }), 'provider-metadata-invalid'],
    ['null', () => null, 'provider-metadata-invalid'],
  ])('that are %s stop the sign-in as the provider’s fault', async (_, jwks, code) => {
    await expect(signIn({ jwks })).rejects.toMatchObject({ code });
  });

  it('that are no keys are passed over', async () => {
    await expect(
      signIn(publishing([null, 7, 'x', [], { kty: 'RSA' }, { kty: 'RSA', kid: 'other', n: 7 }, key.jwk])),
    ).resolves.toBeDefined();
  });
});

describe('a token of the provider, validly signed,', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['of another issuer', { iss: 'https://evil.example' }, 'wrong-issuer'],
    ['of the issuer with a slash more', { iss: 'SLASH' }, 'wrong-issuer'],
    ['without issuer', { iss: undefined }, 'wrong-issuer'],
    ['for another client', { aud: 'other' }, 'wrong-audience'],
    ['for a client whose name begins alike', { aud: 'gatebook-2' }, 'wrong-audience'],
    ['for nobody', { aud: [] }, 'wrong-audience'],
    ['without audience', { aud: undefined }, 'wrong-audience'],
    ['for several clients, issued to nobody', { aud: ['gatebook', 'other'] }, 'wrong-authorized-party'],
    ['for several clients, issued to another', { aud: ['gatebook', 'other'], azp: 'other' }, 'wrong-authorized-party'],
    ['for us, issued to another', { azp: 'other' }, 'wrong-authorized-party'],
    ['without nonce', { nonce: undefined }, 'nonce-mismatch'],
    ['with another request’s nonce', { nonce: 'nonce-of-somebody-else-0123456789' }, 'nonce-mismatch'],
    ['that has ended', { exp: seconds - 61 }, 'expired'],
    ['that never ends', { exp: undefined }, 'expired'],
    ['that ends in words', { exp: '2099' }, 'expired'],
    ['that ends beyond time', { exp: 1e20 }, 'expired'],
    ['that has not begun', { nbf: seconds + 61 }, 'not-yet-valid'],
    ['from the future', { iat: seconds + 61 }, 'not-yet-valid'],
    ['of no time', { iat: undefined }, 'not-yet-valid'],
    ['about nobody', { sub: undefined }, 'unnamed-subject'],
    ['about an empty name', { sub: '' }, 'unnamed-subject'],
    ['about a number', { sub: 7 }, 'unnamed-subject'],
    ['about a padded name', { sub: ' ada' }, 'unnamed-subject'],
    ['about a name with U+0000', { sub: 'ada\u0000' }, 'unnamed-subject'],
    ['about a name with half a surrogate pair', { sub: 'ada\ud800' }, 'unnamed-subject'],
  ])('%s is refused, with the evidence', async (_, claims, code) => {
    const said = claims['iss'] === 'SLASH' ? { iss: `${provider.issuer}/` } : claims;
    await expect(signIn(saying(said))).rejects.toMatchObject({
      code,
      verified: true,
      evidence: { keySha256: expect.any(String) },
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['for us in a list', { aud: ['gatebook'] }],
    ['for several clients, issued to us', { aud: ['gatebook', 'other'], azp: 'gatebook' }],
    ['that ended within the tolerance', { exp: seconds - 59 }],
    ['that begins within the tolerance', { nbf: seconds + 59, iat: seconds + 59 }],
  ])('%s is accepted', async (_, claims) => {
    await expect(signIn(saying(claims))).resolves.toMatchObject({ subject: { value: 'ada' } });
  });

  it('is refused when the person authenticated too long ago, or it does not say when', async () => {
    const strict = settings({ maxAgeSeconds: 600 });
    for (const auth_time of [seconds - 661, undefined]) {
      await expect(signIn(saying({ auth_time }), strict)).rejects.toMatchObject({ code: 'authentication-too-old' });
    }
    await expect(signIn(saying({ auth_time: seconds - 600 }), strict)).resolves.toBeDefined();
  });
});

describe('claims', () => {
  it('named __proto__ or constructor are ordinary names', async () => {
    const forge = ({ claims }: UnsignedToken) =>
      signText(
        { kid: key.kid },
        JSON.stringify(claims).replace('{', '{"__proto__":{"isAdmin":"true"},"constructor":"x",'),
        key,
      );
    const { claims } = await signIn({ forge });
    expect([claims.get('__proto__.isAdmin'), claims.get('constructor')]).toEqual([['true'], ['x']]);
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['201 names', Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`c${n}`, 'x'])), 'malformed-claim'],
    ['5,001 values', { groups: Array.from({ length: 5_001 }, (_, n) => String(n)) }, 'malformed-claim'],
    ['a value of 8,193 bytes', { department: 'x'.repeat(8_193) }, 'malformed-claim'],
    ['U+0000', { department: 'a\u0000b' }, 'malformed-claim'],
    ['half a surrogate pair', { department: 'a\udc00' }, 'malformed-claim'],
    ['300 kB', { a: Array.from({ length: 40 }, () => 'x'.repeat(8_000)) }, 'too-large'],
  ])('of %s are refused', async (_, claims, code) => {
    await expect(signIn(saying(claims))).rejects.toMatchObject({ code, verified: code !== 'too-large' });
  });

  it('of 5,000 short groups are accepted', async () => {
    const { claims } = await signIn(saying({ groups: Array.from({ length: 5_000 }, (_, n) => String(n)) }));
    expect(claims.get('groups')).toHaveLength(5_000);
  });
});

function swapClaims(signed: string, change: Record<string, unknown>): string {
  const [header, payload = '', signature] = signed.split('.');
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...change };
  return `${header}.${base64url(JSON.stringify(claims))}.${signature}`;
}

/** An RSA key of 1,024 bits and a token that it really signed. */
async function shortRsa() {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 1024,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  };
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const modulus = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
  const token = async ({ claims }: UnsignedToken) => {
    const input = `${base64url('{"alg":"RS256","kid":"key-1"}')}.${base64url(JSON.stringify(claims))}`;
    const signature = await crypto.subtle.sign(algorithm, pair.privateKey, new TextEncoder().encode(input));
    return `${input}.${Buffer.from(signature).toString('base64url')}`;
  };
  return { modulus, token };
}
