/** Who signed, what is covered, and the known ways to pretend otherwise. */
import { corpusFiles, describeCorpus, pinnedCertificate } from './corpus.fixture.js';
import { preCheck } from './pre-check.js';
import type { SamlRefusalCode } from './saml-refused.error.js';
import type { RequiredSignature } from './saml-settings.js';
import { checkSignature } from './signature-check.js';
import { ASSERTION_ID, IdentityProviderFixture, RESPONSE_ID, type Writing } from './signed-response.fixture.js';
import { type VerificationJob, verifyResponse } from './verification.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined); // the parser comments on broken documents
  idp = await IdentityProviderFixture.create();
});

const verify = (writing: Writing = {}, job: Partial<VerificationJob> = {}) =>
  verifyResponse(idp.job(idp.write(writing), job));
const accepted = { kind: 'verified' };
const refusedAs = (code: SamlRefusalCode) => ({ kind: 'refused', refusal: { code, evidence: null } });

describe('a signature', () => {
  it.each<[RequiredSignature, NonNullable<Writing['sign']>, SamlRefusalCode | null]>([
    ['either', 'none', 'invalid-signature'],
    ['either', 'assertion', null],
    ['either', 'response', null],
    ['assertion', 'response', 'invalid-signature'],
    ['assertion', 'assertion', null],
    ['assertion', 'both', null],
    ['response', 'assertion', 'unsigned-response'],
    ['response', 'response', null],
    ['response', 'both', null],
    ['both', 'assertion', 'unsigned-response'],
    ['both', 'response', 'invalid-signature'],
    ['both', 'both', null],
  ])('where %s is required, %s signed', async (requireSigned, sign, code) => {
    const outcome = await verify({ sign }, { settings: idp.settings({ requireSigned }) });
    expect(outcome).toMatchObject(code ? refusedAs(code) : accepted);
  });

  it("of a stranger is refused, even with the stranger's certificate beside it", async () => {
    expect(await verify({ key: idp.stranger })).toMatchObject(refusedAs('invalid-signature'));
  });

  it.each(['assertion', 'response', 'both'] as const)('over %s does not survive a changed value', async (sign) => {
    const forge = (xml: string) => xml.replace('crm-admins', 'crm-owners');
    expect(await verify({ sign, forge })).toMatchObject(refusedAs('invalid-signature'));
  });

  it("on the response that is broken is not overlooked because the assertion's is good", async () => {
    const forge = (xml: string) => xml.replace(/(<samlp:Response[^>]*) Version="2.0"/, '$1 Version="2.0" Consent="x"');
    expect(await verify({ sign: 'both', forge })).toMatchObject(refusedAs('invalid-signature'));
    expect(await verify({ sign: 'assertion', forge })).toMatchObject(accepted);
  });

  it('is found whichever of three certificates made it, and says which', async () => {
    const third = idp.key.certificatePem;
    const certificates = [idp.stranger.certificatePem, idp.stranger.certificatePem, third];
    expect(await verify({}, { settings: idp.settings({ certificates }) })).toMatchObject(accepted);
    expect(await verify({ key: idp.stranger }, { settings: idp.settings({ certificates }) })).toMatchObject(accepted);
  });

  it('without a certificate beside it is found all the same', async () => {
    const certificates = [idp.stranger.certificatePem, idp.key.certificatePem];
    const forge = (xml: string) => xml.replace(/<ds:KeyInfo>.*?<\/ds:KeyInfo>/s, '');
    expect(await verify({ forge }, { settings: idp.settings({ certificates }) })).toMatchObject(accepted);
  });
});

/**
 * Signature wrapping: the signed element is moved where the signature still finds it, and a forged one takes its place.
 * The eight classical shapes (Somorovsky et al., 2012), and variants with equal ids.
 */
