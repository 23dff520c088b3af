/** A source says by itself that something happened to a person (RFC 8417, Shared Signals Framework 1.0). Each refusal has its accepted twin. */
import { createHmac } from 'node:crypto';
import { base64url, createSigningKey, FakeOpenIdProvider, type FakeSigningKey } from '#libs/testing';
import { allowHttp, CLIENT, NOW } from '../oidc/sign-in.fixture.js';
import { SecurityEventVerifier, type SignalSettings } from './security-event-token.js';

const seconds = NOW.getTime() / 1000;
const REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
const DISABLED = 'https://schemas.openid.net/secevent/risc/event-type/account-disabled';
const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification';
const TYPED = { typ: 'secevent+jwt' };

let provider: FakeOpenIdProvider;
let verifier: SecurityEventVerifier;
let settings: SignalSettings;
let key: FakeSigningKey;
let stranger: FakeSigningKey;
beforeAll(async () => {
  [key, stranger] = await Promise.all([createSigningKey('key-1'), createSigningKey('key-1')]);
});
beforeEach(async () => {
  provider = await FakeOpenIdProvider.start({ client: CLIENT, now: () => NOW, key });
  verifier = new SecurityEventVerifier({ fetch, allowHttp });
  settings = {
    connection: 'acme',
    issuer: provider.issuer,
    jwksUri: `${provider.origin}/jwks`,
    audiences: ['https://gatebook.example/signals/acme'],
    algorithms: ['RS256'],
    clockSkewSeconds: 60,
    subjectIssuers: [provider.issuer],
  };
});
afterEach(() => provider.close());

const honest = () => ({
  iss: provider.issuer,
  aud: settings.audiences,
  iat: seconds,
  jti: 'e-1',
  sub_id: { format: 'iss_sub', iss: provider.issuer, sub: 'ada' },
  events: { [REVOKED]: { event_timestamp: seconds - 5 } },
});
const signed = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = TYPED, by = key) =>
  provider.sign({ header, claims: { ...honest(), ...claims } }, by);
const verify = async (...token: Parameters<typeof signed>) => verifier.verify(await signed(...token), settings, NOW);

describe('a security event token', () => {
  it('says what happened to whom and when', async () => {
    expect(await verify()).toEqual({
      issuer: provider.issuer,
      tokenId: 'e-1',
      keySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      events: [
        {
          kind: 'session-revoked',
          subject: { people: [{ by: 'subject', value: 'ada' }], session: null },
          occurredAt: '2026-03-01T07:59:55.000Z',
        },
      ],
      notOnOrAfter: '2026-03-02T08:10:00.000Z',
    });
  });

  it('may say several things, and things from which nothing follows', async () => {
    const { events } = await verify({ events: { [REVOKED]: {}, [DISABLED]: {}, 'https://other.example/event': {} } });
    expect(events.map(({ kind }) => kind)).toEqual(['session-revoked', 'account-disabled']);
    expect(await verify({ events: { [VERIFICATION]: { state: 'x' } }, sub_id: undefined })).toMatchObject({
      events: [],
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'in milliseconds, as drafts had it',
      { events: { [REVOKED]: { event_timestamp: (seconds - 5) * 1000 } } },
      '07:59:55',
    ],
    ['by the token', { events: { [REVOKED]: {} }, toe: seconds - 9 }, '07:59:51'],
    ['not at all: then when it was made', { events: { [REVOKED]: {} } }, '08:00:00'],
    ['in the future: then when it was made', { events: { [REVOKED]: { event_timestamp: seconds + 999 } } }, '08:00:00'],
  ])('tells the time %s', async (_how, claims, time) => {
    expect((await verify(claims)).events[0]?.occurredAt).toBe(`2026-03-01T${time}.000Z`);
  });

  it('is taken up to a day later, and from an issuer that has changed its key', async () => {
    await expect(verify({ iat: seconds - 86_400 })).resolves.toMatchObject({ tokenId: 'e-1' });
    await provider.rotate('key-2');
    expect(await verifier.verify(await signed({}, TYPED, provider.key), settings, NOW)).toMatchObject({
      tokenId: 'e-1',
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['of another issuer', { iss: 'https://evil.example' }, 'wrong-issuer'],
    ['for another receiver', { aud: 'https://other.example' }, 'wrong-audience'],
    ['for nobody', { aud: undefined }, 'wrong-audience'],
    ['without id', { jti: undefined }, 'missing-token-id'],
    ['without events', { events: undefined }, 'malformed-claim'],
    ['with no event', { events: {} }, 'malformed-claim'],
    ['with a list of events', { events: [REVOKED] }, 'malformed-claim'],
    ['with a word for an event', { events: { [REVOKED]: 'yes' } }, 'malformed-claim'],
    [
      'with many events',
      { events: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`x:${n}`, {}])) },
      'malformed-claim',
    ],
    ['of no time', { iat: undefined }, 'expired'],
    ['from the future', { iat: seconds + 61 }, 'not-yet-valid'],
    ['of long ago', { iat: seconds - 86_461 }, 'expired'],
    ['that has ended', { exp: seconds - 61 }, 'expired'],
  ])('%s is refused', async (_, claims, code) => {
    await expect(verify(claims)).rejects.toMatchObject({ code, verified: true });
  });

  it.each<[string, Record<string, unknown>]>([
    ['without a type', {}],
    ['of the type of ID tokens', { typ: 'JWT' }],
    ['of the type of logout tokens', { typ: 'logout+jwt' }],
  ])('%s is refused', async (_, header) => {
    await expect(verify({}, header)).rejects.toMatchObject({ code: 'unsupported-token-type' });
  });

  it('by a stranger, by nobody, or by the published key as a password is refused', async () => {
    await expect(verify({}, TYPED, stranger)).rejects.toMatchObject({ code: 'invalid-signature', verified: false });
    const part = (header: object) => `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(honest()))}`;
    const none = `${part({ ...TYPED, alg: 'none' })}.`;
    const input = part({ ...TYPED, alg: 'HS256', kid: 'key-1' });
    const hmac = `${input}.${createHmac('sha256', JSON.stringify(key.jwk)).update(input).digest('base64url')}`;
    for (const forged of [none, hmac])
      await expect(verifier.verify(forged, settings, NOW)).rejects.toMatchObject({ verified: false });
  });

  it('is not looked at under settings that cannot work', async () => {
    const token = await signed();
    const wrong = [{ audiences: [] }, { jwksUri: 'http://keys.example/' }, { issuer: '' }, { algorithms: ['HS256'] }];
    for (const setting of wrong)
      await expect(verifier.verify(token, { ...settings, ...setting }, NOW)).rejects.toMatchObject({
        code: 'oidc-settings-invalid',
      });
  });
});
