/** Encrypted assertions: which are opened, in what order signature and encryption are looked at, and what nobody may learn by asking. */
import { randomBytes } from 'node:crypto';
import type { AssertionEncryption } from '#libs/saml-idp';
import type { SamlRefusalCode } from './saml-refused.error.js';
import type { SamlSettings } from './saml-settings.js';
import { ASSERTION_ID, IdentityProviderFixture, type Writing } from './signed-response.fixture.js';
import { verifyResponse } from './verification.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined); // the parser comments on broken documents
  idp = await IdentityProviderFixture.create();
});

const accepted = { kind: 'verified', assertion: { assertionId: ASSERTION_ID, nameId: { value: 'ada' } } };
const refusedAs = (code: SamlRefusalCode) => ({ kind: 'refused', refusal: { code, evidence: null } });
const verify = (writing: Writing, settings: Partial<SamlSettings> = {}) => {
  const own = { encryption: 'accept', decryptionKeys: [idp.own.privateKeyPem] } as const;
  return verifyResponse(
    idp.job(idp.write({ encrypt: {}, ...writing }), { settings: idp.settings({ ...own, ...settings }) }),
  );
};

describe('an encrypted assertion', () => {
  const contents = ['aes128-gcm', 'aes256-gcm'] as const;
  const transports = ['oaep-sha1', 'oaep-mixed', 'oaep-sha256'] as const;
  const places = ['inside', 'beside'] as const;
  const forms = contents.flatMap((content) =>
    transports.flatMap((transport) =>
      places.map((key): AssertionEncryption => ({ ...own(), content, transport, key })),
    ),
  );
  it.each(forms)('is opened: $content, $transport, key $key', async (encrypt) => {
    const { certificatePem } = idp.own;
    expect(await verify({ encrypt: { ...encrypt, certificatePem } })).toMatchObject(accepted);
  });

  it.each(['assertion', 'response', 'both'] as const)(
    'is accepted with %s signed, as the plain one is',
    async (sign) => {
      expect(await verify({ sign })).toMatchObject(accepted);
      expect(await verify({ sign }, { encryption: 'require' })).toMatchObject(accepted);
    },
  );

  it('is recorded by the digest of what the signature covers', async () => {
    const inner = await verify({ sign: 'assertion' });
    expect(inner).toMatchObject({ assertion: { assertionSha256: expect.stringMatching(/^[0-9a-f]{64}$/) } });
  });

  it('is opened with whichever of our keys it was made for', async () => {
    const decryptionKeys = [idp.stranger.privateKeyPem, idp.key.privateKeyPem, idp.own.privateKeyPem];
    expect(await verify({}, { decryptionKeys })).toMatchObject(accepted);
  });
});

