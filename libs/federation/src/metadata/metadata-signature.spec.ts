/** Signed metadata: made by another implementation (xml-crypto), verified by ours. Every refusal has its accepted twin. */
import { generateKeyPairSync } from 'node:crypto';
import { createIdentityProviderKey, type IdentityProviderKey } from '#libs/saml-idp';
import { PREFIXES_MAX } from './metadata-limits.js';
import { parseMetadata } from './parse-metadata.js';
import { aggregate, alone, base64Of, entity, type SigningWriting, signed } from './signed-metadata.fixture.js';

const now = new Date('2026-03-01T08:00:00.000Z');
const OURS = 'https://idp.example/metadata';
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
let federation: IdentityProviderKey;
let stranger: IdentityProviderKey;
let idp: IdentityProviderKey;
let ours: string;
beforeAll(async () => {
  const make = (commonName: string) => createIdentityProviderKey({ commonName, now });
  [federation, stranger, idp] = [await make('federation'), await make('stranger'), await make('idp')];
  ours = entity({ keys: [['signing', base64Of(idp.certificatePem)]] });
});

const read = (xml: string, pinnedCertificate = federation.certificatePem) =>
  parseMetadata(xml, { now, expectedEntityId: OURS, pinnedCertificate });
const verdict = (xml: string, pinned?: string) =>
  read(xml, pinned).then(
    ({ entityId }) => entityId,
    ({ code }: { code: string }) => code,
  );
const REFUSED = 'metadata-signature-invalid';
const sign = (xml: string, writing: SigningWriting = {}, key = federation) => signed(xml, key, writing);
/** The certificate that an attacker would like to see trusted. */
const forgedEntity = () => entity({ keys: [['signing', base64Of(stranger.certificatePem)]] });

describe('signed metadata', () => {
  it.each<[string, () => string]>([
    ['of one entity', () => sign(alone(ours))],
    ['of a federation', () => sign(aggregate([entity({ entityId: 'https://other.example' }), ours]))],
    ['with a prefix list', () => sign(alone(ours), { prefixes: ['ds', 'md', 'xs'] })],
    [
      'with SHA-512',
      () =>
        sign(alone(ours), {
          signatureAlgorithm: `${MORE}rsa-sha512`,
          digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha512',
        }),
    ],
    ['in lines of its own', () => sign(alone(ours)).replace('<ds:SignatureValue>', '<ds:SignatureValue>\n  ')],
    [
      'with a comment that was added',
      () => sign(alone(ours)).replace('<md:IDPSSODescriptor', '<!-- note --><md:IDPSSODescriptor'),
    ],
    ['with line ends of another system', () => sign(alone(ours)).replace(/\n/g, '\r\n')],
    [
      'whose KeyInfo names a stranger',
      () => sign(alone(ours)).replace(base64Of(federation.certificatePem), base64Of(stranger.certificatePem)),
    ],
  ])('%s is accepted with the pinned certificate, and with no other', async (_, write) => {
    expect(await verdict(write())).toBe(OURS);
    expect(await verdict(write(), stranger.certificatePem)).toBe(REFUSED);
  });

  it('survives everything that canonical form is about', async () => {
    const odd = alone(ours).replace(
      '<md:IDPSSODescriptor',
      `<md:Extensions xmlns="urn:a" xmlns:unused="urn:u" xmlns:b="urn:b" z="1" b:z='"2"' a="&lt;&#9;&#10;&#13;&amp;
	two lines" xml:lang="de"><c xmlns=""><d xmlns="urn:a" b:e="&gt;"/></c><b:f xmlns:b="urn:c" b:g=""><b:h xmlns:b="urn:b"/></b:f>]] &gt; &#13; ü 🔑</md:Extensions><md:IDPSSODescriptor`,
    );
    for (const prefixes of [[], ['b', 'unused']]) expect(await verdict(sign(odd, { prefixes }))).toBe(OURS);
  });

  it('is read from what was signed, and therefore gives the certificate of the true identity provider', async () => {
    expect((await read(sign(alone(ours)))).signingCertificates).toEqual([idp.certificatePem]);
  });
});

