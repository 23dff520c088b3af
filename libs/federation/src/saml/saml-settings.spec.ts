import { X509Certificate } from 'node:crypto';
import { checkSamlSettings, pinnedCertificate } from './saml-settings.js';
import { IdentityProviderFixture } from './signed-response.fixture.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  idp = await IdentityProviderFixture.create();
});

describe('settings that cannot work', () => {
  it.each([
    ['four certificates', () => ({ certificates: Array(4).fill(idp.key.certificatePem) })],
    ['no certificate', () => ({ certificates: [] })],
    [
      'a certificate that is none',
      () => ({ certificates: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'] }),
    ],
    ['a tolerance of a day', () => ({ clockSkewSeconds: 86_400 })],
    ['a negative tolerance', () => ({ clockSkewSeconds: -1 })],
    ['an age without limit', () => ({ maxAssertionAgeSeconds: Number.POSITIVE_INFINITY })],
    ['an address that is none', () => ({ acsUrl: 'javascript:alert(1)' })],
    ['an empty audience', () => ({ spEntityId: '' })],
  ])('%s', (_, differing) => {
    const check = () => checkSamlSettings(idp.settings(differing()));
    expect(check).toThrow(expect.objectContaining({ code: 'saml-settings-invalid' }));
  });
});

describe('settings that work', () => {
  it('have one to three certificates, with or without text around them', () => {
    const certificate = idp.key.certificatePem;
    for (const certificates of [
      [certificate],
      [certificate, `Bag Attributes\n  friendlyName: x\n${certificate}`, certificate],
    ]) {
      expect(() => checkSamlSettings(idp.settings({ certificates }))).not.toThrow();
    }
  });

  it('name a certificate by the fingerprint that everyone knows', () => {
    const expected = new X509Certificate(idp.key.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
    expect(pinnedCertificate(`text\r\n${idp.key.certificatePem.replaceAll('\n', '\r\n')}`).sha256).toBe(expected);
  });
});
