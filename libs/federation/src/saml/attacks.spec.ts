/**
 * The known attacks on SAML sign-ins, made by our own generators on our own keys. Method: every attack starts from an honest document that
 * is accepted under the same settings; the verifier, the offline explanation and the independent oracle must each refuse it.
 */
import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import { type Attack, attacks } from './attacks.fixture.js';
import { explainResponse } from './explain-response.js';
import { verifyLean } from './lean-verifier.oracle.js';
import { IdentityProviderFixture, REQUEST_ID, type Writing } from './signed-response.fixture.js';
import { type VerificationJob, verifyResponse } from './verification.js';

let idp: IdentityProviderFixture;
let all: ReadonlyMap<string, Attack>;
beforeAll(async () => {
  jest.spyOn(console, 'warn').mockReturnValue(undefined); // the parser comments on broken documents
  jest.spyOn(console, 'error').mockReturnValue(undefined);
  idp = await IdentityProviderFixture.create();
  all = new Map(attacks(idp).map((attack) => [attack.name, attack]));
});

/** Known before the keys are. */
const names = attacks({ key: { certificatePem: '' }, stranger: { certificatePem: '' } } as never).map(
  ({ name }) => name,
);

const attackNamed = (name: string) => all.get(name) as Attack;
const jobOf = (writing: Writing, { settings = {} }: Attack, pendingRequestId: string | null): VerificationJob =>
  idp.job(idp.write(writing), { settings: idp.settings(settings), pendingRequestId });
const honestJob = (attack: Attack) =>
  jobOf(attack.honest, attack, attack.honestPending === undefined ? REQUEST_ID : attack.honestPending);
const attackJob = (attack: Attack) =>
  jobOf(attack.attack, attack, attack.pending === undefined ? REQUEST_ID : attack.pending);

it('there are as many attacks as names', () => {
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(80);
});

describe.each(names)('%s', (name) => {
  it('is refused for its reason, and its honest twin accepted', async () => {
    const attack = attackNamed(name);
    expect(await verifyResponse(honestJob(attack))).toMatchObject({ kind: 'verified' });
    const outcome = await verifyResponse(attackJob(attack));
    expect(attack.code).toContain(outcome.kind === 'refused' ? outcome.refusal.code : 'nothing refused it');
  });

  it('is refused by the independent oracle, and its honest twin accepted', () => {
    const attack = attackNamed(name);
    expect(verifyLean(honestJob(attack), DOMParser)).toMatchObject({ verified: true, nameId: 'ada' });
    expect(verifyLean(attackJob(attack), DOMParser)).toMatchObject({
      verified: false,
      why: expect.not.stringContaining('unexpected'),
    });
  });

  it('is explained with the same code, unless it is about the request, which nobody knows offline', async () => {
    const { settings, samlResponse: response, now } = attackJob(attackNamed(name));
    const { accepted, refusal } = await explainResponse({ settings, response, now });
    if (attackNamed(name).code.includes('in-response-to-mismatch')) return;
    expect(accepted).toBe(false);
    expect(attackNamed(name).code).toContain(refusal?.code);
  });
});

describe('what is odd and harmless', () => {
  it('comes in as it was meant: attributes with one name, and names that mean something to JavaScript', async () => {
    const attributes = [
      { name: 'Role', values: ['a'] },
      { name: 'Role', values: ['b'] },
      { name: '__proto__', values: ['x'] },
      { name: 'constructor', values: ['y'] },
      { name: 'nameId', values: ['eve'] },
    ];
    const outcome = await verifyResponse(idp.job(idp.write({ spec: { attributes } })));
    expect(outcome.kind === 'verified' && [...outcome.assertion.attributes]).toEqual([
      ['Role', ['a', 'b']],
      ['__proto__', ['x']],
      ['constructor', ['y']],
      ['nameId', ['eve']],
    ]);
    expect(outcome).toMatchObject({ assertion: { nameId: { value: 'ada' } } });
    expect(Object.prototype).not.toHaveProperty('x');
  });
});

/** Counted, not timed: how often the expensive parts are asked. */
describe('the work for a hostile response', () => {
  const padded = (count: number) => (xml: string) =>
    xml.replace('<samlp:Status>', `<samlp:Status>${'<a/>'.repeat(count)}`);
  const work = async (job: VerificationJob) => {
    const parse = jest.spyOn(DOMParser.prototype, 'parseFromString');
    const verify = jest.spyOn(SignedXml.prototype, 'checkSignature');
    try {
      await verifyResponse(job);
      return { parses: parse.mock.calls.length, verifications: verify.mock.calls.length };
    } finally {
      parse.mockRestore();
      verify.mockRestore();
    }
  };

  it('beyond the limits is none for the signature library', async () => {
    expect(await work(idp.job(idp.write({ forge: padded(6_000) })))).toEqual({ parses: 0, verifications: 0 });
  });

  it('within the limits does not grow with its size', async () => {
    const small = await work(idp.job(idp.write({ key: idp.stranger, forge: padded(10) })));
    const large = await work(idp.job(idp.write({ key: idp.stranger, forge: padded(5_900) })));
    expect(large).toEqual(small);
    expect(large.verifications).toBe(1);
  });

  it('does not grow with the number of certificates, whoever signed', async () => {
    const six = Array(6).fill(idp.stranger.certificatePem).with(5, idp.key.certificatePem);
    for (const forge of [
      (xml: string) => xml,
      (xml: string) => xml.replace('>ada<', '>eve<'),
      (xml: string) => xml.replace(/(SignatureValue>)..../, '$1AAAA'),
    ]) {
      const xml = idp.write({ forge });
      const { verifications } = await work(idp.job(xml));
      expect(await work(idp.job(xml, { settings: idp.settings({ certificates: six }) }))).toMatchObject({
        verifications,
      });
    }
  });
});
