/** Messages of single logout from the identity provider: which are believed. Each refusal has its accepted twin in the same suite. */
import { createSign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import {
  buildLogoutRequest,
  buildLogoutResponse,
  type LogoutRequestSpec,
  type LogoutResponseSpec,
  signedQuery,
} from '#libs/saml-idp';
import { type LogoutJob, type ReceivedLogout, verifyLogoutMessage } from './logout-message.js';
import { LOGOUT_BYTES_MAX } from './redirect-query.js';
import { pinnedCertificate } from './saml-keys.js';
import type { SamlRefusalCode } from './saml-refused.error.js';
import { IdentityProviderFixture, signElement } from './signed-response.fixture.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined); // the parser comments on broken documents
  idp = await IdentityProviderFixture.create();
});

const PENDING = '_our-logout-request-0001';
const BINDINGS = ['redirect', 'post'] as const;
type Binding = (typeof BINDINGS)[number];
const at = (seconds: number) => new Date(idp.now.getTime() + seconds * 1000);
const refusedAs = (code: SamlRefusalCode) => ({ kind: 'refused', refusal: { code, evidence: null } });
const about = () => ({
  key: idp.key,
  id: '_logout-1',
  idpEntityId: 'https://idp.example/metadata',
  destination: 'https://gatebook.example/saml/okta/slo',
  now: idp.now,
});
const requestSpec = (differing: Partial<LogoutRequestSpec> = {}): LogoutRequestSpec => ({
  ...about(),
  nameId: { value: 'ada', format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
  sessionIndexes: ['s-1'],
  ...differing,
});
const responseSpec = (differing: Partial<LogoutResponseSpec> = {}): LogoutResponseSpec => ({
  ...about(),
  inResponseTo: PENDING,
  ...differing,
});

type Change = (xml: string) => string;
const same: Change = (xml) => xml;
interface Sending {
  readonly key?: typeof idp.key;
  /** Changes the message before it is signed. */
  readonly say?: Change;
  /** Changes what the browser carries: the query, or the XML of the form. */
  readonly forge?: Change;
  readonly relayState?: string;
}

/** Signs as real ones do, and sends. */
function send(
  binding: Binding,
  field: 'SAMLRequest' | 'SAMLResponse',
  xml: string,
  sending: Sending = {},
): ReceivedLogout {
  const { key = idp.key, say = same, forge = same, relayState } = sending;
  if (binding === 'redirect') {
    return { binding, query: forge(signedQuery({ field, xml: say(xml), relayState, key })) };
  }
  const signed = forge(signElement(say(xml), 'response', key));
  const value = Buffer.from(signed).toString('base64');
  return { binding, fields: { [field]: value, ...(relayState === undefined ? {} : { RelayState: relayState }) } };
}

const sendRequest = (binding: Binding, spec: Partial<LogoutRequestSpec> = {}, sending: Sending = {}) =>
  send(binding, 'SAMLRequest', buildLogoutRequest(requestSpec(spec), 'none'), sending);
const sendResponse = (binding: Binding, spec: Partial<LogoutResponseSpec> = {}, sending: Sending = {}) =>
  send(binding, 'SAMLResponse', buildLogoutResponse(responseSpec(spec), 'none'), sending);
const verify = (received: ReceivedLogout, differing: Partial<LogoutJob> = {}) =>
  verifyLogoutMessage({ settings: idp.settings(), received, pendingRequestId: PENDING, now: idp.now, ...differing });

describe.each(BINDINGS)('by %s', (binding) => {
  it('a request is believed, and says whose sessions end', async () => {
    expect(await verify(sendRequest(binding, {}, { relayState: 'r 1&2' }))).toEqual({
      kind: 'request',
      id: '_logout-1',
      issuer: 'https://idp.example/metadata',
      nameId: { value: 'ada', format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
      sessionIndexes: ['s-1'],
      replayableUntil: '2026-03-01T09:10:00.000Z',
      relayState: 'r 1&2',
      certificateSha256: pinnedCertificate(idp.key.certificatePem).sha256,
    });
  });

  it.each([
    [['Success'], true],
    [['Success', 'PartialLogout'], false],
    [['Responder'], false],
  ] as const)('an answer is believed: %s', async (status, success) => {
    const outcome = await verify(sendResponse(binding, { status: status as readonly [string, string?] }));
    expect(outcome).toMatchObject({ kind: 'response', inResponseTo: PENDING, success });
  });

  it('may leave out its destination, name no session, or carry extensions', async () => {
    const extended = {
      say: (xml: string) => xml.replace('</saml:Issuer>', '</saml:Issuer><samlp:Extensions><a/></samlp:Extensions>'),
    };
    expect(await verify(sendRequest(binding, { destination: null }))).toMatchObject({ kind: 'request' });
    expect(await verify(sendRequest(binding, { sessionIndexes: [] }))).toMatchObject({ sessionIndexes: [] });
    expect(await verify(sendRequest(binding, {}, extended))).toMatchObject({ kind: 'request' });
  });

  it('is believed whichever of six certificates made the signature', async () => {
    const stranger = idp.stranger.certificatePem;
    const certificates = [stranger, stranger, stranger, stranger, stranger, idp.key.certificatePem];
    const settings = idp.settings({ certificates });
    expect(await verify(sendRequest(binding), { settings })).toMatchObject({ kind: 'request' });
  });

  it.each<[string, SamlRefusalCode, () => ReceivedLogout]>([
    ['of another issuer', 'wrong-issuer', () => sendRequest(binding, { idpEntityId: 'https://other.example' })],
    [
      'without an issuer',
      'wrong-issuer',
      () => sendRequest(binding, {}, { say: (xml) => xml.replace(/>https:\/\/idp[^<]*</, '> <') }),
    ],
    [
      'for another address',
      'wrong-destination',
      () => sendRequest(binding, { destination: 'https://other.example/slo' }),
    ],
    ['that has ended', 'expired', () => sendRequest(binding, { notOnOrAfter: at(-60) })],
    ['that is too old', 'expired', () => sendRequest(binding, { now: at(-360) })],
    ['from the future', 'not-yet-valid', () => sendRequest(binding, { now: at(61) })],
    [
      'without an instant',
      'malformed-response',
      () => sendRequest(binding, {}, { say: (xml) => xml.replace(/ IssueInstant="[^"]*"/, '') }),
    ],
    ['without a name', 'missing-name-id', () => sendRequest(binding, { nameId: { value: ' ' } })],
    [
      'with an encrypted name',
      'hostile-xml',
      () => sendRequest(binding, {}, { say: (xml) => xml.replace(/saml:NameID/g, 'saml:EncryptedID') }),
    ],
    [
      'with two names',
      'malformed-response',
      () => sendRequest(binding, {}, { say: (xml) => xml.replace(/<saml:NameID.*<\/saml:NameID>/, '$&$&') }),
    ],
    ['for 101 sessions', 'malformed-response', () => sendRequest(binding, { sessionIndexes: Array(101).fill('s') })],
    ['signed by a stranger', 'invalid-signature', () => sendRequest(binding, {}, { key: idp.stranger })],
    [
      'that answers another request',
      'in-response-to-mismatch',
      () => sendResponse(binding, { inResponseTo: '_other' }),
    ],
    [
      'that answers no request',
      'in-response-to-mismatch',
      () => sendResponse(binding, {}, { say: (xml) => xml.replace(/ InResponseTo="[^"]*"/, '') }),
    ],
    [
      'that is a request where an answer should be',
      'malformed-response',
      () => send(binding, 'SAMLResponse', buildLogoutRequest(requestSpec(), 'none')),
    ],
    [
      'of SAML 1.1',
      'malformed-response',
      () => sendRequest(binding, {}, { say: (xml) => xml.replace('Version="2.0"', 'Version="1.1"') }),
    ],
    [
      'with a comment in the name',
      'hostile-xml',
      () => sendRequest(binding, {}, { say: (xml) => xml.replace('>ada<', '>ada<!-- -->.evil<') }),
    ],
    [
      'with a processing instruction',
      'hostile-xml',
      () => sendRequest(binding, {}, { say: (xml) => xml.replace('>ada<', '>ada<?x .evil?><') }),
    ],
    ['with a DOCTYPE', 'hostile-xml', () => sendRequest(binding, {}, { say: (xml) => `<!DOCTYPE a>${xml}` })],
    [
      'with an id twice',
      'hostile-xml',
      () => sendRequest(binding, {}, { say: (xml) => xml.replace('<saml:Issuer', '<saml:Issuer ID="_logout-1"') }),
    ],
    [
      'with an assertion in it',
      'hostile-xml',
      () =>
        sendRequest(
          binding,
          {},
          {
            say: (xml) =>
              xml.replace(
                '<saml:NameID',
                '<samlp:Extensions><saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/></samlp:Extensions><saml:NameID',
              ),
          },
        ),
    ],
    [
      'padded with 500 elements',
      'hostile-xml',
      () =>
        sendRequest(
          binding,
          {},
          {
            say: (xml) =>
              xml.replace('<saml:NameID', `<samlp:Extensions>${'<a/>'.repeat(500)}</samlp:Extensions><saml:NameID`),
          },
        ),
    ],
  ])('is not believed %s', async (_, code, received) => {
    expect(await verify(received())).toMatchObject(refusedAs(code));
  });

  it('is not believed in answer to a request that nobody made here', async () => {
    expect(await verify(sendResponse(binding), { pendingRequestId: null })).toMatchObject(
      refusedAs('in-response-to-mismatch'),
    );
  });
});

describe('a signed address', () => {
  const query = (sending: Sending) => sendRequest('redirect', {}, { relayState: 'r-1', ...sending });
  const evil = () =>
    encodeURIComponent(
      deflateRawSync(buildLogoutRequest(requestSpec({ nameId: { value: 'eve' } }), 'none')).toString('base64'),
    );

  it.each<[string, SamlRefusalCode, Change]>([
    ['with its signature taken away', 'invalid-signature', (text) => text.replace(/&SigAlg=.*/, '')],
    ['without the name of the algorithm', 'invalid-signature', (text) => text.replace(/&SigAlg=[^&]*/, '')],
    ['with another message', 'invalid-signature', (text) => text.replace(/SAMLRequest=[^&]*/, `SAMLRequest=${evil()}`)],
    ['with another relay state', 'invalid-signature', (text) => text.replace('RelayState=r-1', 'RelayState=r-2')],
    ['without its relay state', 'invalid-signature', (text) => text.replace('&RelayState=r-1', '')],
    ['written in another way', 'invalid-signature', (text) => text.replace('RelayState=r-1', 'RelayState=r%2D1')],
    ['with a second message in front', 'hostile-xml', (text) => `SAMLRequest=${evil()}&${text}`],
    ['with a second message behind', 'hostile-xml', (text) => `${text}&SAMLRequest=${evil()}`],
    ['with a message of the other kind', 'malformed-response', (text) => `${text}&SAMLResponse=${evil()}`],
    ['with the request called an answer', 'invalid-signature', (text) => text.replace('SAMLRequest=', 'SAMLResponse=')],
    ['with two signatures', 'hostile-xml', (text) => `${text}&Signature=AAAA`],
    ['packed in another way', 'unsupported-algorithm', (text) => `${text}&SAMLEncoding=urn%3Aother`],
    ['with an algorithm that nobody knows', 'unsupported-algorithm', (text) => text.replace('rsa-sha256', 'rsa-md5')],
    ['signed with HMAC', 'unsupported-algorithm', (text) => text.replace(/rsa-sha256/, 'hmac-sha256')],
    ['with half a percent code', 'malformed-response', (text) => text.replace(/SigAlg=[^&]*/, 'SigAlg=%E')],
    ['of 17,000 characters', 'too-large', (text) => `${text}&x=${'a'.repeat(17_000)}`],
  ])('is not believed %s', async (_, code, forge) => {
    expect(await verify(query({ forge }))).toMatchObject(refusedAs(code));
    expect(await verify(query({}))).toMatchObject({ kind: 'request' });
  });

  it('is not believed with SHA-1, as the identity provider really signs', async () => {
    const xml = buildLogoutRequest(requestSpec(), 'none');
    const signed = signedQuery({ field: 'SAMLRequest', xml, key: idp.key, algorithm: 'sha1' });
    expect(await verify({ binding: 'redirect', query: signed })).toMatchObject(refusedAs('unsupported-algorithm'));
  });

  it('may be written with lower-case percent codes, other parameters, and a question mark in front', async () => {
    const xml = buildLogoutRequest(requestSpec(), 'none');
    const lower = signedLowerCase(xml);
    expect(await verify({ binding: 'redirect', query: `?x=1&${lower}` })).toMatchObject({ kind: 'request' });
  });

  it('is never inflated beyond the limit, and not at all before its signature was found valid', async () => {
    const bomb = ' '.repeat(20 * LOGOUT_BYTES_MAX);
    const received = send('redirect', 'SAMLRequest', bomb);
    expect(await verify(received)).toMatchObject(refusedAs('too-large'));
    const stranger = send('redirect', 'SAMLRequest', bomb, { key: idp.stranger });
    expect(await verify(stranger)).toMatchObject(refusedAs('invalid-signature'));
  });
});

/** AD FS writes percent codes in lower case; the signature is over what it wrote. */
function signedLowerCase(xml: string): string {
  const lower = (text: string) => encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const parameters = `SAMLRequest=${lower(deflateRawSync(xml).toString('base64'))}&SigAlg=${lower('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')}`;
  const signature = createSign('sha256').update(parameters).sign(idp.key.privateKeyPem, 'base64');
  return `${parameters}&Signature=${lower(signature)}`;
}

describe('a signed form', () => {
  const signatureOf = (xml: string) => /<ds:Signature.*<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
  const bare = (xml: string) => xml.replace(/^<\?xml.*?\?>/, '');
  const evil = (xml: string) => xml.replace('>ada<', '>eve<').replace('_logout-1', '_evil');

  it.each<[string, Change]>([
    ['with its signature taken away', (xml) => xml.replace(signatureOf(xml), '')],
    ['with another name', (xml) => xml.replace('>ada<', '>eve<')],
    ['with another session', (xml) => xml.replace('>s-1<', '>s-2<')],
    [
      'around the signed one, in its signature',
      (xml) =>
        evil(xml).replace(
          '</ds:Signature>',
          `<ds:Object>${bare(xml.replace(signatureOf(xml), ''))}</ds:Object></ds:Signature>`,
        ),
    ],
    [
      'around the signed one, in its extensions',
      (xml) => evil(xml).replace('</ds:Signature>', `</ds:Signature><samlp:Extensions>${bare(xml)}</samlp:Extensions>`),
    ],
    [
      'around the signed one, the signature moved out',
      (xml) =>
        evil(xml).replace(
          '</ds:Signature>',
          `</ds:Signature><samlp:Extensions>${bare(xml.replace(signatureOf(xml), ''))}</samlp:Extensions>`,
        ),
    ],
    [
      'with the signed one behind its own name',
      (xml) => evil(xml).replace('</samlp:LogoutRequest>', `${bare(xml)}</samlp:LogoutRequest>`),
    ],
  ])('is not believed %s', async (_, forge) => {
    expect(await verify(sendRequest('post', {}, { forge }))).toMatchObject({
      kind: 'refused',
      refusal: { evidence: null },
    });
    expect(await verify(sendRequest('post'))).toMatchObject({ kind: 'request' });
  });

  it('is not believed with SHA-1, as the identity provider really signs', async () => {
    const xml = buildLogoutRequest(requestSpec({ algorithm: 'sha1' }), 'inside');
    const fields = { SAMLRequest: Buffer.from(xml).toString('base64') };
    expect(await verify({ binding: 'post', fields })).toMatchObject(refusedAs('unsupported-algorithm'));
  });

  it.each<[string, SamlRefusalCode, () => ReceivedLogout]>([
    ['empty', 'malformed-response', () => ({ binding: 'post', fields: {} })],
    [
      'with two messages',
      'malformed-response',
      () => ({ binding: 'post', fields: { SAMLRequest: 'PGEvPg==', SAMLResponse: 'PGEvPg==' } }),
    ],
    ['that is no base64', 'malformed-response', () => ({ binding: 'post', fields: { SAMLRequest: '<a/>' } })],
    ['of 100 kB', 'too-large', () => ({ binding: 'post', fields: { SAMLRequest: 'A'.repeat(100_000) } })],
  ])('is not believed %s', async (_, code, received) => {
    expect(await verify(received())).toMatchObject(refusedAs(code));
  });
});
