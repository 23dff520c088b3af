import { rolesAsOf } from '#libs/read-model';
import type { Question } from '../question.js';
import type { ReportSource } from '../report-kind.js';
import { standingGrantsOf } from './standing-grants.queries.js';

/** What an account holds. */
export interface Holdings {
  /** In alphabetical order, each once however many grants give it. */
  readonly roles: readonly string[];
  readonly privileged: boolean;
  /** How many of the roles the catalogue lacks, so that nobody can say whether they were privileged. */
  readonly unknownRoles: number;
}

/** An account that holds nothing. */
export const NO_HOLDINGS: Holdings = { roles: [], privileged: false, unknownRoles: 0 };

/** What accounts held at the instant of the question, by account; those that held nothing are left out. */
export async function holdingsOf(
  { database }: Pick<ReportSource, 'database'>,
  question: Question,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, Holdings>> {
  const grants = await standingGrantsOf(database, question, accounts);
  const named = [...new Set(grants.map(({ role }) => role))];
  const known = await rolesAsOf(database, question, named);
  const byAccount = Map.groupBy(grants, ({ account }) => account);
  return new Map(
    [...byAccount].map(([account, held]) => {
      const roles = [...new Set(held.map(({ role }) => role))].sort();
      const privileged = roles.some((role) => known.get(role)?.privileged);
      return [account, { roles, privileged, unknownRoles: roles.filter((role) => !known.has(role)).length }];
    }),
  );
}
