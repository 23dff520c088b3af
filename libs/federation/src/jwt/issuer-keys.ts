import { boundedFetch, getJson } from './bounded-fetch.js';
import { type KeySet, keySetOf } from './key-set.js';
import { RemoteCache } from './remote-cache.js';

/** How long published keys are used before they are read again: the time that a withdrawn key lives on at most. */
export const KEYS_TTL_MS = 5 * 60_000;
/** Least time between two readings that tokens with unknown keys bring about, per connection. */
export const KEYS_FORCED_EVERY_MS = 60_000;
const ISSUERS_MAX = 2_000;

/** Where the keys for one verification come from. */
export interface KeySource {
  current(): Promise<KeySet>;
  /** Newer keys than these, if there are any to be had now. */
  fresher(stale: KeySet): Promise<KeySet | undefined>;
}

/** Keys that were handed over, as from a file: there are no newer ones. */
export function givenKeys(keys: KeySet): KeySource {
  return { current: async () => keys, fresher: async () => undefined };
}

/** Published keys of all issuers, one instance per process. A new key works at once, a hostile token costs the issuer nothing. */
export class IssuerKeys {
  readonly #fetch: typeof fetch;
  readonly #cache = new RemoteCache<KeySet>({
    ttlMs: KEYS_TTL_MS,
    forcedEveryMs: KEYS_FORCED_EVERY_MS,
    entriesMax: ISSUERS_MAX,
  });

  /** @param inner what makes the requests, and decides where they may go */
  constructor(inner: typeof fetch) {
    this.#fetch = boundedFetch(inner);
  }

  /**
   * The keys at an address as one connection sees them; connections share nothing.
   * @throws {ProviderUnreachableError} {ProviderMetadataError} when its methods cannot read them
   */
  of(connection: string, jwksUri: string, now: Date): KeySource {
    const key = JSON.stringify([connection, jwksUri]);
    const load = async () =>
      keySetOf(await getJson(this.#fetch, jwksUri, 'application/json, application/jwk-set+json'));
    return {
      current: () => this.#cache.get(key, now, load),
      fresher: (stale) => this.#cache.fresher(key, stale, now, load),
    };
  }
}
