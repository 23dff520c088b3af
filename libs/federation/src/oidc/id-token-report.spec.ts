/** An ID token in a file, explained check by check by the code that signs people in. */
import { createSigningKey, type FakeSigningKey, signToken } from '#libs/testing';
import { checkIdToken } from './id-token-report.js';
import { NOW, settingsFor } from './sign-in.fixture.js';

const seconds = NOW.getTime() / 1000;
let key: FakeSigningKey;
beforeAll(async () => {
  key = await createSigningKey('key-1');
});

const settings = settingsFor('https://idp.example');
const honest = {
  iss: 'https://idp.example',
  aud: 'gatebook',
  sub: 'ada',
  iat: seconds,
  exp: seconds + 60,
  nonce: 'n-1',
};
const token = (claims: Record<string, unknown> = {}) =>
  signToken({ header: { kid: 'key-1' }, claims: { ...honest, ...claims } }, key);
const jwks = () => ({ keys: [key.jwk] });

describe('an ID token, explained', () => {
  it('passes every check and says who the person is', async () => {
    const report = await checkIdToken(`${await token()}\n`, settings, { at: NOW, nonce: 'n-1', jwks: jwks() });
    expect(report).toMatchObject({ accepted: true, identity: { subject: { value: 'ada' } } });
    expect(report.checks.map(({ check, passed }) => `${check}: ${passed}`)).toEqual([
      'type: true',
      'algorithm: true',
      'extensions: true',
      'signature: true',
      'issuer: true',
      'audience: true',
      'authorized party: true',
      'expiry: true',
      'start: true',
      'time of issue: true',
      'nonce: true',
      'subject: true',
      'claims: true',
    ]);
  });

  it('shows every check that fails, not only the first', async () => {
    const report = await checkIdToken(await token({ aud: 'other', exp: seconds - 100 }), settings, {
      at: NOW,
      jwks: jwks(),
    });
    expect(report.checks.filter(({ passed }) => passed === false).map(({ code }) => code)).toEqual([
      'wrong-audience',
      'expired',
    ]);
    expect(report).toMatchObject({ accepted: false, identity: null });
  });

  it('without the nonce that was sent says that it was not checked, and decides by the rest', async () => {
    const report = await checkIdToken(await token(), settings, { at: NOW, jwks: jwks() });
    expect(report.accepted).toBe(true);
    expect(report.checks.find(({ check }) => check === 'nonce')).toMatchObject({ passed: null });
  });

  it('without keys decides nothing', async () => {
    const report = await checkIdToken(await token(), settings, { at: NOW });
    expect(report).toMatchObject({ accepted: null, identity: null });
    expect(report.checks.find(({ check }) => check === 'signature')).toMatchObject({ passed: null });
  });

  it('that is none, or whose claims are no text, is not accepted', async () => {
    const none = await checkIdToken('hello', settings, { at: NOW, jwks: jwks() });
    expect(none).toMatchObject({
      accepted: false,
      checks: [{ check: 'form', passed: false, code: 'malformed-token' }],
    });
    const odd = await checkIdToken(await token({ department: 'a\u0000' }), settings, { at: NOW, jwks: jwks() });
    expect(odd.accepted).toBe(false);
    expect(odd.checks.at(-1)).toMatchObject({ check: 'claims', passed: false, code: 'malformed-claim' });
  });

  it('does not repeat what a stranger wrote', async () => {
    const { checks } = await checkIdToken(await token({ iss: 'call +0900', aud: 'call +0900' }), settings, {
      at: NOW,
      jwks: jwks(),
    });
    expect(JSON.stringify(checks)).not.toContain('0900');
  });
});
