import { type AccountAsOf, accountsAsOf } from '#libs/read-model';
import type { Question } from '../question.js';
import type { Counts, ReportSource } from '../report-kind.js';
import { accountsMade } from './accounts-made.queries.js';

/** What is known of the people whom events name, as valid at a question's `asOf` and known at its `knownAt`. */
export interface People {
  /** Undefined also for null. */
  of(account: string | null): AccountAsOf | undefined;
  /** Whether the log made an account of which the read model has lost what it was at that instant. */
  isLost(account: string | null): boolean;
}

/** Looks people up. Accounts that were never made, such as those of other tenants, are neither known nor lost. */
export async function peopleOf(
  { database }: Pick<ReportSource, 'database'>,
  question: Question,
  accounts: Iterable<string | null>,
): Promise<People> {
  const wanted = [...new Set(accounts)].filter((account) => account !== null);
  const known = await accountsAsOf(database, question, wanted);
  const missing = wanted.filter((account) => !known.has(account));
  const lost = await accountsMade(database, question, missing);
  return {
    of: (account) => known.get(account ?? ''),
    isLost: (account) => lost.has(account ?? ''),
  };
}

/** A flag for every account that a row names although what it was has been lost. */
export const unknownAmong = (people: People, accounts: Iterable<string | null>): Counts => {
  const lost = [...new Set(accounts)].filter((account) => people.isLost(account)).length;
  return lost === 0 ? {} : { 'flag.unknownAccount': lost };
};
