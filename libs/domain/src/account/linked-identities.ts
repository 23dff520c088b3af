import type { AccountEvent } from '#libs/contracts';
import type { AbsorbAccount, AccountCommand, LinkIdentity, MergeInto, UnlinkIdentity } from './account.commands.js';
import { AccountMergedError, AlreadyLinkedError, MergeNotPossibleError, NotLinkedError } from './account.errors.js';
import { type AccountState, isLinked, standingGrants } from './account.state.js';
import { carryOver } from './carried-over.js';
import { inParts } from './in-parts.js';
import { revoked } from './revocation.js';

/** Most identities that one event hands over. */
const LINKS_PER_EVENT_MAX = 100;

/** Commands that find nothing to do on an account that ended in a merge: the system's own about every account, and ends of what has ended. */
const SWEEPING: ReadonlySet<AccountCommand['type']> = new Set([
  'EndElevation',
  'ExpireLeases',
  'ReevaluateRules',
  'RevokeAllOf',
]);

/** Joins a subject of a connection to an account. @throws {AlreadyLinkedError} */
export function linkIdentity({ data }: LinkIdentity, state: AccountState): AccountEvent[] {
  const { connection, subject, reason } = data;
  if (isLinked(state, { connection, subject })) throw new AlreadyLinkedError();
  return [
    { type: 'IdentityLinked', data: { account: state.id, connection, subject, how: 'manual', evidence: null, reason } },
  ];
}

/**
 * Separates a subject from an account. What its connection gave ends first; should another subject of the same connection be linked as
 * well, its next sign-in gives anew what is its own. @throws {NotLinkedError}
 */
export function unlinkIdentity({ data, metadata }: UnlinkIdentity, state: AccountState): AccountEvent[] {
  const { connection, subject, reason } = data;
  if (!isLinked(state, { connection, subject })) throw new NotLinkedError();
  const given = standingGrants(state, metadata.now).filter(({ source }) => source.connection === connection);
  return [
    ...revoked(state.id, given, { code: 'identity-unlinked', at: metadata.now, evidence: null, reason }),
    { type: 'IdentityUnlinked', data: { account: state.id, connection, subject, reason } },
  ];
}

/**
 * Takes over the identities of another account of the same person, and what is withheld from it; its grants stay behind, and rules give at
 * the next sign-in. What was taken over before is left out, so that a merge can be repeated until both halves are done.
 * @throws {MergeNotPossibleError} when both are the same account
 */
export function absorbAccount(command: AbsorbAccount, state: AccountState): AccountEvent[] {
  if (command.data.from === state.id) throw new MergeNotPossibleError('itself');
  return [...takeIdentities(command, state), ...carryOver(command, state)];
}

function takeIdentities({ data }: AbsorbAccount, state: AccountState): AccountEvent[] {
  const { from, reason } = data;
  const fresh = data.links.filter((link) => !isLinked(state, link));
  if (fresh.length === 0 && state.absorbed.has(from)) return [];
  const parts = fresh.length === 0 ? [[]] : inParts(fresh, LINKS_PER_EVENT_MAX);
  return parts.map((links) => ({
    type: 'AccountAbsorbed',
    data: { account: state.id, from, links: links.map(({ connection, subject }) => ({ connection, subject })), reason },
  }));
}

/**
 * Ends an account for good: its grants end, it is suspended, its identities are another account's from now on.
 * @throws {MergeNotPossibleError} when both are the same account, or this one has absorbed the other
 * @throws {AccountMergedError} when it was merged into yet another one
 */
export function mergeInto({ data, metadata }: MergeInto, state: AccountState): AccountEvent[] {
  const { into, reason } = data;
  if (into === state.id) throw new MergeNotPossibleError('itself');
  if (state.mergedInto === into) return [];
  if (state.mergedInto !== null) throw new AccountMergedError(state.mergedInto);
  if (state.absorbed.has(into)) throw new MergeNotPossibleError('absorbed');
  const source = {
    kind: 'manual',
    connection: null,
    connectionVersion: null,
    protocol: 'manual',
    issuer: null,
  } as const;
  return [
    ...revoked(state.id, standingGrants(state, metadata.now), {
      code: 'account-merged',
      at: metadata.now,
      evidence: null,
      reason,
    }),
    ...(state.status === 'active'
      ? [{ type: 'UserDeactivated' as const, data: { account: state.id, source, reason, occurredAt: null } }]
      : []),
    { type: 'AccountMerged', data: { account: state.id, into, reason } },
  ];
}

/** What anything else comes to that is asked of an account that ended in a merge. @throws {AccountMergedError} */
export function onMerged({ type }: AccountCommand, into: string): AccountEvent[] {
  if (SWEEPING.has(type)) return [];
  throw new AccountMergedError(into);
}