describe('signature wrapping', () => {
  const evilId = (xml: string, id: string) =>
    xml.replace(`ID="${id}"`, `ID="_evil"`).replace('>ada<', '>eve<').replace('crm-admins', 'owners');
  const assertionOf = (xml: string) => /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '';
  const signatureOf = (xml: string) => /<ds:Signature.*?<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
  const unsigned = (xml: string) => xml.replace(signatureOf(xml), '');
  const bare = (xml: string) => xml.replace(/^<\?xml.*?\?>/, '');
  const intoSignature = (xml: string, what: string) =>
    xml.replace('</ds:Signature>', `<ds:Object>${what}</ds:Object></ds:Signature>`);
  const evil = (xml: string) => evilId(unsigned(assertionOf(xml)), ASSERTION_ID);
  const extensions = (xml: string, what: string) =>
    xml.replace('<samlp:Status>', `<samlp:Extensions>${what}</samlp:Extensions><samlp:Status>`);

  const shapes: readonly [string, 'response' | 'assertion', (xml: string) => string][] = [
    [
      "1: the signed Response inside the forged one's signature",
      'response',
      (xml) => intoSignature(evilId(xml, RESPONSE_ID), bare(unsigned(xml))),
    ],
    [
      '2: the signed Response beside its signature in the forged one',
      'response',
      (xml) => evilId(xml, RESPONSE_ID).replace('<ds:Signature', `${bare(unsigned(xml))}<ds:Signature`),
    ],
    [
      '3: the forged assertion before the signed one',
      'assertion',
      (xml) => xml.replace('<saml:Assertion', `${evil(xml)}<saml:Assertion`),
    ],
    [
      '4: the signed assertion inside the forged one',
      'assertion',
      (xml) =>
        xml.replace(assertionOf(xml), evil(xml).replace('</saml:Assertion>', `${assertionOf(xml)}</saml:Assertion>`)),
    ],
    [
      '5: the signed assertion behind, the signature in the forged one',
      'assertion',
      (xml) => xml.replace(assertionOf(xml), evilId(assertionOf(xml), ASSERTION_ID) + unsigned(assertionOf(xml))),
    ],
    [
      '6: the signed assertion inside the signature of the forged one',
      'assertion',
      (xml) =>
        xml.replace(
          assertionOf(xml),
          evilId(assertionOf(xml), ASSERTION_ID).replace(
            '</ds:SignatureValue>',
            `</ds:SignatureValue>${unsigned(assertionOf(xml))}`,
          ),
        ),
    ],
    ['7: the forged assertion in Extensions', 'assertion', (xml) => extensions(xml, evil(xml))],
    [
      "8: the signed assertion in an Object of the forged one's signature",
      'assertion',
      (xml) =>
        xml.replace(
          assertionOf(xml),
          intoSignature(evilId(assertionOf(xml), ASSERTION_ID), unsigned(assertionOf(xml))),
        ),
    ],
    [
      'with equal ids, forged first',
      'assertion',
      (xml) => xml.replace('<saml:Assertion', `${evil(xml).replace('_evil', ASSERTION_ID)}<saml:Assertion`),
    ],
    [
      'with equal ids, forged last',
      'assertion',
      (xml) => xml.replace('</samlp:Response>', `${evil(xml).replace('_evil', ASSERTION_ID)}</samlp:Response>`),
    ],
    [
      'with the signed assertion as advice of the forged one',
      'assertion',
      (xml) =>
        xml.replace(
          assertionOf(xml),
          evil(xml).replace('</saml:Conditions>', `</saml:Conditions><saml:Advice>${assertionOf(xml)}</saml:Advice>`),
        ),
    ],
    [
      'with the signature in the forged one and the signed one as its advice',
      'assertion',
      (xml) =>
        xml.replace(
          assertionOf(xml),
          evilId(assertionOf(xml), ASSERTION_ID).replace(
            '</saml:Conditions>',
            `</saml:Conditions><saml:Advice>${unsigned(assertionOf(xml))}</saml:Advice>`,
          ),
        ),
    ],
  ];

  it.each(shapes)('%s', async (_, sign, forge) => {
    const honest = idp.write({ sign });
    const forged = forge(honest);
    expect(forged).toContain('>eve<');
    expect(await verifyResponse(idp.job(honest))).toMatchObject(accepted);
    expect(await verifyResponse(idp.job(forged))).toMatchObject({ kind: 'refused', refusal: { evidence: null } });
  });

  it.each(shapes)('%s: the signature check alone refuses it too', async (_, sign, forge) => {
    const forged = forge(idp.write({ sign }));
    const outline = {
      ...preCheck(idp.write({ sign })),
      responseSigned: sign === 'response',
      assertionSigned: sign === 'assertion',
    };
    const signed = checkSignature(forged, outline, idp.settings()).then(
      ({ xml }) => xml,
      () => 'refused',
    );
    expect(await signed).not.toContain('eve');
  });
});

/** Positions of signatures, as node-saml tests them. Most use SHA-1, so the pre-check is left out: here only the positions count. */
describeCorpus('saml/signatures', 'positions of signatures', () => {
  const valid = corpusFiles('saml/signatures/valid');
  const certificate = valid.map(({ text }) => pinnedCertificate(text)).find((pem) => pem.length > 200) ?? '';
  const check = (xml: string) => {
    const [head = '', ...assertion] = xml.split(/<saml:Assertion/);
    const outline = {
      ...preCheck(idp.write()),
      responseSigned: /<ds:Signature /.test(head),
      assertionSigned: assertion.length > 0,
    };
    return checkSignature(xml, outline, idp.settings({ certificates: [certificate] })).then(
      () => 'valid',
      () => 'invalid',
    );
  };

  it.each(valid.map(({ path, text }) => [path, text] as const))('%s', async (path, text) => {
    expect(await check(text)).toBe(path.includes('encrypted') ? 'invalid' : 'valid');
  });

  it.each(corpusFiles('saml/signatures/invalid').map(({ path, text }) => [path, text] as const))(
    '%s',
    async (_, text) => {
      expect(await check(text)).toBe('invalid');
    },
  );

  it.each(corpusFiles('saml/signatures').map(({ path, text }) => [path, text] as const))(
    '%s does not come in',
    async (_, text) => {
      expect(await verifyResponse(idp.job(text))).toMatchObject({ kind: 'refused' });
    },
  );
});
