/** Whose word a connection takes: what of it can never change, and what changes who may be anybody. */
import type { ConnectionSettings } from '#libs/contracts';
import { connectionSettings, rule, sampleOAuth2, sampleOidc } from '#libs/testing';
import { changedSource, changedVouching } from './connection-source.js';

const jwtBlock = {
  issuer: 'https://hr.example',
  jwksUri: 'https://hr.example/jwks',
  audiences: ['gatebook'],
  algorithms: ['RS256' as const],
  maxAge: 'PT5M',
  clockSkew: 'PT60S',
};
const none = { saml: null, oidc: null, oauth2: null, jwt: null };
const saml = connectionSettings();
const oidc: ConnectionSettings = connectionSettings({ ...none, protocol: 'oidc', oidc: sampleOidc });
const oauth2: ConnectionSettings = connectionSettings({ ...none, protocol: 'oauth2', oauth2: sampleOAuth2 });
const jwt: ConnectionSettings = connectionSettings({ ...none, protocol: 'jwt', jwt: jwtBlock });

describe('within what a subject is unique', () => {
  it.each<[string, ConnectionSettings, ConnectionSettings]>([
    ['protocol', saml, { ...saml, protocol: 'oidc' }],
    ['oidc.issuer', oidc, { ...oidc, oidc: { ...sampleOidc, issuer: 'https://evil.example' } }],
    ['oidc.identifyBy', oidc, { ...oidc, oidc: { ...sampleOidc, identifyBy: 'oid' } }],
    ['oauth2.issuer', oauth2, { ...oauth2, oauth2: { ...sampleOAuth2, issuer: 'https://evil.example' } }],
    ['oauth2.profileUrl', oauth2, { ...oauth2, oauth2: { ...sampleOAuth2, profileUrl: 'https://evil.example/me' } }],
    ['oauth2.subject', oauth2, { ...oauth2, oauth2: { ...sampleOAuth2, subject: 'number' } }],
    ['jwt.issuer', jwt, { ...jwt, jwt: { ...jwtBlock, issuer: 'https://evil.example' } }],
  ])('is %s', (path, before, after) => {
    expect(changedSource(before, after)).toEqual([path]);
    expect(changedSource(before, before)).toEqual([]);
  });

  it('is not the address that a profile has at the same host, nor how people are sent there', () => {
    const moved = {
      ...sampleOAuth2,
      profileUrl: 'https://op.example/v2/me',
      authorizationUrl: 'https://login.example',
    };
    expect(changedSource(oauth2, { ...oauth2, oauth2: moved })).toEqual([]);
  });
});

describe('who vouches, and for whom', () => {
  it.each<[string, Partial<ConnectionSettings>]>([
    ['saml.certificates', { saml: { ...saml.saml, certificates: ['another'] } as never }],
    ['saml.idpEntityId', { saml: { ...saml.saml, idpEntityId: 'https://evil.example' } as never }],
    ['saml.requireSigned', { saml: { ...saml.saml, requireSigned: 'response' } as never }],
    ['subject', { subject: { attribute: 'mail', caseInsensitive: true } }],
    ['trustEmail', { trustEmail: false }],
    ['linking', { linking: 'verifiedEmail' }],
    ['directory', { directory: 'partners' }],
    ['signals', { signals: { issuer: 'https://evil.example' } as never }],
    ['attributes.email', { attributes: { ...saml.attributes, email: 'nickname' } }],
    ['rules', { rules: [rule('names', 'x', [], 1, { set: { email: { const: 'ceo@acme.example' } } } as never)] }],
  ])('is said by %s', (path, change) => {
    expect(changedVouching(saml, { ...saml, ...change })).toEqual([path]);
    expect(changedVouching(saml, saml)).toEqual([]);
  });

  it('is not said by a secret or scopes, by words for people, or by rules that only give roles', () => {
    const asked = { ...sampleOidc, clientSecret: `hmac:${'0'.repeat(64)}`, scopes: ['openid'] };
    expect(changedVouching(oidc, { ...oidc, oidc: asked, displayName: 'Acme' })).toEqual([]);
    expect(changedVouching(saml, { ...saml, rules: [rule('staff', 'x', ['crm.reader'])] })).toEqual([]);
    expect(changedVouching(saml, { ...saml, attributes: { ...saml.attributes, title: 'title' } })).toEqual([]);
  });
});
