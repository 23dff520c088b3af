import type { AccessRevoked } from '#libs/contracts';
import type { RecordedEvent } from '#libs/kernel';
import { type AccountState, type Grant, grantsHeld } from '../account/account.state.js';

/** What an account may do in one application at an instant. */
export interface ApplicationAccess {
  /** Whether the account counts at all: there, active, not past its end. */
  readonly active: boolean;
  /** Grants of the application's roles that count. */
  readonly grants: readonly Grant[];
  readonly roles: readonly string[];
  /** The first instant at which one of them, or the account, ends by itself; null when none does. */
  readonly until: string | null;
}

/**
 * Answers what an account may do in an application.
 * @param roles live roles of the application; others do not count
 * @param at ISO-8601 UTC with milliseconds; what ends then has ended
 */
export function accessToApplication(state: AccountState, roles: ReadonlySet<string>, at: string): ApplicationAccess {
  const active = state.exists && state.status === 'active' && (state.expiresAt === null || at < state.expiresAt);
  const grants = grantsHeld(state, at).filter(({ role }) => roles.has(role));
  const ends = [state.expiresAt, ...grants.map(({ until }) => until)].filter((end) => end !== null);
  return {
    active,
    grants,
    roles: [...new Set(grants.map(({ role }) => role))].sort(),
    until: ends.sort()[0] ?? null,
  };
}

/** Whether what an application was given at a revision is still good, and if not, what ended it. */
export type GrantStanding =
  | { readonly stands: true; readonly revision: number }
  | {
      readonly stands: false;
      readonly code: 'access-revoked' | 'deactivated' | 'identity-unlinked';
      /** The event that ended it. */
      readonly cause: RecordedEvent;
    };

/** Events after which nothing that was given before is good, whatever it was for. */
const ENDS_EVERYTHING: ReadonlyMap<string, 'deactivated' | 'identity-unlinked'> = new Map([
  ['UserDeactivated', 'deactivated'],
  ['AccountMerged', 'deactivated'],
  ['IdentityUnlinked', 'identity-unlinked'],
]);

/**
 * Looks through what happened to an account since a revision: a deactivation ends what every application was given, also after a
 * reactivation, and so does the separation of an identity, whoever's sign-in it was given for; a revocation ends what the applications of the revoked roles were given, and nothing else.
 * @param history the account's events, from any revision up to the last
 * @param roles every role of the application, retired ones included
 */
export function grantStillStands(
  history: readonly RecordedEvent[],
  { revision, roles }: { readonly revision: number; readonly roles: ReadonlySet<string> },
): GrantStanding {
  const since = history.filter((event) => event.revision > revision);
  for (const event of since) {
    const code = ENDS_EVERYTHING.get(event.type);
    if (code) return { stands: false, code, cause: event };
    if (event.type === 'AccessRevoked' && revokedRoles(event).some((role) => roles.has(role)))
      return { stands: false, code: 'access-revoked', cause: event };
  }
  return { stands: true, revision: since.at(-1)?.revision ?? revision };
}

const revokedRoles = (event: RecordedEvent): string[] =>
  (event.data as AccessRevoked['data']).grants.map(({ role }) => role);
