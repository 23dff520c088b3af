import type { Database } from '#libs/database';
import type { EventCodec, EventStore } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import { type StoreFollower, storeFollower } from '../store-follower.js';
import { CLAIM_LIFETIME_MS } from './identity-keys.js';
import { deleteStaleClaims } from './identity-keys.queries.js';
import { KEYLESS_TYPES, type KeyFact, keyFacts } from './key-facts.js';

/** What the follower of identity keys needs. */
export interface IdentityKeysFollowerDependencies {
  readonly database: Database;
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

/** Folds account events into identity keys. */
export interface IdentityKeysFollower extends StoreFollower {
  /**
   * Frees claims that nobody completed within `CLAIM_LIFETIME_MS`, after reading on to the head: a claim whose event is in the store is
   * never taken for an abandoned one, however far behind the follower was. Call it every few minutes.
   * @returns how many were freed
   */
  sweep(): Promise<number>;
}

/** Confirms, adds and frees identity keys as the log says. From empty tables it makes the same confirmed rows again. */
export function identityKeysFollower(dependencies: IdentityKeysFollowerDependencies): IdentityKeysFollower {
  const { database, store, codec, keyring, clock, onFailure } = dependencies;
  const follower = storeFollower<readonly KeyFact[]>({
    database,
    store,
    onFailure,
    name: 'identity-keys',
    categories: ['account'],
    async prepare(events) {
      const decoded = await codec.decode(events.filter(({ type }) => !KEYLESS_TYPES.has(type)));
      return decoded.flatMap((event) => keyFacts(keyring, event));
    },
    async apply(client, facts) {
      if (facts.length === 0) return;
      const text = 'select identity.apply_key_facts($1)';
      await client.query({ name: 'identity-apply-facts', text, values: [inOrder(facts)] });
    },
  });
  return {
    ...follower,
    async sweep() {
      const claimedBefore = new Date(clock.now().getTime() - CLAIM_LIFETIME_MS);
      await follower.catchUp();
      return deleteStaleClaims(database, claimedBefore);
    },
  };
}

/** A set has no order in SQL, so each fact says its place. */
const inOrder = (facts: readonly KeyFact[]) => JSON.stringify(facts.map((fact, n) => ({ n, ...fact })));
