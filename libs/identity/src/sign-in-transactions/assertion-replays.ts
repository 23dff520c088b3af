import type { Database } from '#libs/database';
import { type Clock, DomainError } from '#libs/kernel';
import type { Keyring } from '#libs/vault';

/** Rows deleted in one statement at most. */
const SWEEP_ROWS = 1_000;

/** Longer than any clock skew that a connection may allow, milliseconds. */
const REPLAY_MARGIN_MS = 3_600_000;

/** The assertion was used before. */
export class AssertionReplayedError extends DomainError {
  readonly code = 'assertion-replayed';
  readonly kind = 'forbidden';
  constructor() {
    super('This answer of the identity provider was used before. Start signing in again.');
  }
}

/** One verified assertion and what it is used for. */
export interface AssertionUse {
  readonly connection: string;
  readonly assertionId: string;
  readonly commandId: string;
  /** Id of the browser's transaction; null when the identity provider began the sign-in, which can never be resumed. */
  readonly transactionId: string | null;
  /** When the assertion stops to be acceptable, ISO-8601; until then, and for an hour more, it is remembered. */
  readonly expiresAt: string;
}

/** Lets every assertion be used once (SAML 2.0 Profiles, section 4.1.4.5). */
export interface AssertionReplays {
  /**
   * Takes an assertion before anything else happens with it.
   * @returns `resume` when the same browser transaction took it before and did not come to an end: the same command goes on
   * @throws {AssertionReplayedError} when it was used, or another browser has taken it
   */
  begin(use: AssertionUse): Promise<'new' | 'resume'>;
  /** Marks an assertion as used up. Idempotent. */
  finish(use: Pick<AssertionUse, 'connection' | 'assertionId'>): Promise<void>;
  /** What was begun in a transaction of this name and did not come to an end, a bounded number. */
  unfinished(transactionId: string): Promise<Pick<AssertionUse, 'connection' | 'commandId'>[]>;
  /** Forgets assertions that have expired anyway, at most 1,000. @returns how many */
  sweep(): Promise<number>;
}

/** What the memory of assertions needs. */
export interface AssertionReplaysDependencies {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** Remembers assertions in PostgreSQL by the HMAC of their ids. */
export function assertionReplays({ database, keyring, clock }: AssertionReplaysDependencies): AssertionReplays {
  const hmacOf = (connection: string, assertionId: string) => keyring.lookupHmac('assertion', connection, assertionId);
  return {
    async begin({ connection, assertionId, commandId, transactionId, expiresAt }) {
      const hmac = hmacOf(connection, assertionId);
      const { rowCount } = await database.query({
        name: 'identity-begin-assertion',
        text: `insert into identity.assertion_replays (connection, assertion_id_hmac, command_id, transaction_id, state, expires_at)
         values ($1, $2, $3, $4, 'started', $5) on conflict do nothing`,
        values: [connection, hmac, commandId, transactionId, expiresAt],
      });
      if (rowCount === 1) return 'new';
      const { rowCount: resumable } = await database.query(
        `select from identity.assertion_replays where connection = $1 and assertion_id_hmac = $2
            and command_id = $3 and transaction_id = $4 and state = 'started'`,
        [connection, hmac, commandId, transactionId],
      );
      if (resumable === 1) return 'resume';
      throw new AssertionReplayedError();
    },
    async finish({ connection, assertionId }) {
      await database.query({
        name: 'identity-finish-assertion',
        text: `update identity.assertion_replays set state = 'finished' where connection = $1 and assertion_id_hmac = $2`,
        values: [connection, hmacOf(connection, assertionId)],
      });
    },
    async unfinished(transactionId) {
      const { rows } = await database.query<Pick<AssertionUse, 'connection' | 'commandId'>>(
        `select connection, command_id as "commandId" from identity.assertion_replays
          where state = 'started' and transaction_id = $1 order by expires_at limit $2`,
        [transactionId, SWEEP_ROWS],
      );
      return rows;
    },
    async sweep() {
      const { rowCount } = await database.query(
        `delete from identity.assertion_replays where (connection, assertion_id_hmac) in (
           select connection, assertion_id_hmac from identity.assertion_replays where expires_at <= $1 limit $2)`,
        [new Date(clock.now().getTime() - REPLAY_MARGIN_MS), SWEEP_ROWS],
      );
      return rowCount ?? 0;
    },
  };
}
