import { inflateRawSync } from 'node:zlib';
import { readAuthnRequest } from '#libs/saml-idp';
import { createAuthnRequest } from './authn-request.js';
import { openQuery } from './redirect-query.js';
import { pinnedCertificate } from './saml-keys.js';
import type { SamlSettings } from './saml-settings.js';
import { parseSigned, verifiedElement } from './signed-element.js';
import { IdentityProviderFixture } from './signed-response.fixture.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  idp = await IdentityProviderFixture.create();
});

const input = { requestId: '_0123456789abcdef0123', relayState: 'r-1', now: new Date('2026-03-01T08:00:00.000Z') };
const request = async (ssoUrl = 'https://idp.example/sso') =>
  new URL((await createAuthnRequest(idp.settings({ ssoUrl }), input)).url);

describe('a request to sign in', () => {
  it('is understood by an identity provider', async () => {
    const url = await request();
    const read = readAuthnRequest({ SAMLRequest: url.searchParams.get('SAMLRequest') ?? '' });
    expect(read).toEqual({
      id: input.requestId,
      issuer: 'https://gatebook.example/saml/okta/metadata',
      acsUrl: 'https://gatebook.example/saml/okta/acs',
      destination: 'https://idp.example/sso',
    });
    expect(url.searchParams.get('RelayState')).toBe('r-1');
  });

  it('carries the given time and asks for no way of signing in and no NameID format', async () => {
    const field = (await request()).searchParams.get('SAMLRequest') ?? '';
    const xml = inflateRawSync(Buffer.from(field, 'base64')).toString();
    expect(xml).toContain(' IssueInstant="2026-03-01T08:00:00.000Z"');
    expect(xml).not.toMatch(/RequestedAuthnContext|Format=/);
  });

  it('keeps what the address of the identity provider already says', async () => {
    expect((await request('https://idp.example/sso?tenant=acme')).searchParams.get('tenant')).toBe('acme');
  });

  it.each([
    ['a request id that is too short to be unguessable', { requestId: '_1' }],
    ['a request id that is no XML id', { requestId: '0123456789abcdef0123' }],
    ['a relay state over 80 bytes', { relayState: 'ä'.repeat(41) }],
  ])('is not made with %s', async (_, differing) => {
    await expect(createAuthnRequest(idp.settings(), { ...input, ...differing })).rejects.toThrow(TypeError);
  });
});

describe('a request in a form', () => {
  const posted = async (differing: Partial<SamlSettings> = {}) => {
    const message = await createAuthnRequest(idp.settings({ requestBinding: 'post', ...differing }), input);
    if (message.binding !== 'post') throw new Error('This is no form.');
    return message;
  };

  it('goes to the identity provider with its relay state', async () => {
    const { url, fields } = await posted();
    expect(url).toBe('https://idp.example/sso');
    expect(fields['RelayState']).toBe('r-1');
    expect(readAuthnRequest({ SAMLRequest: fields['SAMLRequest'] ?? '' }, 'post')).toMatchObject({
      id: input.requestId,
    });
  });

  it('is signed inside, after the issuer, where that is asked for', async () => {
    const { fields } = await posted({ signRequests: true, signingKey: idp.own });
    const xml = Buffer.from(fields['SAMLRequest'] ?? '', 'base64').toString();
    const root = await parseSigned(xml);
    expect(verifiedElement(xml, root, [pinnedCertificate(idp.own.certificatePem)]).xml).toContain(input.requestId);
    expect(() => verifiedElement(xml, root, [pinnedCertificate(idp.stranger.certificatePem)])).toThrow();
    expect(xml).toMatch(/<\/saml:Issuer><ds:Signature /);
  });
});

describe('a signed request in an address', () => {
  const signed = async (ssoUrl = 'https://idp.example/sso') => {
    const settings = idp.settings({ signRequests: true, signingKey: idp.own, ssoUrl });
    return (await createAuthnRequest(settings, { ...input, relayState: "r '1'~&" })).url;
  };

  it('is signed over its parameters as they are written', async () => {
    const query = (await signed()).replace(/^[^?]*\?/, '');
    const opened = openQuery(query, [pinnedCertificate(idp.own.certificatePem)]);
    expect(opened).toMatchObject({ field: 'SAMLRequest', relayState: "r '1'~&" });
    expect(opened.message.toString()).toContain(`ID="${input.requestId}"`);
    expect(opened.message.toString()).not.toContain('Signature');
    const changed = query.replace('RelayState=r', 'RelayState=s');
    expect(() => openQuery(changed, [pinnedCertificate(idp.own.certificatePem)])).toThrow('signature');
  });

  it('keeps what the address says and drops its fragment', async () => {
    expect(await signed('https://idp.example/sso?tenant=acme#x')).toMatch(
      /^https:\/\/idp\.example\/sso\?tenant=acme&SAMLRequest=/,
    );
  });

  it('is not made without a key', async () => {
    const settings = { ...idp.settings(), signRequests: true };
    await expect(createAuthnRequest(settings, input)).rejects.toMatchObject({ code: 'saml-settings-invalid' });
  });
});

describe('what a request asks for', () => {
  const asked = async (differing: Partial<SamlSettings>, once = {}) => {
    const settings = idp.settings({ requestBinding: 'post', ...differing });
    const message = await createAuthnRequest(settings, { ...input, ...once });
    return message.binding === 'post' ? Buffer.from(message.fields['SAMLRequest'] ?? '', 'base64').toString() : '';
  };
  const mfa = 'https://refeds.org/profile/mfa';
  const context = `<samlp:RequestedAuthnContext Comparison="exact"><saml:AuthnContextClassRef>${mfa}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`;

  it('may be a fresh proof, by the connection or this once', async () => {
    expect(await asked({ forceAuthn: true })).toContain(' ForceAuthn="true"');
    expect(await asked({}, { forceAuthn: true })).toContain(' ForceAuthn="true"');
    expect(await asked({})).not.toContain('ForceAuthn');
  });

  it('may be a way of signing in, exactly', async () => {
    expect(await asked({ requestedAuthnContext: [mfa] })).toContain(context);
    expect(await asked({ requestedAuthnContext: ['urn:other'] }, { requestedAuthnContext: [mfa] })).toContain(context);
  });
});
