import type { SodViolationDetected } from '#libs/contracts';
import type { PolicyState } from '#libs/domain';
import type { SealedEvent } from '#libs/kernel';
import { type AccountAsOf, accountsAsOf } from '#libs/read-model';
import { whyNotCounting } from '../../histories/account-filter.js';
import { happenedBy, readEventsAbout, readHistories } from '../../histories/read-histories.js';
import { standingGrantsOf } from '../../histories/standing-grants.queries.js';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';
import { conflictsHeld, type HeldConflict } from './sod-conflicts.js';
import { foldExceptions, foldViolation, isOpen, type ViolationOnRecord } from './sod-records.fold.js';

/** Accounts with what they held against policies, and what is on record about that. */
export interface SodAccounts {
  readonly accounts: ReadonlyMap<string, AccountAsOf>;
  /** By account; of accounts that did not count, none. */
  readonly conflicts: ReadonlyMap<string, readonly HeldConflict[]>;
  violationOf(
    conflict: Pick<HeldConflict, 'account'> & { readonly policy: Pick<PolicyState, 'id'> },
  ): ViolationOnRecord | undefined;
}

/** Looks at some accounts. @param policies those whose conflicts matter @param accounts at most 200 */
export async function lookAtAccounts(
  source: ReportSource,
  question: Question,
  policies: readonly PolicyState[],
  accounts: readonly string[],
): Promise<SodAccounts> {
  const ids = [...new Set(accounts)];
  const [known, grants] = await Promise.all([
    accountsAsOf(source.database, question, ids),
    standingGrantsOf(source.database, question, ids, rolesNamed(policies)),
  ]);
  const counting = grants.filter(({ account }) => counts(known.get(account), question.asOf));
  const held = Map.groupBy(counting, ({ account }) => account);
  const conflicting = [...held].filter(([, own]) => conflictsHeld(policies, own, [], question.asOf).length > 0);
  // few accounts hold a conflict, so only for these is looked up what is on record about it
  const concerned = conflicting.map(([account]) => account);
  const [exceptionEvents, violations] = await Promise.all([
    readEventsAbout(source, question, { accounts: concerned, types: ['SodExceptionGranted', 'SodExceptionEnded'] }),
    readViolations(source, question, concerned),
  ]);
  const open = Map.groupBy(
    foldExceptions(exceptionEvents).filter((each) => isOpen(each, question.asOf)),
    ({ account }) => account,
  );
  const conflicts = conflicting.map(
    ([account, own]) => [account, conflictsHeld(policies, own, open.get(account) ?? [], question.asOf)] as const,
  );
  return {
    accounts: known,
    conflicts: new Map(conflicts),
    violationOf: ({ account, policy }) => violations.get(`${account} ${policy.id}`),
  };
}

/** Every role that some policies name, in alphabetical order. */
export const rolesNamed = (policies: readonly PolicyState[]): string[] =>
  [...new Set(policies.flatMap(({ settings }) => (settings?.kind === 'sod' ? settings.roles.flat() : [])))].sort();

const counts = (account: AccountAsOf | undefined, asOf: string): boolean =>
  account !== undefined && whyNotCounting(account, asOf) === null;

/** Violations on record of some accounts, resolved ones too, by account and policy. */
async function readViolations(
  source: ReportSource,
  question: Question,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, ViolationOnRecord>> {
  const detected = await readEventsAbout(source, question, { accounts, types: ['SodViolationDetected'] });
  const streams = [
    ...new Set((detected as readonly (SealedEvent & SodViolationDetected)[]).map(({ stream }) => stream)),
  ];
  const histories = await readHistories(source, question, streams);
  const violations = streams.map((stream) => foldViolation(happenedBy(histories.get(stream) ?? [], question.asOf)));
  return new Map(violations.map((each) => [`${each.account} ${each.policy}`, each]));
}
