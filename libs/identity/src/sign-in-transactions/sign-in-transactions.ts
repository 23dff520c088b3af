import { randomBytes } from 'node:crypto';
import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';
import { newToken, tokenHash } from '../bearer-token.js';

/** How long a person may take at the identity provider, milliseconds; the cookie lives as long. */
export const TRANSACTION_LIFETIME_MS = 600_000;
/** Transactions of one connection at most; beyond it the oldest go, so that nobody can fill the database without signing in. */
export const TRANSACTIONS_PER_CONNECTION = 20_000;
/** Longest path to return to, characters. */
export const MAX_RETURN_TO_LENGTH = 2_048;
/** Every so many transactions of a connection, a process looks whether there are too many. */
export const TRIM_EVERY = 100;
/** Rows deleted in one statement at most. */
const SWEEP_ROWS = 1_000;

/** A sign-in that a browser began through a connection. */
export interface SignInTransaction {
  /** Names the transaction, in a cookie's name and the relay state; not a secret: 22 characters of base64url. */
  readonly id: string;
  readonly connection: string;
  /** Id of the request to the identity provider, an XML name; its answer has to bear it. */
  readonly requestId: string;
  readonly returnTo: string;
  /** The set-up link whose holder tries the connection out: nobody is signed in by it. Null for a sign-in. */
  readonly testOf: string | null;
  /** Another site led the browser here, so that nobody need have wanted it. */
  readonly crossSite: boolean;
}

/** Binds the identity provider's answer to the browser that asked: the request id alone is public. */
export interface SignInTransactions {
  /**
   * Begins a transaction. The token, told once, belongs in a cookie of its own.
   * @param begun `returnTo` is a path on this server
   * @throws {RangeError} when `returnTo` exceeds `MAX_RETURN_TO_LENGTH`
   */
  open(
    begun: Pick<SignInTransaction, 'connection' | 'returnTo'> &
      Partial<Pick<SignInTransaction, 'testOf' | 'crossSite'>>,
  ): Promise<SignInTransaction & { readonly token: string }>;
  /** Finds a transaction under way; null unless id, token and connection belong together and it has not expired. */
  find(asked: {
    readonly id: string;
    readonly token: string;
    readonly connection: string;
  }): Promise<SignInTransaction | null>;
  /** Finds a transaction likewise and ends it in the same step: of two who ask, one gets it. */
  take: SignInTransactions['find'];
  /** Ends a transaction: its request id is accepted no more. Idempotent. */
  close(id: string): Promise<void>;
  /** Deletes expired transactions, at most 1,000. @returns how many */
  sweep(): Promise<number>;
}

/** What sign-in transactions need. */
export interface SignInTransactionsDependencies {
  readonly database: Database;
  readonly clock: Clock;
  /** `TRANSACTIONS_PER_CONNECTION` unless a test wants fewer. */
  readonly perConnection?: number;
}

/** Keeps sign-in transactions in PostgreSQL. */
export function signInTransactions(dependencies: SignInTransactionsDependencies): SignInTransactions {
  const { database, clock, perConnection = TRANSACTIONS_PER_CONNECTION } = dependencies;
  const opened = new Map<string, number>();
  const trimNowAndThen = async (connection: string) => {
    const count = (opened.get(connection) ?? 0) + 1;
    opened.set(connection, count % TRIM_EVERY);
    if (count >= TRIM_EVERY) await dropOldest(database, connection, perConnection);
  };
  return {
    async open({ connection, returnTo, testOf = null, crossSite = false }) {
      if (returnTo.length > MAX_RETURN_TO_LENGTH)
        throw new RangeError(`returnTo exceeds ${MAX_RETURN_TO_LENGTH} characters.`);
      const token = newToken();
      const begun = { connection, returnTo, testOf, crossSite };
      const transaction = { id: randomName(), requestId: `_${randomName()}`, ...begun };
      const expiresAt = new Date(clock.now().getTime() + TRANSACTION_LIFETIME_MS);
      await insert(database, transaction, token, expiresAt);
      await trimNowAndThen(connection);
      return { ...transaction, token };
    },
    async find({ id, token, connection }) {
      const { rows } = await database.query<Row>({
        name: 'identity-find-transaction',
        text: `select ${COLUMNS} from identity.sign_in_transactions where ${IS_THIS_ONE}`,
        values: [id, tokenHash(token) ?? '', connection, clock.now()],
      });
      return rows[0] ?? null;
    },
    async take({ id, token, connection }) {
      const { rows } = await database.query<Row>({
        name: 'identity-take-transaction',
        text: `delete from identity.sign_in_transactions where ${IS_THIS_ONE} returning ${COLUMNS}`,
        values: [id, tokenHash(token) ?? '', connection, clock.now()],
      });
      return rows[0] ?? null;
    },
    async close(id) {
      await database.query({
        name: 'identity-close-transaction',
        text: 'delete from identity.sign_in_transactions where id = $1',
        values: [id],
      });
    },
    async sweep() {
      const { rowCount } = await database.query(
        `delete from identity.sign_in_transactions
          where id in (select id from identity.sign_in_transactions where expires_at <= $1 limit $2)`,
        [clock.now(), SWEEP_ROWS],
      );
      return rowCount ?? 0;
    },
  };
}

type Row = { [column in keyof SignInTransaction]: SignInTransaction[column] };
const COLUMNS = `id, connection, request_id as "requestId", return_to as "returnTo", test_of as "testOf",
  cross_site as "crossSite"`;
const IS_THIS_ONE = 'id = $1 and token_hash = $2 and connection = $3 and expires_at > $4';

/** 128 random bits, as SAML 2.0 Core, section 1.3.4, asks of identifiers. */
const randomName = () => randomBytes(16).toString('base64url');

async function insert(
  database: Database,
  transaction: SignInTransaction,
  token: string,
  expiresAt: Date,
): Promise<void> {
  const { id, connection, requestId, returnTo, testOf, crossSite } = transaction;
  await database.query({
    name: 'identity-open-transaction',
    text: `insert into identity.sign_in_transactions (id, token_hash, connection, request_id, return_to, test_of, cross_site, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [id, tokenHash(token), connection, requestId, returnTo, testOf, crossSite, expiresAt],
  });
}

async function dropOldest(database: Database, connection: string, keep: number): Promise<void> {
  await database.query(
    `delete from identity.sign_in_transactions where connection = $1 and opened <= (
       select opened from identity.sign_in_transactions where connection = $1 order by opened desc offset $2 limit 1)`,
    [connection, keep],
  );
}
