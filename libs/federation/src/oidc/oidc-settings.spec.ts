import { createSigningKey } from '#libs/testing';
import { checkOidcSettings, type OidcSettings } from './oidc-settings.js';
import { settingsFor } from './sign-in.fixture.js';

const check = (differing: Partial<OidcSettings>) => () =>
  checkOidcSettings(settingsFor('https://idp.example', differing));

describe('OpenID Connect settings that cannot work', () => {
  it.each<[string, Partial<OidcSettings>]>([
    ['an issuer that is no address', { issuer: 'javascript:alert(1)' }],
    ['an issuer with a password', { issuer: 'https://a:b@idp.example' }],
    ['an issuer with a fragment', { issuer: 'https://idp.example#x' }],
    ['an issuer of several tenants without their names', { issuer: 'https://idp.example/{tenantid}/v2.0' }],
    ['a tenant that is a path', { tenants: ['../x'] }],
    ['no client', { clientId: '' }],
    ['no secret', { clientSecret: null }],
    ['no key', { tokenEndpointAuthMethod: 'private_key_jwt' }],
    ['HMAC', { algorithms: ['RS256', 'HS256'] }],
    ['no signature', { algorithms: ['none'] }],
    ['no algorithm', { algorithms: [] }],
    ['no openid', { scopes: ['profile'] }],
    ['two scopes in one word', { scopes: ['openid', 'a b'] }],
    ['a tolerance of a day', { clockSkewSeconds: 86_400 }],
    ['a negative age', { maxAgeSeconds: -1 }],
    ['a return address that is none', { redirectUri: '/callback' }],
  ])('%s', (_, differing) => {
    expect(check(differing)).toThrow(
      expect.objectContaining({ code: 'oidc-settings-invalid', message: expect.stringContaining('acme') }),
    );
  });
});

describe('OpenID Connect settings that work', () => {
  it('prove the client by a secret, a key or not at all', async () => {
    const { privateKey, kid } = await createSigningKey('client-key', 'ES256');
    expect(check({})).not.toThrow();
    expect(
      check({ tokenEndpointAuthMethod: 'private_key_jwt', clientSecret: null, privateKey: { key: privateKey, kid } }),
    ).not.toThrow();
    expect(check({ tokenEndpointAuthMethod: 'none', clientSecret: null })).not.toThrow();
  });

  it('name the tenants of an issuer for several', () => {
    expect(
      check({
        issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
        tenants: ['11111111-1111-4111-8111-111111111111'],
      }),
    ).not.toThrow();
  });
});
