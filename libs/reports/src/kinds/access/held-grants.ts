import {
  type AccountAsOf,
  accountsAsOf,
  type GrantOrigin,
  grantApprovalsOf,
  grantOriginsOf,
  type LastReview,
  lastReviewsAsOf,
  lastSignInsAsOf,
  type RoleAsOf,
  rolesAsOf,
} from '#libs/read-model';
import type { Cell } from '../../column.js';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';
import type { WalkedGrant } from './grant-walk.queries.js';

/** A grant with its account and its role as they were at the instant asked about; null where they are not known. */
export interface GrantInPlace {
  readonly grant: WalkedGrant;
  readonly account: AccountAsOf | undefined;
  readonly role: RoleAsOf | undefined;
}

/** A grant with everything that an access report says of it. */
export interface HeldGrant extends GrantInPlace {
  readonly origin: GrantOrigin | undefined;
  /** Accounts, in the order in which they approved. */
  readonly approvals: readonly string[];
  readonly lastSignIn: Date | undefined;
  readonly lastReview: LastReview | undefined;
}

/** Looks up whose grants they are, and of what roles, as of the question. */
export async function inPlace(
  { database }: ReportSource,
  question: Question,
  grants: readonly WalkedGrant[],
): Promise<readonly GrantInPlace[]> {
  const [accounts, roles] = await Promise.all([
    accountsAsOf(database, question, distinct(grants, 'account')),
    rolesAsOf(database, question, distinct(grants, 'role')),
  ]);
  return grants.map((grant) => ({ grant, account: accounts.get(grant.account), role: roles.get(grant.role) }));
}

/** Looks up who gave and approved grants, when their people last signed in, and what was last decided about them. */
export async function withWhy(
  { database }: ReportSource,
  question: Question,
  grants: readonly GrantInPlace[],
): Promise<readonly HeldGrant[]> {
  const ids = grants.map(({ grant }) => grant.grant);
  const accounts = distinct(
    grants.map(({ grant }) => grant),
    'account',
  );
  const [origins, approvals, signIns, reviews] = await Promise.all([
    grantOriginsOf(database, question, ids),
    grantApprovalsOf(database, question, ids),
    lastSignInsAsOf(database, question, accounts),
    lastReviewsAsOf(database, question, ids),
  ]);
  return grants.map((held) => ({
    ...held,
    origin: origins.get(held.grant.grant),
    approvals: approvals.get(held.grant.grant) ?? [],
    lastSignIn: signIns.get(held.grant.account),
    lastReview: reviews.get(held.grant.grant),
  }));
}

const distinct = <Key extends 'account' | 'role'>(grants: readonly WalkedGrant[], key: Key): string[] => [
  ...new Set(grants.map((grant) => grant[key])),
];

/** An instant as a cell. */
export const instantCell = (instant: Date | null | undefined): Cell => instant?.toISOString() ?? null;
