/** Metadata from a file beside the configuration: what it says takes the place of entity id, addresses and certificates. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentityProviderKey } from '#libs/saml-idp';
import { connectionProblems, fileReferences, noReferences, readConfiguration, withMetadataFiles } from './index.js';

const NOW = new Date('2026-03-02T08:00:00Z');
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const folder = mkdtempSync(join(tmpdir(), 'gatebook-metadata-'));
let certificate: string;

beforeAll(async () => {
  const { certificatePem } = await createIdentityProviderKey({ commonName: 'idp.example', now: NOW });
  certificate = certificatePem.replace(/-----[A-Z ]+-----|\s/g, '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const service = (name: string, binding: string) =>
  `<md:${name} Binding="${binding}" Location="https://idp.example/${name}/${binding.split('-').at(-1)}"/>`;

function metadata({ bindings = [REDIRECT, POST], key = true, until = '2027-01-01T00:00:00Z' } = {}): string {
  const signing = `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
  return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example" validUntil="${until}"><md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${key ? signing : ''}${service('SingleLogoutService', REDIRECT)}${bindings.map((binding) => service('SingleSignOnService', binding)).join('')}</md:IDPSSODescriptor></md:EntityDescriptor>`;
}

async function samlWith(text: string, more = '') {
  writeFileSync(join(folder, 'idp.xml'), text);
  const yaml = `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    connections: [{ id: idp, protocol: saml, directory: staff, saml: { metadataFile: idp.xml${more} } }]
`;
  const configuration = await withMetadataFiles(readConfiguration(yaml, fileReferences(folder, {})), NOW);
  expect(connectionProblems(configuration, 'https://gatebook.example')).toEqual([]);
  expect(readConfiguration(JSON.stringify(configuration), noReferences)).toEqual(configuration);
  return configuration.tenants[0]?.connections[0]?.saml;
}

it('metadata says who the provider is, where it is, and how it signs', async () =>
  expect(await samlWith(metadata())).toMatchObject({
    metadataFile: null,
    idpEntityId: 'https://idp.example',
    ssoUrl: 'https://idp.example/SingleSignOnService/Redirect',
    requestBinding: 'redirect',
    sloUrl: 'https://idp.example/SingleLogoutService/Redirect',
    signRequests: true,
    certificates: [expect.stringContaining('BEGIN CERTIFICATE')],
  }));

it('the binding that the connection prefers is taken where the provider has it', async () => {
  expect(await samlWith(metadata(), ', requestBinding: post')).toMatchObject({
    ssoUrl: 'https://idp.example/SingleSignOnService/POST',
    requestBinding: 'post',
  });
  expect(await samlWith(metadata({ bindings: [POST] }))).toMatchObject({ requestBinding: 'post' });
});

it.each<[string, () => Promise<unknown>]>([
  ['is no metadata', () => samlWith('<html/>')],
  [
    'is of another provider than the connection names',
    () => samlWith(metadata(), ', idpEntityId: https://other.example'),
  ],
  ['names no certificate', () => samlWith(metadata({ key: false }))],
  ['has run out', () => samlWith(metadata({ until: '2026-01-01T00:00:00Z' }))],
])('metadata that %s is refused, with the place in the file', async (_what, read) =>
  expect(read()).rejects.toMatchObject({
    problems: [expect.objectContaining({ path: 'tenants[0].connections[0].saml.metadataFile' })],
  }),
);
