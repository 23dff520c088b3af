/** What is refused before any signature is looked at, and what must not be. Goal: no cost, no parser surprise, a clear code. */
import { corpusFiles, describeCorpus } from './corpus.fixture.js';
import { decodeResponse, RESPONSE_BYTES_MAX } from './decode-response.js';
import { preCheck } from './pre-check.js';
import type { SamlRefusalCode } from './saml-refused.error.js';
import { IdentityProviderFixture, type Writing } from './signed-response.fixture.js';
import { verifyResponse } from './verification.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  idp = await IdentityProviderFixture.create();
});

const refusedAs = (code: SamlRefusalCode) => ({ kind: 'refused', refusal: { code, evidence: null } });
const accepted = { kind: 'verified' };
const verifyXml = (xml: string) => verifyResponse(idp.job(xml));
const verifyField = (samlResponse: string) => verifyResponse({ ...idp.job(''), samlResponse });
const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64');

describe('the form field', () => {
  it('is accepted in one line or broken into lines', async () => {
    const field = base64(idp.write());
    expect(await verifyField(field)).toMatchObject(accepted);
    expect(await verifyField(`\n${field.match(/.{1,76}/g)?.join('\r\n')}\n`)).toMatchObject(accepted);
  });

  it.each<[string, () => string]>([
    ['empty', () => ''],
    ['no base64', () => '<samlp:Response/>'],
    ['URL-safe base64', () => base64(`${idp.write()}\u{3ffff}`).replace(/\+/g, '-').replace(/\//g, '_').concat('-_==')],
    ['base64 with a blank inside', () => base64(idp.write()).replace(/^(.{40})/, '$1 ')],
    ['base64 without its padding', () => base64('<a/>1').replace(/=/g, '')],
    ['base64 with bits to spare', () => base64('<a/>1').replace(/Q==$/, 'R==').replace(/E=$/, 'F=')],
    ['invalid UTF-8', () => base64(Buffer.from([0x3c, 0x61, 0xff, 0x2f, 0x3e]))],
    ['UTF-16', () => base64(Buffer.from(`\ufeff${idp.write()}`, 'utf16le'))],
    [
      'another encoding declared',
      () => base64(idp.write({ forge: (xml) => `<?xml version="1.0" encoding="ISO-8859-1"?>${bare(xml)}` })),
    ],
    ['XML 1.1', () => base64(idp.write({ forge: (xml) => `<?xml version="1.1"?>${bare(xml)}` }))],
    ['no XML', () => base64('hello')],
    ['unclosed XML', () => base64(idp.write().replace('</samlp:Response>', ''))],
    [
      'a tag inside an attribute',
      () => base64(idp.write({ forge: (xml) => xml.replace('<samlp:Status>', '<samlp:Status a="<">') })),
    ],
    ['two roots', () => base64(`${idp.write()}<a/>`)],
    ['another document', () => base64('<a/>')],
    ['SAML 1.1', () => base64(idp.write({ say: (xml) => xml.replace('Version="2.0"', 'Version="1.1"') }))],
    ['an entity of HTML', () => base64(idp.write({ forge: (xml) => xml.replace('>ada<', '>a&nbsp;da<') }))],
    [
      'no assertion',
      () => base64(idp.write({ forge: (xml) => xml.replace(/<saml:Assertion.*<\/saml:Assertion>/s, '') })),
    ],
  ])('%s: malformed', async (_, field) => {
    expect(await verifyField(field())).toMatchObject(refusedAs('malformed-response'));
  });

  it('may begin with a byte order mark', async () => {
    expect(await verifyField(base64(`\ufeff${idp.write()}`))).toMatchObject(accepted);
  });

  it('too large is told apart from malformed', async () => {
    expect(await verifyField('A'.repeat(400_000))).toMatchObject(refusedAs('too-large'));
    const padded = (bytes: number) => Buffer.from('<a>'.padEnd(bytes - 4, ' ').concat('</a>')).toString('base64');
    expect(await verifyField(padded(RESPONSE_BYTES_MAX + 4))).toMatchObject(refusedAs('too-large'));
    expect(decodeResponse(padded(RESPONSE_BYTES_MAX))).toHaveLength(RESPONSE_BYTES_MAX);
  });
});

const bare = (xml: string) => xml.replace(/^<\?xml.*?\?>/, '');

describe('a document that no honest identity provider sends', () => {
  it.each<[string, (xml: string) => string]>([
    ['with a comment in the NameID', (xml) => xml.replace('>ada<', '>ada<!-- x -->.evil<')],
    ['with an empty comment', (xml) => xml.replace('>ada<', '>ada<!---->.evil<')],
    ['with a processing instruction in a value', (xml) => xml.replace('>crm-admins<', '>crm-<?x admins?><')],
    ['with CDATA', (xml) => xml.replace('>ada<', '><![CDATA[ada]]><')],
    ['with a DOCTYPE', (xml) => `<!DOCTYPE a>${bare(xml)}`],
    [
      'with a DOCTYPE after the declaration',
      (xml) => `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>${bare(xml)}`,
    ],
    ['with a comment at its end', (xml) => `${xml}<!-- -->`],
    [
      'with two assertions',
      (xml) =>
        xml.replace(
          '</samlp:Response>',
          '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/></samlp:Response>',
        ),
    ],
    [
      'with an encrypted assertion beside the other',
      (xml) =>
        xml.replace(
          '<saml:Assertion ',
          '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/><saml:Assertion ',
        ),
    ],
    ['with two statuses', (xml) => xml.replace('<samlp:Status>', '<samlp:Status/><samlp:Status>')],
    ['with extensions', (xml) => xml.replace('<samlp:Status>', '<samlp:Extensions/><samlp:Status>')],
    ['with an object in a signature', (xml) => xml.replace('</ds:Signature>', '<ds:Object/></ds:Signature>')],
    [
      'with a signature in the subject',
      (xml) =>
        xml.replace('<saml:Subject>', '<saml:Subject><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'),
    ],
    ['with an assertion in the subject', (xml) => xml.replace('<saml:Subject>', '<saml:Subject><saml:Assertion/>')],
    ['with an id twice', (xml) => xml.replace('<samlp:Status>', '<samlp:Status Id="_assertion-1">')],
    ['nested 41 deep', (xml) => xml.replace('<samlp:Status>', `<samlp:Status>${'<a>'.repeat(39)}${'</a>'.repeat(39)}`)],
    [
      'with 33 attributes on an element',
      (xml) => xml.replace('<samlp:Status>', `<samlp:Status ${numbered(33, (n) => `a${n}="1"`)}>`),
    ],
    ['with 6,001 elements', (xml) => xml.replace('<samlp:Status>', `<samlp:Status>${'<a/>'.repeat(6_000)}`)],
  ])('%s', async (_, forge) => {
    expect(await verifyXml(idp.write())).toMatchObject(accepted);
    expect(await verifyXml(idp.write({ forge }))).toMatchObject(refusedAs('hostile-xml'));
  });

  it.each<[string, (xml: string) => string]>([
    ['20,000 empty siblings', (xml) => xml.replace('<samlp:Status>', `<samlp:Status>${'<a/>'.repeat(20_000)}`)],
    [
      '30,000 attributes',
      (xml) => xml.replace('<samlp:Status>', `<samlp:Status ${numbered(30_000, (n) => `${n.toString(36)}q=""`)}>`),
    ],
    [
      '10,000 levels',
      (xml) => xml.replace('<samlp:Status>', `<samlp:Status>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`),
    ],
    ['250,000 characters of text', (xml) => xml.replace('<samlp:Status>', `<samlp:Status>${'&amp;'.repeat(45_000)}`)],
  ])('costs little: %s', async (_, forge) => {
    const xml = idp.write({ forge });
    const job = idp.job(xml);
    await verifyResponse(job);
    const before = process.cpuUsage();
    await verifyResponse(job);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(250);
  });
});

const numbered = (count: number, write: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => write(n)).join(' ');

it('names that mean something to JavaScript mean nothing here', async () => {
  const odd = ['constructor', '__proto__', 'toString'].map(
    (name) => `<ds:${name} xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>`,
  );
  const forge = (xml: string) => xml.replace('<samlp:Status>', `<samlp:Status>${odd.join('')}`);
  expect(await verifyXml(idp.write({ forge }))).toMatchObject(accepted);
});

describe('an algorithm', () => {
  const algorithm = (from: string, to: string): Writing => ({ forge: (xml) => xml.replace(from, to) });

  it.each([
    [
      'SHA-1 signature',
      algorithm('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'),
    ],
    [
      'HMAC with the certificate as secret',
      algorithm('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'),
    ],
    ['SHA-1 digest', algorithm('http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2000/09/xmldsig#sha1')],
    [
      'XSLT as transform',
      algorithm('http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/TR/1999/REC-xslt-19991116'),
    ],
    [
      'inclusive canonical form',
      algorithm('http://www.w3.org/2001/10/xml-exc-c14n#', 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'),
    ],
    ['none at all', algorithm(' Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"', '')],
  ])('%s is not accepted', async (_, writing) => {
    expect(await verifyXml(idp.write(writing))).toMatchObject(refusedAs('unsupported-algorithm'));
  });

  it('SHA-1 as the identity provider really uses it is not accepted', async () => {
    const { buildSamlResponse } = await import('#libs/saml-idp');
    const { idpEntityId, acsUrl, spEntityId } = idp.settings();
    const xml = buildSamlResponse({
      key: idp.key,
      idpEntityId,
      acsUrl,
      audience: spEntityId,
      responseId: '_r',
      assertionId: '_a',
      nameId: { value: 'ada' },
      attributes: [],
      now: idp.now,
      sign: 'assertion',
      overrides: { signatureAlgorithm: 'sha1' },
    });
    expect(await verifyXml(xml)).toMatchObject(refusedAs('unsupported-algorithm'));
  });
});

describe('a refusal by the identity provider', () => {
  const status = (code: string) =>
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="${code}"/></samlp:StatusCode></samlp:Status></samlp:Response>`;

  it('is told as such, unsigned and without an assertion', async () => {
    const outcome = await verifyXml(status('urn:oasis:names:tc:SAML:2.0:status:RequestDenied'));
    expect(outcome).toMatchObject({
      refusal: { code: 'status-not-success', message: expect.stringContaining('RequestDenied') },
    });
  });

  it('with an assertion is a refusal all the same', async () => {
    const writing = { spec: { overrides: { statusCode: 'urn:oasis:names:tc:SAML:2.0:status:Requester' } } };
    expect(await verifyXml(idp.write(writing))).toMatchObject(refusedAs('status-not-success'));
  });

  it("does not put a stranger's words into our message", async () => {
    const outcome = await verifyXml(status('ada@acme.example'));
    expect(JSON.stringify(outcome)).not.toContain('ada@acme.example');
  });
});

describeCorpus('saml/hostile', 'a hostile document', () => {
  const sameAsCaptured = ['error_bad_audience', 'not_after_already_passed', 'not_before_already_passed'];
  const files = corpusFiles('saml/hostile');

  it.each(files.map(({ path, text }) => [path, text] as const))('%s does not come in', async (_, text) => {
    expect(await verifyXml(text)).toMatchObject({ kind: 'refused' });
  });

  it.each(
    files
      .filter(({ path }) => !sameAsCaptured.some((name) => path.includes(name)))
      .map(({ path, text }) => [path, text] as const),
  )('%s is refused before a signature is checked', (path, text) => {
    if (path.includes('no_signatures'))
      expect(preCheck(text)).toMatchObject({ responseSigned: false, assertionSigned: false });
    else expect(() => preCheck(text)).toThrow(expect.objectContaining({ code: 'hostile-xml' }));
  });
});
