/** A connection that proves itself by signatures: the provider reads our public keys, and takes nothing else. */
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { connectionSettings, FakeOpenIdProvider, sampleOidc } from '#libs/testing';
import { BrowserLess } from '../../../../test/support/browser-less.js';
import { type GateServer, startGate } from '../gate-server.fixture.js';

jest.setTimeout(60_000);

let gate: GateServer;
let provider: FakeOpenIdProvider;
beforeAll(async () => {
  gate = await startGate();
  const redirectUri = `${gate.url}/login/okta/callback`;
  const client = { clientId: 'gatebook', clientSecret: 'not used', redirectUri };
  provider = await FakeOpenIdProvider.start({ client, now: () => new Date() });
  const oidc = { ...sampleOidc, issuer: provider.issuer, tokenEndpointAuthMethod: 'private_key_jwt' as const };
  const attributes = { userName: 'email', email: 'email' };
  await gate.connect('okta', connectionSettings({ protocol: 'oidc', saml: null, oidc, attributes }));
  await gate.connect('saml', connectionSettings());
});
afterAll(async () => {
  await provider?.close();
  await gate?.close();
});

const published = async () => (await fetch(`${gate.url}/login/okta/jwks.json`)).json();

describe('a client without a secret', () => {
  it('signs in with an assertion that its published keys verify', async () => {
    const browser = new BrowserLess();
    provider.person = { sub: 'ada-1', email: 'ada@acme.example' };
    const begun = await browser.go(`${gate.url}/login/okta`);
    const answer = await browser.go(provider.authorize(begun.headers.get('location') ?? '').href);
    expect(answer.status).toBe(303);

    const assertion = provider.tokenRequests.at(-1)?.get('client_assertion') ?? '';
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(await published()), { issuer: 'gatebook' });
    expect(payload.sub).toBe('gatebook');
    expect(decodeProtectedHeader(assertion).kid).toBeTruthy();
  });

  it('publishes nothing private, and only where it is used', async () => {
    const { keys } = await published();
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0]).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect((await fetch(`${gate.url}/login/saml/jwks.json`)).status).toBe(404);
  });
});
