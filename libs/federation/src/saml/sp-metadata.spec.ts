import type { SamlSettings } from './saml-settings.js';
import { IdentityProviderFixture } from './signed-response.fixture.js';
import { createSpMetadata } from './sp-metadata.js';
import { parseXml, type XmlElement } from './xml-element.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  idp = await IdentityProviderFixture.create();
});

const base64 = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '');
const metadata = (differing: Partial<SamlSettings> = {}, encryptionCertificates: readonly string[] = []) =>
  createSpMetadata({ ...idp.settings(differing), encryptionCertificates });
const descriptorOf = (xml: string): XmlElement => {
  const root = parseXml(xml.replace(/^<\?xml.*?\?>/, ''), { elements: 100, depth: 10, attributesPerElement: 10 });
  const [descriptor] = root.children;
  if (root.local !== 'EntityDescriptor' || !descriptor) throw new Error('These are no metadata.');
  return descriptor;
};
const children = (xml: string, local: string) => descriptorOf(xml).children.filter((child) => child.local === local);

describe('the metadata of the service provider', () => {
  it('name the entity, the address for answers, and the wish for signed assertions', () => {
    const xml = metadata();
    expect(xml).toContain('entityID="https://gatebook.example/saml/okta/metadata"');
    expect(xml).toContain('WantAssertionsSigned="true"');
    expect(xml).toContain('AuthnRequestsSigned="false"');
    expect(xml).toMatch(
      /AssertionConsumerService [^>]*Binding="[^"]*HTTP-POST" Location="https:\/\/gatebook.example\/saml\/okta\/acs"/,
    );
  });

  it('publish no key and no single logout where there is no key', () => {
    expect(children(metadata(), 'KeyDescriptor')).toEqual([]);
    expect(children(metadata(), 'SingleLogoutService')).toEqual([]);
  });

  it('publish the keys and the addresses for single logout in the order of the schema', () => {
    const certificates = [idp.own.certificatePem, idp.stranger.certificatePem];
    const xml = metadata({ signRequests: true, signingKey: idp.own }, certificates);
    expect(descriptorOf(xml).children.map(({ local }) => local)).toEqual([
      ...Array(3).fill('KeyDescriptor'),
      ...Array(2).fill('SingleLogoutService'),
      'AssertionConsumerService',
    ]);
    expect(children(xml, 'KeyDescriptor').map(({ attributes }) => attributes.get('use'))).toEqual([
      'signing',
      'encryption',
      'encryption',
    ]);
    expect(xml.match(/X509Certificate>([^<]+)</g)?.[1]).toContain(base64(idp.own.certificatePem));
    expect(
      children(xml, 'SingleLogoutService').map(({ attributes }) => [
        attributes.get('Binding')?.split(':').at(-1),
        attributes.get('Location'),
      ]),
    ).toEqual([
      ['HTTP-Redirect', 'https://gatebook.example/saml/okta/slo'],
      ['HTTP-POST', 'https://gatebook.example/saml/okta/slo'],
    ]);
    expect(xml).toContain('AuthnRequestsSigned="true"');
    expect(xml).not.toMatch(/cbc|rsa-1_5|PRIVATE/);
  });

  it('are the same every time, and escape what is not XML', () => {
    const differing = {
      spEntityId: 'https://sp.example/?a=1&b="2"',
      requireSigned: 'response',
      signingKey: idp.own,
    } as const;
    expect(metadata(differing)).toBe(metadata(differing));
    expect(metadata(differing)).toContain('entityID="https://sp.example/?a=1&amp;b=&quot;2&quot;"');
    expect(metadata(differing)).not.toContain('WantAssertionsSigned');
  });
});
