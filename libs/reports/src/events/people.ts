import { type AccountAsOf, accountsAsOf } from '#libs/read-model';
import type { Question } from '../question.js';
import type { ReportSource } from '../report-kind.js';

/** What accounts are called, as valid at the question's `asOf` and known at its `knownAt`. */
export function peopleOf(
  { database }: Pick<ReportSource, 'database'>,
  question: Question,
  accounts: Iterable<string | null>,
): Promise<ReadonlyMap<string, AccountAsOf>> {
  const wanted = [...new Set(accounts)].filter((account) => account !== null);
  return accountsAsOf(database, question, wanted);
}
