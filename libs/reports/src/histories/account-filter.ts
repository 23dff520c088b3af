import type { AccountAsOf } from '#libs/read-model';
import type { FilterName, Question } from '../question.js';
import type { Holdings } from './account-holdings.js';

/** Conditions that a report of accounts takes. */
export const ACCOUNT_FILTERS = [
  'account',
  'directory',
  'department',
  'role',
  'privileged',
] as const satisfies readonly FilterName[];

/** Why an account is none of those that the question is about; null where it is one. */
export function whyNotAsked(
  { filter }: Pick<Question, 'filter'>,
  account: AccountAsOf,
  held: Holdings,
): 'filter' | 'unknownRole' | null {
  const isAsked =
    (filter.account ?? account.account) === account.account &&
    (filter.directory ?? account.directory) === account.directory &&
    (filter.department ?? account.department) === account.department &&
    (filter.role === undefined || held.roles.includes(filter.role));
  if (!isAsked) return 'filter';
  if (filter.privileged !== undefined && !held.privileged && held.unknownRoles > 0) return 'unknownRole';
  return (filter.privileged ?? held.privileged) === held.privileged ? null : 'filter';
}

/** Why an account does not count at an instant whatever it holds; null where it does. */
export function whyNotCounting({ status, expiresAt }: AccountAsOf, asOf: string): 'deactivated' | 'ended' | null {
  if (status !== 'active') return 'deactivated';
  return expiresAt !== null && expiresAt.toISOString() <= asOf ? 'ended' : null;
}