describe('an encrypted assertion is refused', () => {
  it.each<[string, SamlRefusalCode, Writing, Partial<SamlSettings>]>([
    ['where the connection accepts none', 'unsupported-algorithm', {}, { encryption: 'refuse' }],
    ['where there is no key', 'decryption-key-missing', {}, { decryptionKeys: [] }],
    ['signed nowhere', 'invalid-signature', { sign: 'none' }, {}],
    [
      'inside of a signed response, when its own signature is wanted',
      'invalid-signature',
      { sign: 'response' },
      { requireSigned: 'both' },
    ],
    [
      'signed itself, when the response should be',
      'unsigned-response',
      { sign: 'assertion' },
      { requireSigned: 'response' },
    ],
    ['with RSA 1.5', 'unsupported-algorithm', { encrypt: { transport: 'rsa15' } }, {}],
    ['with CBC', 'unsupported-algorithm', { sign: 'response', encrypt: { content: 'aes256-cbc' } }, {}],
    [
      'with CBC in a response that is not signed',
      'unsupported-algorithm',
      { sign: 'assertion', encrypt: { content: 'aes256-cbc' } },
      { allowCbc: true },
    ],
  ])('%s', async (_, code, writing, settings) => {
    expect(await verify(writing, settings)).toMatchObject(refusedAs(code));
  });

  it.each(['aes128-cbc', 'aes256-cbc'] as const)(
    'but not with %s where that is allowed and the response is signed',
    async (content) => {
      expect(await verify({ sign: 'response', encrypt: { content } }, { allowCbc: true })).toMatchObject(accepted);
    },
  );

  it('when it was made for somebody else', async () => {
    const { certificatePem } = idp.stranger;
    expect(await verify({ encrypt: { certificatePem } })).toMatchObject(refusedAs('decryption-failed'));
  });

  it('when a stranger made and signed it for us: whoever reads our certificate can encrypt', async () => {
    expect(await verify({ key: idp.stranger })).toMatchObject(refusedAs('invalid-signature'));
  });

  it('when it should be encrypted and is not', async () => {
    const settings = idp.settings({ encryption: 'require', decryptionKeys: [idp.own.privateKeyPem] });
    expect(await verifyResponse(idp.job(idp.write(), { settings }))).toMatchObject(refusedAs('unencrypted-assertion'));
  });

  it.each<[string, (assertion: string) => string]>([
    ['a comment', (xml) => xml.replace('>ada<', '>ada<!-- -->.evil<')],
    ['an empty comment', (xml) => xml.replace('>ada<', '>ada<!---->.evil<')],
    ['a processing instruction', (xml) => xml.replace('crm-admins', 'crm-<?x admins?>')],
    ['a DOCTYPE', (xml) => `<!DOCTYPE a>${xml}`],
    ['6,001 elements', (xml) => xml.replace('<saml:Subject>', `<saml:Subject>${'<a/>'.repeat(6_000)}`)],
    ["the response's id", (xml) => xml.replace('<saml:Subject>', '<saml:Subject Id="_response-1">')],
    ['a second assertion', (xml) => xml.replace('<saml:Subject>', '<saml:Subject><saml:Assertion/>')],
  ])('for %s inside, as it would be outside', async (_, change) => {
    expect(await verifyInside(change)).toMatchObject(refusedAs('hostile-xml'));
  });

  it('when it is something else', async () => {
    expect(await verifyInside(() => '<a/>')).toMatchObject(refusedAs('malformed-response'));
    expect(await verifyInside((xml) => `${xml}${xml}`)).toMatchObject(refusedAs('malformed-response'));
  });
});

/** An unsigned response around what was encrypted by hand: what an attacker can build with our certificate. */
async function verifyInside(change: (assertion: string) => string) {
  const { encryptedAssertion } = await import('#libs/saml-idp');
  const [assertion = ''] = /<saml:Assertion.*<\/saml:Assertion>/s.exec(idp.write()) ?? [];
  const sealed = encryptedAssertion(change(assertion), { certificatePem: idp.own.certificatePem });
  return verify({ encrypt: undefined as never, forge: (xml) => xml.replace(assertion, sealed) });
}