describe('metadata that nobody we trust signed', () => {
  it.each<[string, () => string]>([
    ['unsigned', () => alone(ours)],
    ["signed with a stranger's key, its certificate inside", () => sign(alone(forgedEntity()), {}, stranger)],
    ['changed in a value', () => sign(alone(ours)).replace('https://idp.example/sso', 'https://evil.example/sso')],
    [
      'changed in an attribute of the root',
      () => sign(alone(ours)).replace(`entityID="${OURS}"`, `entityID="${OURS}" validUntil="2099-01-01T00:00:00Z"`),
    ],
    [
      'with an entity added',
      () =>
        sign(aggregate([entity({ entityId: 'https://other.example' })])).replace(
          '</md:EntitiesDescriptor>',
          `${forgedEntity()}</md:EntitiesDescriptor>`,
        ),
    ],
    ['with its digest changed', () => sign(alone(ours)).replace(/(<ds:DigestValue>)../, '$1AA')],
    ['with its signature value changed', () => sign(alone(ours)).replace(/(<ds:SignatureValue>)../, '$1AA')],
    ['with an empty signature', () => sign(alone(ours)).replace(/<ds:SignedInfo>.*<\/ds:SignedInfo>/s, '')],
    ['with two statements', () => sign(alone(ours)).replace(/(<ds:SignedInfo>.*<\/ds:SignedInfo>)/s, '$1$1')],
    ['with two signatures', () => sign(alone(ours)).replace(/(<ds:Signature .*<\/ds:Signature>)/s, '$1$1')],
    [
      'with a second signature value',
      () => sign(alone(ours)).replace(/(<ds:SignatureValue>.*<\/ds:SignatureValue>)/s, '$1$1'),
    ],
    [
      'signed in an inner element only',
      () =>
        sign(aggregate([ours.replace('<md:EntityDescriptor ', '<md:EntityDescriptor ID="_2" ')]), { signs: '/*/*' }),
    ],
  ])('%s is refused', async (_, write) => {
    expect(await verdict(sign(alone(ours)))).toBe(OURS);
    expect(await verdict(write())).toBe(REFUSED);
  });

  it('is refused when true metadata is wrapped into it', async () => {
    const genuine = sign(alone(ours));
    const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(genuine) ?? [];
    const forged = alone(forgedEntity());
    const inExtensions = (inner: string) => `<md:Extensions>${inner}</md:Extensions><md:IDPSSODescriptor`;
    const wrapped = [
      forged.replace('<md:IDPSSODescriptor', `${signature}<md:IDPSSODescriptor`),
      forged.replace('<md:IDPSSODescriptor', inExtensions(genuine)),
      forged.replace('<md:IDPSSODescriptor', `${signature}${inExtensions(alone(ours))}`),
      forged
        .replace(' ID="_1"', ' ID="_2"')
        .replace('<md:IDPSSODescriptor', `${signature}${inExtensions(alone(ours))}`),
      aggregate([forgedEntity(), genuine]).replace(' ID="_1"', ' ID="_2"'),
      aggregate([signature, forgedEntity(), alone(ours)]).replace(' ID="_1"', ' ID="_2"'),
    ];
    expect(await verdict(genuine)).toBe(OURS);
    for (const xml of wrapped) expect(await verdict(xml)).toBe(REFUSED);
  });

  it('shows what the pin is for: without it the forged document is read', async () => {
    const { signingCertificates } = await parseMetadata(sign(alone(forgedEntity()), {}, stranger), { now });
    expect(signingCertificates).toEqual([stranger.certificatePem]);
  });
});

describe('a signature that is not safe', () => {
  const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
  const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

  it.each<[string, SigningWriting]>([
    ['by SHA-1', { signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }],
    ['over a digest by SHA-1', { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' }],
    ['in inclusive form', { canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' }],
    ['with comments', { transforms: [enveloped, `${exclusive}WithComments`] }],
    ['with one transform', { transforms: [enveloped] }],
  ])('%s is refused', async (_, writing) => {
    expect(await verdict(sign(alone(ours)))).toBe(OURS);
    expect(await verdict(sign(alone(ours), writing))).toBe(REFUSED);
  });

  it('with a long list of prefixes, which would be looked up for each element, is refused', async () => {
    const listing = (count: number) =>
      sign(alone(ours), { prefixes: Array.from({ length: count }, (_, n) => `p${n}`) });
    expect(await verdict(listing(PREFIXES_MAX))).toBe(OURS);
    expect(await verdict(listing(PREFIXES_MAX + 1))).toBe(REFUSED);
  });

  it('under a pinned certificate that is none, or too weak, is refused', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (const pem of ['', 'nonsense', publicKey.export({ type: 'spki', format: 'pem' }).toString()])
      expect(await verdict(sign(alone(ours)), pem)).toBe(REFUSED);
  });
});
