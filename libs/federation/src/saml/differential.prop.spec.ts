/**
 * The verifier and the lean oracle agree on every response: verdict, person, attributes.
 * Method: valid responses, changed before they are signed (the identity provider says something odd) or after (somebody else does), from
 * a seed. `DIFFERENTIAL_SEED` and `DIFFERENTIAL_RUNS` choose others; a failure prints its seed and the smallest document that it found.
 */
import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { corpusFiles } from './corpus.fixture.js';
import { verifyLean } from './lean-verifier.oracle.js';
import { ATTRIBUTES, HOWS, type Mutation, mutated, WORDS } from './mutations.fixture.js';
import type { RequiredSignature } from './saml-settings.js';
import { IdentityProviderFixture, type Writing } from './signed-response.fixture.js';
import { type VerificationJob, verifyResponse } from './verification.js';

const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 20_260_301);
const RUNS = Number(process.env['DIFFERENTIAL_RUNS'] ?? 100);

let idp: IdentityProviderFixture;
beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined); // the parser comments on broken documents
  jest.spyOn(console, 'error').mockReturnValue(undefined);
  idp = await IdentityProviderFixture.create();
});

/** What both say, in one form. */
async function verdicts(job: VerificationJob) {
  const outcome = await verifyResponse(job);
  const ours =
    outcome.kind === 'refused'
      ? { verified: false, why: outcome.refusal.code }
      : {
          verified: true,
          assertionId: outcome.assertion.assertionId,
          nameId: outcome.assertion.nameId.value,
          attributes: Object.fromEntries(outcome.assertion.attributes),
        };
  return { ours, lean: verifyLean(job, DOMParser) };
}

async function agree(job: VerificationJob): Promise<boolean> {
  const { ours, lean } = await verdicts(job);
  if (ours.verified && lean.verified) expect(ours).toEqual(lean);
  else expect([ours.verified, lean]).toEqual([lean.verified, lean]);
  return ours.verified;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  how: fc.constantFrom(...HOWS),
  at: fc.nat(10_000),
  to: fc.nat(10_000),
  what: fc.constantFrom(...WORDS, ...ATTRIBUTES),
});
const signing = fc.constantFrom<NonNullable<Writing['sign']>>('assertion', 'response', 'both');
const demanded = fc.constantFrom<RequiredSignature>('either', 'assertion', 'response', 'both');

function written(
  sign: NonNullable<Writing['sign']>,
  before: readonly Mutation[],
  after: readonly Mutation[],
): string | undefined {
  try {
    return idp.write({ sign, say: (xml) => mutated(xml, before), forge: (xml) => mutated(xml, after) });
  } catch {
    return undefined; // nothing that could be signed
  }
}

describe('two verifiers', () => {
  it.each(['assertion', 'response', 'both'] as const)('accept what is valid, %s signed', async (sign) => {
    expect(await agree(idp.job(idp.write({ sign })))).toBe(true);
  });

  it('agree on what somebody changed after it was signed', async () => {
    const property = fc.asyncProperty(
      signing,
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (sign, after) => {
        const xml = written(sign, [], after);
        if (xml !== undefined) await agree(idp.job(xml));
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it('agree on what the identity provider itself says oddly', async () => {
    let accepted = 0;
    const property = fc.asyncProperty(
      signing,
      demanded,
      fc.array(mutation, { minLength: 1, maxLength: 2 }),
      async (sign, requireSigned, before) => {
        const xml = written(sign, before, []);
        const settings = idp.settings({ requireSigned });
        if (xml !== undefined && (await agree(idp.job(xml, { settings })))) accepted += 1;
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
    expect(accepted).toBeGreaterThan(RUNS / 20); // otherwise it would be a test of refusals alone
  });

  it('agree on every file of the corpora, with and without its request', async () => {
    for (const { text } of corpusFiles('saml')) {
      await agree(idp.job(text));
      await agree(idp.job(text, { pendingRequestId: null, settings: idp.settings({ allowIdpInitiated: true }) }));
    }
  });

  it('would notice a verifier that reads what no signature covers', async () => {
    const forge = (xml: string) => xml.replace('>ada<', '>eve<');
    const job = idp.job(idp.write({ forge }));
    const { lean } = await verdicts(job);
    const careless = { verified: true, nameId: 'eve' };
    expect(lean).not.toMatchObject(careless);
  });
});