describe('the structure around it', () => {
  it.each<[string, SamlRefusalCode, (xml: string) => string]>([
    ['two keys', 'hostile-xml', (xml) => xml.replace(KEY, '$&$&')],
    ['two contents', 'hostile-xml', (xml) => xml.replace(DATA, '$&$&')],
    ['no key', 'hostile-xml', (xml) => xml.replace(KEY, '')],
    ['a key inside of the key', 'hostile-xml', (xml) => xml.replace(KEY, (key) => `<ds:X509Data>${key}</ds:X509Data>`)],
    [
      'a reference in place of bytes',
      'hostile-xml',
      (xml) =>
        xml.replace(/<xenc:CipherValue>.*?<\/xenc:CipherValue>/s, '<xenc:CipherReference URI="http://127.0.0.1/"/>'),
    ],
    [
      'a reference to a key elsewhere',
      'hostile-xml',
      (xml) => xml.replace(KEY, '<ds:RetrievalMethod URI="http://127.0.0.1/"/>$&'),
    ],
    ['an object in it', 'hostile-xml', (xml) => xml.replace(KEY, '$&<ds:Object/>')],
    ['a signature in it', 'hostile-xml', (xml) => xml.replace(KEY, '$&<ds:Signature/>')],
    [
      'two assertions',
      'hostile-xml',
      (xml) => xml.replace(/<saml:EncryptedAssertion.*<\/saml:EncryptedAssertion>/s, '$&$&'),
    ],
    [
      'content that is not said to be an element',
      'malformed-response',
      (xml) => xml.replace('xmlenc#Element"', 'xmlenc#Content"'),
    ],
    [
      'a content of 3DES',
      'unsupported-algorithm',
      (xml) => xml.replace(/[^"]*aes256-gcm/, 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc'),
    ],
    [
      'a label on the key',
      'unsupported-algorithm',
      (xml) => xml.replace(/<ds:DigestMethod[^>]*><\/ds:DigestMethod>/, '$&<xenc:OAEPparams>AAAA</xenc:OAEPparams>'),
    ],
    [
      'a hash of MD5',
      'unsupported-algorithm',
      (xml) => xml.replace('http://www.w3.org/2000/09/xmldsig#sha1', 'http://www.w3.org/2001/04/xmldsig-more#md5'),
    ],
    ['bytes that are none', 'malformed-response', (xml) => xml.replace('<xenc:CipherValue>', '<xenc:CipherValue>*')],
  ])('is not accepted with %s', async (_, code, forge) => {
    const honest = idp.write({ encrypt: {} });
    expect(forge(honest)).not.toBe(honest);
    expect(await verify({ forge })).toMatchObject(refusedAs(code));
  });

  const KEY = /<xenc:EncryptedKey.*<\/xenc:EncryptedKey>/s;
  const DATA = /<xenc:EncryptedData.*<\/xenc:EncryptedData>/s;
});

/** Every message of a failed decryption is one message: otherwise whoever may ask often enough can decrypt. */
describe('a failed decryption', () => {
  const values = (xml: string) => [...xml.matchAll(/<xenc:CipherValue>([^<]*)</g)].map(([, value = '']) => value);
  const flipped = (value: string, at: number) => {
    const bytes = Buffer.from(value, 'base64');
    const index = at < 0 ? bytes.length + at : at;
    return bytes.fill((bytes[index] ?? 0) ^ 1, index, index + 1).toString('base64');
  };

  it.each(['oaep-sha1', 'oaep-mixed', 'oaep-sha256'] as const)(
    'says the same whatever was changed (%s)',
    async (transport) => {
      const messages = new Set<string>();
      const changes: ((key: string, content: string) => [string, string])[] = [
        (key, content) => [flipped(key, 0), content],
        (key, content) => [flipped(key, -1), content],
        (_, content) => [randomBytes(256).fill(0).toString('base64'), content],
        (_, content) => [randomBytes(100).toString('base64'), content],
        (key, content) => [key, flipped(content, 0)],
        (key, content) => [key, flipped(content, 40)],
        (key, content) => [key, flipped(content, -1)],
        (key) => [key, randomBytes(20).toString('base64')],
        (key, content) => [key, Buffer.from(content, 'base64').subarray(0, -4).toString('base64')],
      ];
      for (const change of changes) {
        const forge = (xml: string) => {
          const [key = '', content = ''] = values(xml);
          const [otherKey, otherContent] = change(key, content);
          return xml.replace(key, otherKey).replace(content, otherContent);
        };
        const outcome = await verify({ encrypt: { transport }, forge });
        expect(outcome).toMatchObject(refusedAs('decryption-failed'));
        messages.add(outcome.kind === 'refused' ? outcome.refusal.message : '');
      }
      expect(messages.size).toBe(1);
    },
  );

  it('of CBC is not even tried before the signature around it was found valid', async () => {
    const forge = (xml: string) => {
      const [, content = ''] = values(xml);
      return xml.replace(content, flipped(content, -1));
    };
    const outcome = await verify({ sign: 'response', encrypt: { content: 'aes256-cbc' }, forge }, { allowCbc: true });
    expect(outcome).toMatchObject(refusedAs('invalid-signature'));
  });
});

function own() {
  return { certificatePem: '' };
}
