/** Assertions of a trusted issuer (RFC 7523 §3): one honest one, and every way in which another must not pass for it. */
import { createHmac, createPublicKey } from 'node:crypto';
import { base64url, createSigningKey, FakeOpenIdProvider, type FakeSigningKey, signText } from '#libs/testing';
import { allowHttp, CLIENT, NOW } from '../oidc/sign-in.fixture.js';
import { BearerVerifier, type JwtSettings } from './bearer-assertion.js';

const seconds = NOW.getTime() / 1000;
let issuer: FakeOpenIdProvider;
let verifier: BearerVerifier;
let key: FakeSigningKey;
let stranger: FakeSigningKey;
beforeAll(async () => {
  [key, stranger] = await Promise.all([createSigningKey('key-1'), createSigningKey('key-1')]);
});
beforeEach(async () => {
  issuer = await FakeOpenIdProvider.start({ client: CLIENT, now: () => NOW, key });
  verifier = new BearerVerifier({ fetch, allowHttp });
});
afterEach(() => issuer.close());

const settings = (differing: Partial<JwtSettings> = {}): JwtSettings => ({
  connection: 'hr',
  issuer: 'https://hr.example',
  jwksUri: `${issuer.origin}/jwks`,
  audiences: ['https://gatebook.example/op/token', 'https://gatebook.example/op'],
  algorithms: ['RS256'],
  maxAgeSeconds: 300,
  clockSkewSeconds: 30,
  ...differing,
});
const honest = {
  iss: 'https://hr.example',
  sub: 'ada',
  aud: 'https://gatebook.example/op/token',
  iat: seconds,
  exp: seconds + 120,
  jti: 'assertion-1',
  groups: ['engineering'],
};
const verify = async (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by = key) =>
  verifier.verify(await issuer.sign({ header, claims: { ...honest, ...claims } }, by), settings(), NOW);

describe('an honest assertion', () => {
  it('says who it is, and how long it has to be remembered', async () => {
    const identity = await verify();
    expect(identity).toMatchObject({
      protocol: 'jwt',
      subject: { value: 'ada', format: 'sub' },
      evidence: {
        issuer: 'https://hr.example',
        assertionId: 'assertion-1',
        initiatedBy: 'idp',
        keySha256: expect.any(String),
      },
      notOnOrAfter: '2026-03-01T08:12:00.000Z',
    });
    expect(identity.claims.get('groups')).toEqual(['engineering']);
  });

  it('may name its audience in a list of one, its type, and a jti that is no identifier', async () => {
    await expect(verify({ aud: [honest.aud] })).resolves.toBeDefined();
    await expect(verify({}, { typ: 'authorization-grant+jwt' })).resolves.toBeDefined();
    const { evidence } = await verify({ jti: 'a b/ü' });
    expect(evidence.assertionId).toMatch(/^sha256:[\da-f]{64}$/);
  });

  it('by a replaced key works at once', async () => {
    await verify();
    await issuer.rotate('key-2');
    await expect(verify({}, {}, issuer.key)).resolves.toBeDefined();
  });
});

describe('an assertion', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['of another issuer', { iss: 'https://hr.example.evil' }, 'wrong-issuer'],
    ['for another server', { aud: 'https://other.example' }, 'wrong-audience'],
    ['for us and another server', { aud: [honest.aud, 'https://other.example'] }, 'wrong-audience'],
    ['for an address below ours', { aud: `${honest.aud}/` }, 'wrong-audience'],
    ['without end', { exp: undefined }, 'expired'],
    ['that has ended', { exp: seconds - 30 }, 'expired'],
    ['without time of issue', { iat: undefined }, 'not-yet-valid'],
    ['from the future', { iat: seconds + 31 }, 'not-yet-valid'],
    ['that is too old, though it goes on', { iat: seconds - 331 }, 'token-too-old'],
    ['about nobody', { sub: undefined }, 'unnamed-subject'],
    ['about a name with a line break', { sub: 'ada\nbob' }, 'unnamed-subject'],
    ['without id', { jti: undefined }, 'missing-token-id'],
    ['with an empty id', { jti: '' }, 'missing-token-id'],
    ['with a number as id', { jti: 7 }, 'missing-token-id'],
    ['with claims that are no text', { department: 'a\u0000' }, 'malformed-claim'],
  ])('%s is refused, with the evidence', async (_, claims, code) => {
    await expect(verify(claims)).rejects.toMatchObject({ code, verified: true });
  });

  it.each(['at+jwt', 'logout+jwt', 'secevent+jwt', 'dpop+jwt', 7])('of type %s is refused', async (typ) => {
    await expect(verify({}, { typ })).rejects.toMatchObject({ code: 'unsupported-token-type' });
  });

  it('by a stranger, whatever key it brings along, is refused', async () => {
    for (const header of [
      {},
      { jwk: { ...stranger.jwk } },
      { jku: `${issuer.origin}/evil` },
      { x5u: `${issuer.origin}/evil` },
    ]) {
      await expect(verify({}, header, stranger)).rejects.toMatchObject({ code: 'invalid-signature', verified: false });
    }
    expect(issuer.callsOf('/evil')).toBe(0);
  });

  it('without signature, or by HMAC with the public key, is refused', async () => {
    const payload = base64url(JSON.stringify(honest));
    const pem = createPublicKey({ key: key.jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const input = `${base64url('{"alg":"HS256","kid":"key-1"}')}.${payload}`;
    const forged = [
      `${base64url('{"alg":"none"}')}.${payload}.`,
      `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`,
    ];
    for (const token of forged) {
      await expect(verifier.verify(token, settings(), NOW)).rejects.toMatchObject({ code: 'unsupported-algorithm' });
    }
  });

  it('that asks for an extension to be understood is refused', async () => {
    const token = await signText({ kid: 'key-1', crit: ['exp'] }, JSON.stringify(honest), key);
    await expect(verifier.verify(token, settings(), NOW)).rejects.toMatchObject({ code: 'unsupported-header' });
  });

  it('of unknown keys makes us ask its issuer once a minute, not more', async () => {
    await verify();
    for (let n = 0; n < 20; n += 1)
      await expect(verify({}, { kid: `k${n}` })).rejects.toMatchObject({ code: 'unknown-key' });
    expect(issuer.callsOf('/jwks')).toBe(2);
  });
});

describe('JWT settings', () => {
  it.each<[string, Partial<JwtSettings>]>([
    ['a symmetric algorithm', { algorithms: ['HS256'] }],
    ['no algorithm', { algorithms: [] }],
    ['no audience', { audiences: [] }],
    ['an age of a day', { maxAgeSeconds: 86_400 }],
    ['keys on plain HTTP', { jwksUri: 'http://hr.example/jwks' }],
    ['keys in a file', { jwksUri: 'file:///etc/passwd' }],
  ])('with %s cannot work', async (_, differing) => {
    const token = await issuer.sign({ claims: honest });
    await expect(verifier.verify(token, settings(differing), NOW)).rejects.toMatchObject({
      code: 'jwt-settings-invalid',
    });
  });
});
