import type { AccountAsOf, RoleAsOf } from '#libs/read-model';
import type { Question, ReportFilter } from '../../question.js';
import type { WalkedGrant } from './grant-walk.queries.js';
import type { GrantInPlace } from './held-grants.js';

/** Whether a grant counts at an instant, and if not, why. */
export type GrantStanding = 'held' | 'notBegun' | 'ended' | 'unknownAccount' | 'deactivatedAccount' | 'expiredAccount';

/** Begun, not ended, of an account that is active and not past its end: then a grant counts. @param account as it was at that instant */
export function standingOf(
  { from, until }: Pick<WalkedGrant, 'from' | 'until'>,
  account: Pick<AccountAsOf, 'status' | 'expiresAt'> | undefined,
  asOf: string,
): GrantStanding {
  const at = Date.parse(asOf);
  if (from.getTime() > at) return 'notBegun';
  if (until !== null && until.getTime() <= at) return 'ended';
  if (!account) return 'unknownAccount';
  if (account.status !== 'active') return 'deactivatedAccount';
  return account.expiresAt !== null && account.expiresAt.getTime() <= at ? 'expiredAccount' : 'held';
}

/** Why a grant is not among those asked about. */
export type OutsideFilter = 'outsideFilter' | 'unknownRole' | 'unknownAccount';

/**
 * Why a grant is not among those asked about; null where it is. Of one that had begun by the instant, nobody can say that it is outside as
 * long as the account or the role that would tell is not known.
 */
export function whyOutside(
  { grant, account, role }: GrantInPlace,
  { filter, asOf }: Pick<Question, 'filter' | 'asOf'>,
): OutsideFilter | null {
  const { application, privileged, connection, directory, department } = filter;
  const begun = grant.from.getTime() <= Date.parse(asOf);
  if (!matches(connection, grant.connection)) return 'outsideFilter';
  if (begun && !role && (application !== undefined || privileged !== undefined)) return 'unknownRole';
  if (begun && !account && (directory !== undefined || department !== undefined)) return 'unknownAccount';
  const ofAccount = matches(directory, account?.directory) && matches(department, account?.department);
  return ofAccount && isRoleAskedFor(role, filter) ? null : 'outsideFilter';
}

/** Whether grants of a role are among those asked about, as far as the role tells. */
export const isRoleAskedFor = (
  role: Pick<RoleAsOf, 'application' | 'privileged'> | undefined,
  filter: ReportFilter,
): boolean => matches(filter.application, role?.application) && matches(filter.privileged, role?.privileged ?? false);

const matches = <T>(asked: T | undefined, value: T | null | undefined): boolean =>
  asked === undefined || asked === value;
