/** A captured response, explained: the same verdict as a sign-in's, with every check named. */
import { SAML_CHECKS, type SamlCheck } from './check-observer.js';
import { corpusFiles, describeCorpus } from './corpus.fixture.js';
import { explainResponse } from './explain-response.js';
import type { SamlSettings } from './saml-settings.js';
import { IdentityProviderFixture, type Writing } from './signed-response.fixture.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined); // the parser comments on broken documents
  idp = await IdentityProviderFixture.create();
});

const explain = (writing: Writing = {}, settings: Partial<SamlSettings> = {}, now = idp.now) =>
  explainResponse({ settings: idp.settings(settings), response: idp.write(writing), now });
const byName = (checks: Awaited<ReturnType<typeof explain>>['checks']) =>
  Object.fromEntries(checks.map(({ check, passed }) => [check, passed]));
const encrypted = () => ({ encryption: 'accept', decryptionKeys: [idp.own.privateKeyPem] }) as const;

describe('an accepted response', () => {
  it.each<[string, Writing]>([
    ['plain', {}],
    ['encrypted', { encrypt: {} }],
    ['encrypted and signed twice', { sign: 'both', encrypt: {} }],
  ])('%s: every check is named once, in order; which request it answers is not known', async (_, writing) => {
    const explained = await explain(writing, encrypted());
    expect(explained).toMatchObject({
      accepted: true,
      refusal: null,
      assertion: { nameId: { value: 'ada' } },
      remarks: [],
    });
    expect(explained.checks.map(({ check }) => check)).toEqual(SAML_CHECKS);
    const passed = Object.fromEntries(SAML_CHECKS.map((check) => [check, true]));
    expect(byName(explained.checks)).toEqual({ ...passed, 'in-response-to': 'not checked' });
  });

  it('may be given as XML, with a byte order mark, or as base64', async () => {
    const xml = idp.write();
    for (const response of [xml, `\ufeff${xml}`, `\n${xml}\n`, Buffer.from(xml).toString('base64')]) {
      expect(await explainResponse({ settings: idp.settings(), response, now: idp.now })).toMatchObject({
        accepted: true,
      });
    }
  });

  it('that names no request came unasked', async () => {
    const unasked = { spec: { requestId: undefined } };
    expect(await explain({ ...unasked, sign: 'response' }, { allowIdpInitiated: true })).toMatchObject({
      accepted: true,
      evidence: { initiatedBy: 'idp' },
    });
    expect(await explain({ ...unasked, sign: 'response' })).toMatchObject({
      refusal: { code: 'idp-initiated-not-allowed' },
    });
    expect(await explain(unasked, { allowIdpInitiated: true })).toMatchObject({
      refusal: { code: 'unsigned-response' },
    });
  });

  it('has remarks on certificates that decide nothing', async () => {
    const { accepted, remarks } = await explain(
      { spec: { now: new Date('2037-01-01T00:00:00Z') } },
      {},
      new Date('2037-01-01T00:00:00Z'),
    );
    expect(accepted).toBe(true);
    expect(remarks).toEqual([expect.stringMatching(/^Certificate 1 was valid until 2036-/)]);
  });
});

describe('a refused response', () => {
  it.each<[SamlCheck, string, Writing, Partial<SamlSettings>]>([
    ['xml', 'hostile-xml', { forge: (xml) => xml.replace('>ada<', '>ada<!-- -->.evil<') }, {}],
    [
      'structure',
      'hostile-xml',
      { forge: (xml) => xml.replace('<samlp:Status>', '<samlp:Extensions/><samlp:Status>') },
      {},
    ],
    [
      'status',
      'status-not-success',
      { spec: { overrides: { statusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder' } } },
      {},
    ],
    ['algorithms', 'unsupported-algorithm', { forge: (xml) => xml.replace('rsa-sha256', 'rsa-md5') }, {}],
    ['encryption', 'unsupported-algorithm', { encrypt: {} }, {}],
    ['encryption', 'decryption-key-missing', { encrypt: {} }, { encryption: 'accept' }],
    ['encryption', 'unencrypted-assertion', {}, { encryption: 'require' }],
    ['signature', 'invalid-signature', { forge: (xml) => xml.replace('>ada<', '>eve<') }, {}],
  ])('fails at %s with %s, and what comes later was not looked at', async (failing, code, writing, settings) => {
    const explained = await explain(writing, settings);
    const at = SAML_CHECKS.indexOf(failing);
    expect(explained).toMatchObject({ accepted: false, refusal: { code }, evidence: null, assertion: null });
    expect(explained.checks.map(({ passed }) => passed)).toEqual(
      SAML_CHECKS.map((_, index) => (index < at ? true : index === at ? false : 'not checked')),
    );
  });

  it('that is no base64 fails first of all', async () => {
    const explained = await explainResponse({ settings: idp.settings(), response: 'no response', now: idp.now });
    expect(explained).toMatchObject({ accepted: false, refusal: { code: 'malformed-response' } });
    expect(explained.checks[0]).toMatchObject({ check: 'encoding', passed: false });
  });

  it('that is signed tells everything that is wrong with it, the first thing first', async () => {
    const explained = await explain(
      { spec: { audience: 'https://other.example', nameId: { value: ' ' } } },
      {},
      new Date('2027-01-01T00:00:00Z'),
    );
    expect(explained).toMatchObject({
      refusal: { code: 'expired' },
      evidence: { assertionId: '_assertion-1' },
      assertion: null,
    });
    const failed = explained.checks.filter(({ passed }) => passed === false).map(({ check }) => check);
    expect(failed).toEqual(['conditions', 'audience', 'age', 'subject-confirmation', 'name-id']);
  });

  it('holds nothing personal', async () => {
    const { checks, refusal } = await explain({ forge: (xml) => xml.replace('ada@acme.example', 'eve@acme.example') });
    expect(JSON.stringify([checks, refusal])).not.toMatch(/acme|>ada|eve/);
  });
});

describeCorpus('saml/hostile', 'a hostile document', () => {
  it.each(corpusFiles('saml/hostile').map(({ path, text }) => [path, text]))(
    '%s is explained and refused',
    async (_, response) => {
      expect(await explainResponse({ settings: idp.settings(), response, now: idp.now })).toMatchObject({
        accepted: false,
        assertion: null,
      });
    },
  );
});
