import type { AccountMerged } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { readEventBodies } from '#libs/read-model';
import { findOpenings, type Opening } from '../../histories/openings.queries.js';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';

/** Merges that are read at once, and how many of one person are followed. */
const MERGES_AT_ONCE = 200;
const MERGES_MAX = 20;

/** Later than anything that is recorded. */
const EVER = '9999-12-31T23:59:59.999Z';

/** As which account somebody goes on: those of one person go on as the same. */
export type GoesOnAs = (account: string) => string;

/**
 * Finds out which accounts of a tenant are of one person, by the merges known at the question's position. When they were recorded does not
 * matter: a merge says who somebody is, and was before. Their number is what administrators decided one by one.
 */
export async function readMerges(source: ReportSource, question: Question): Promise<GoesOnAs> {
  const into = new Map<string, string>();
  for (let after = -1, more = true; more; ) {
    const asked = { ...question, asOf: EVER };
    const limits = { after, limit: MERGES_AT_ONCE };
    const page: Opening[] = await findOpenings(source.database, asked, { type: 'AccountMerged' }, limits);
    const merges = (await readEventBodies(source, page, false)) as readonly (SealedEvent & AccountMerged)[];
    for (const { data } of merges) into.set(data.account, data.into);
    after = page.at(-1)?.position ?? after;
    more = page.length === MERGES_AT_ONCE;
  }
  return (account) => {
    let last = account;
    for (let merges = 0; merges < MERGES_MAX; merges += 1) last = into.get(last) ?? last;
    return last;
  };
}
