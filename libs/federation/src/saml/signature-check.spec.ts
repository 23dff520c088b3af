/** Who signed, what is covered, and the known ways to pretend otherwise. */
import { preCheck } from './pre-check.js';
import type { SamlRefusalCode } from './saml-refused.error.js';
import type { RequiredSignature } from './saml-settings.js';
import { checkSignature } from './signature-check.js';
import { IdentityProviderFixture, type Writing } from './signed-response.fixture.js';
import { type VerificationJob, verifyResponse } from './verification.js';
import { WRAPPINGS } from './wrapping.fixture.js';

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

describe('signature wrapping', () => {
  it.each(WRAPPINGS)('%s', async (_, sign, forge) => {
    const honest = idp.write({ sign });
    const forged = forge(honest);
    expect(forged).toContain('>eve<');
    expect(await verifyResponse(idp.job(honest))).toMatchObject(accepted);
    expect(await verifyResponse(idp.job(forged))).toMatchObject({ kind: 'refused', refusal: { evidence: null } });
  });

  it.each(WRAPPINGS)('%s: the signature check alone refuses it too', async (_, sign, forge) => {
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
