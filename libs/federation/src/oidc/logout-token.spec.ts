/** A provider announces that somebody left (OpenID Connect Back-Channel Logout 1.0 §2.6). */
import { createSigningKey, FakeOpenIdProvider, type FakeSigningKey } from '#libs/testing';
import { OidcClient } from './oidc-client.js';
import { allowHttp, CLIENT, NOW, settingsFor } from './sign-in.fixture.js';

const seconds = NOW.getTime() / 1000;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
let provider: FakeOpenIdProvider;
let client: OidcClient;
let key: FakeSigningKey;
let stranger: FakeSigningKey;
beforeAll(async () => {
  [key, stranger] = await Promise.all([createSigningKey('key-1'), createSigningKey('key-1')]);
});
beforeEach(async () => {
  provider = await FakeOpenIdProvider.start({ client: CLIENT, now: () => NOW, key });
  client = new OidcClient({ fetch, allowHttp });
});
afterEach(() => provider.close());

async function verify(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = { typ: 'logout+jwt' },
  by = key,
) {
  const honest = {
    iss: provider.issuer,
    aud: 'gatebook',
    sub: 'ada',
    sid: 's-1',
    iat: seconds,
    exp: seconds + 120,
    jti: 'l-1',
    events: { [EVENT]: {} },
  };
  const token = await provider.sign({ header, claims: { ...honest, ...claims } }, by);
  return client.verifyLogoutToken(token, settingsFor(provider.issuer), NOW);
}

describe('a logout token', () => {
  it('says who left which session', async () => {
    expect(await verify()).toEqual({
      issuer: provider.issuer,
      subject: 'ada',
      person: 'ada',
      sid: 's-1',
      tokenId: 'l-1',
      keySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      issuedAt: '2026-03-01T08:00:00.000Z',
      notOnOrAfter: '2026-03-01T08:15:00.000Z',
    });
  });

  it('may name the person or the session alone, and have no type or end, as older providers write it', async () => {
    await expect(verify({ sid: undefined })).resolves.toMatchObject({ subject: 'ada', sid: null });
    await expect(verify({ sub: undefined })).resolves.toMatchObject({ subject: null, sid: 's-1' });
    await expect(verify({ exp: undefined }, {})).resolves.toMatchObject({ tokenId: 'l-1' });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['of another issuer', { iss: 'https://evil.example' }, 'wrong-issuer'],
    ['for another client', { aud: 'other' }, 'wrong-audience'],
    ['about nobody', { sub: undefined, sid: undefined }, 'unnamed-subject'],
    ['about a list', { sub: ['ada'] }, 'unnamed-subject'],
    ['without id', { jti: undefined }, 'missing-token-id'],
    ['without event', { events: undefined }, 'not-a-logout-token'],
    ['with another event', { events: { 'https://other.example': {} } }, 'not-a-logout-token'],
    ['with a word for an event', { events: { [EVENT]: 'yes' } }, 'not-a-logout-token'],
    ['with a nonce, as an ID token', { nonce: 'n' }, 'not-a-logout-token'],
    ['that has ended', { exp: seconds - 61 }, 'expired'],
    ['that is old', { iat: seconds - 361, exp: undefined }, 'expired'],
    ['that is old and goes on', { iat: seconds - 361, exp: seconds + 9 }, 'token-too-old'],
    ['from the future', { iat: seconds + 61 }, 'not-yet-valid'],
    ['of no time', { iat: undefined, exp: undefined }, 'expired'],
  ])('%s is refused', async (_, claims, code) => {
    await expect(verify(claims)).rejects.toMatchObject({ code, verified: true });
  });

  it('of another type or by a stranger is refused', async () => {
    await expect(verify({}, { typ: 'secevent+jwt' })).rejects.toMatchObject({ code: 'unsupported-token-type' });
    await expect(verify({}, {}, stranger)).rejects.toMatchObject({ code: 'invalid-signature', verified: false });
  });
});
