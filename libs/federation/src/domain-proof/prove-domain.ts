import { Resolver } from 'node:dns/promises';
import { challengeNameOf, domainName } from './domain-name.js';

/** Finds the TXT records of a name, each in the pieces that it was sent in; rejects with `ENOTFOUND` or `ENODATA` where there are none. */
export type ResolveTxt = (name: string) => Promise<readonly (readonly string[])[]>;

/**
 * What was found. `missing`: the name servers answered, and the record is not there (yet). `failed`: they could not be asked, which says nothing
 * about who owns the domain; a proof that was given before stays as it is.
 */
export interface DomainProof {
  readonly result: 'proven' | 'missing' | 'failed';
  /** What was seen and what to do, for the administrator. Never quotes a foreign record. */
  readonly reason: string;
}

/** Records of one name that are looked at. */
export const TXT_RECORDS_MAX = 100;
/** Longest record that can be the one, characters. */
const RECORD_LENGTH_MAX = 1_024;
/** Time for the answer in all, milliseconds. */
export const DOMAIN_PROOF_TIMEOUT_MS = 10_000;
/** One try at one name server, milliseconds, and how often each is tried. */
const TRY_MS = 2_000;
const TRIES = 2;
const NO_SUCH_RECORD = ['ENOTFOUND', 'ENODATA'];

/**
 * Looks for the record of a domain's challenge in the DNS. Changes and remembers nothing.
 * @param expected the challenge's `recordValue`
 * @param resolveTxt default: the name servers of the operating system, with limits of time and tries
 * @throws {DomainNameError} when the domain is none
 */
export async function proveDomain(
  domain: string,
  expected: string,
  resolveTxt: ResolveTxt = bySystem,
): Promise<DomainProof> {
  const recordName = challengeNameOf(domainName(domain));
  try {
    return judged(await inTime(resolveTxt(recordName)), recordName, expected);
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (NO_SUCH_RECORD.includes(code)) return missing(`There is no TXT record at ${recordName}.`);
    return failed(`The name servers of the domain did not answer the question for ${recordName}.`);
  }
}

function judged(records: Awaited<ReturnType<ResolveTxt>>, recordName: string, expected: string): DomainProof {
  if (records.length > TXT_RECORDS_MAX)
    return failed(
      `There are more than ${TXT_RECORDS_MAX} TXT records at ${recordName}; remove those that are not needed.`,
    );
  const texts = records.map((pieces) =>
    pieces
      .join('')
      .slice(0, RECORD_LENGTH_MAX + 1)
      .trim(),
  );
  if (texts.includes(expected))
    return { result: 'proven', reason: `The TXT record at ${recordName} is the expected one.` };
  if (texts.length === 0) return missing(`There is no TXT record at ${recordName}.`);
  return missing(
    `There are TXT records at ${recordName}, but none of them is the expected one. Compare it letter by letter.`,
  );
}

const missing = (reason: string): DomainProof => ({
  result: 'missing',
  reason: `${reason} A new record can take as long to be seen as the old answer may be kept (its TTL).`,
});
const failed = (reason: string): DomainProof => ({ result: 'failed', reason: `${reason} Try again later.` });

async function bySystem(name: string): Promise<string[][]> {
  return new Resolver({ timeout: TRY_MS, tries: TRIES }).resolveTxt(name);
}

/** A resolver that never answers is given up. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), DOMAIN_PROOF_TIMEOUT_MS);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
