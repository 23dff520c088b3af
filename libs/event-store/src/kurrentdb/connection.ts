import type { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { DomainError } from '#libs/kernel';
import { Admission, type Admitted } from './admission.js';
import { failureOf, NoAnswerError } from './failure.js';
import { EventStoreRefusedError } from './kurrentdb.errors.js';
import type { KurrentDbUrl } from './kurrentdb-url.js';
import { unlessSilent } from './patience.js';

/** Longest time in milliseconds that closing may take. */
const CLOSE_MS = 2_000;

/** Shortest life in milliseconds of a client that cannot reach the server. A new one costs some 7 ms of CPU. */
const RENEW_AFTER_MS = 250;

/** One question to the server, asked under a limit of time. */
export interface Call {
  /**
   * Asks. Several questions may follow each other in one call.
   * @param work calls `alive` whenever a part of the answer has arrived
   * @throws {NoAnswerError} after the time-out without a sign of life
   * @throws {EventStoreRefusedError} when the server does not let us in or the stream was deleted there
   * @throws what the client throws for everything else
   */
  ask<T>(work: (client: KurrentDBClient, alive: () => void) => Promise<T>): Promise<T>;
  /** Goes with every read. */
  readonly reading: Reading;
}

/**
 * How we read: from the leader only, because another node may not have what was just acknowledged, and with user and password given apart,
 * because the part of the client that reads takes them from the URL as they are written there (`p%40ss` for `p@ss`). An append must not have
 * them given apart: the client would then use the slower of its two ways to append.
 */
export interface Reading {
  readonly requiresLeader: true;
  readonly resolveLinkTos: false;
  readonly credentials?: { username: string; password: string };
}

/** What a connection needs. */
export interface ConnectionOptions {
  readonly url: KurrentDbUrl;
  /** Longest silence in the middle of a call, in milliseconds. */
  readonly callMs: number;
  /** Told when the server has fallen silent, and of every refusal. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * The connection to the server. The client is loaded when it is first needed, because it is large and most installations do without it.
 * Where it may have remembered something wrong (a failed negotiation, a connection that leads nowhere) it is thrown away and made anew.
 */
export class Connection {
  #client: Promise<KurrentDBClient> | undefined;
  /** The client that found nobody when it last looked: it may have given up for good. */
  #lost: Promise<KurrentDBClient> | undefined;
  #closed = false;
  #madeAt = 0;
  readonly #admission = new Admission();
  readonly #options: ConnectionOptions;
  readonly #reading: Reading;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { credentials } = options.url;
    this.#reading = { requiresLeader: true, resolveLinkTos: false, ...(credentials ? { credentials } : {}) };
  }

  /**
   * Makes a call, if not too many are under way.
   * @param bytes of JSON that it sends
   * @throws {EventStoreBusyError} when too much waits already; nothing was sent
   */
  async call<T>(work: (call: Call) => Promise<T>, bytes = 0): Promise<T> {
    const admitted = this.#admission.enter(bytes);
    try {
      return await work({ ask: (question) => this.#ask(admitted, question), reading: this.#reading });
    } finally {
      admitted.leave();
    }
  }

  /** The client as it is now; for subscriptions, which live longer than a call. */
  client(): Promise<KurrentDBClient> {
    if (this.#closed) return Promise.reject(new Error('The connection to the event store has been closed.'));
    const spent = this.#client && this.#lost === this.#client && performance.now() - this.#madeAt > RENEW_AFTER_MS;
    if (spent) this.renew(this.#lost as Promise<KurrentDBClient>);
    this.#client ??= this.#make();
    return this.#client;
  }

  /** Throws this client away, if it is still the one in use. What it had under way fails. */
  renew(client: Promise<KurrentDBClient>): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    void client.then(endOf).catch(() => {});
  }

  /** Ends everything that is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    if (client) await unlessSilent(CLOSE_MS, () => client.then(endOf)).catch(() => {});
  }

  async #make(): Promise<KurrentDBClient> {
    this.#madeAt = performance.now();
    const { KurrentDBClient: Client } = await import('@kurrent/kurrentdb-client');
    return Client.connectionString(this.#options.url.connectionString);
  }

  async #ask<T>(admitted: Admitted, question: (client: KurrentDBClient, alive: () => void) => Promise<T>): Promise<T> {
    const client = this.client();
    try {
      const answer = await unlessSilent(this.#options.callMs, async (alive) => question(await client, alive));
      admitted.answered();
      return answer;
    } catch (error) {
      throw this.#told(error, admitted, client);
    }
  }

  #told(error: unknown, admitted: Admitted, client: Promise<KurrentDBClient>): unknown {
    if (error instanceof NoAnswerError) {
      if (admitted.unanswered()) {
        this.renew(client);
        this.#options.onTrouble(error);
      }
      return error;
    }
    const failure = failureOf(error);
    if (failure === 'unreachable') this.#lost = client;
    if (failure === 'unavailable' || failure === 'unreachable') return error;
    admitted.answered();
    if (error instanceof DomainError) return error; // what came was not understood; the connection is sound
    if (failure === 'unclear' || failure === 'denied') this.renew(client);
    const refused = refusal(failure, this.#options.url, error);
    if (refused) this.#options.onTrouble(refused);
    return refused ?? error;
  }
}

function refusal(failure: string, { hosts, user }: KurrentDbUrl, cause: unknown): EventStoreRefusedError | undefined {
  const server = `${hosts.join(',')}, user: ${user ?? 'none'}`;
  if (failure === 'denied')
    return new EventStoreRefusedError(
      `the server does not let us in (${server}). Correct user and password in its URL, or give the user the right to read and append.`,
      cause,
    );
  if (failure === 'deleted')
    return new EventStoreRefusedError(
      `a stream was deleted on the server (${server}). Restore it from the backup.`,
      cause,
    );
  return undefined;
}

/** Ends the calls of a client and closes its connection, which `dispose` alone leaves open. */
async function endOf(client: KurrentDBClient): Promise<void> {
  await client.dispose();
  const { getChannel } = client as unknown as { getChannel?: () => Promise<{ close(): void }> };
  (await getChannel?.())?.close();
}
