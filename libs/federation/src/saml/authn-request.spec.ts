import { inflateRawSync } from 'node:zlib';
import { readAuthnRequest } from '#libs/saml-idp';
import { createAuthnRequest } from './authn-request.js';
import { IdentityProviderFixture } from './signed-response.fixture.js';
import { createSpMetadata } from './sp-metadata.js';

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

describe('the metadata of the service provider', () => {
  it('names the entity, the address for answers, and the wish for signed assertions', () => {
    const xml = createSpMetadata(idp.settings());
    expect(xml).toContain('entityID="https://gatebook.example/saml/okta/metadata"');
    expect(xml).toContain('WantAssertionsSigned="true"');
    expect(xml).toMatch(
      /AssertionConsumerService [^>]*Binding="[^"]*HTTP-POST" Location="https:\/\/gatebook.example\/saml\/okta\/acs"/,
    );
  });

  it('is the same every time, and escapes what is not XML', () => {
    const settings = idp.settings({ spEntityId: 'https://sp.example/?a=1&b="2"', requireSigned: 'response' });
    expect(createSpMetadata(settings)).toBe(createSpMetadata(settings));
    expect(createSpMetadata(settings)).toContain('entityID="https://sp.example/?a=1&amp;b=&quot;2&quot;"');
    expect(createSpMetadata(settings)).not.toContain('WantAssertionsSigned');
  });
});
