import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { pinnedCertificate } from './saml-keys.js';
import { checkSamlSettings } from './saml-settings.js';
import { IdentityProviderFixture } from './signed-response.fixture.js';

const shortKey = () =>
  generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

let idp: IdentityProviderFixture;
beforeAll(async () => {
  idp = await IdentityProviderFixture.create();
});

describe('settings that cannot work', () => {
  it.each([
    ['seven certificates', () => ({ certificates: Array(7).fill(idp.key.certificatePem) })],
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
    ['an address for logout that is none', () => ({ sloUrl: 'urn:idp' })],
    ['signed requests without a key', () => ({ signRequests: true })],
    [
      "a signing key with somebody else's certificate",
      () => ({ signingKey: { ...idp.own, certificatePem: idp.key.certificatePem } }),
    ],
    ['a signing key that is none', () => ({ signingKey: { ...idp.own, privateKeyPem: 'secret' } })],
    ['a decryption key that is none', () => ({ decryptionKeys: [idp.own.certificatePem] })],
    ['a short decryption key', () => ({ decryptionKeys: [shortKey()] })],
    ['four decryption keys', () => ({ decryptionKeys: Array(4).fill(idp.own.privateKeyPem) })],
    ['eleven authentication contexts', () => ({ requestedAuthnContext: Array(11).fill('urn:a') })],
    ['an empty authentication context', () => ({ requestedAuthnContext: [''] })],
  ])('%s', (_, differing) => {
    const check = () => checkSamlSettings(idp.settings(differing()));
    expect(check).toThrow(expect.objectContaining({ code: 'saml-settings-invalid' }));
  });
});

it('that cannot work are told without any key in the words', () => {
  const check = () => checkSamlSettings(idp.settings({ decryptionKeys: [`x${idp.own.privateKeyPem.slice(0, 400)}`] }));
  expect(check).toThrow(expect.objectContaining({ message: expect.not.stringContaining('MII') }));
});

describe('settings that work', () => {
  it('may hold keys and the addresses for single logout', () => {
    const settings = idp.settings({
      signRequests: true,
      signingKey: idp.own,
      decryptionKeys: [idp.own.privateKeyPem],
      sloUrl: 'https://idp.example/slo',
    });
    expect(() => checkSamlSettings(settings)).not.toThrow();
  });

  it('have one to six certificates, with or without text around them', () => {
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
