import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';
import type { Keyring } from './keyring.js';
import { KEY_BYTES } from './sealed-box.js';
import {
  createMissingKeys,
  destroyKey,
  destroyKeyRange,
  readKeys,
  type SubjectRef,
  type WrappedKey,
} from './subject-keys.queries.js';
import { SubjectErasedError } from './vault.errors.js';

/** Longest life of a key in memory, milliseconds: within it, another process may still read someone who was erased. */
export const KEY_CACHE_TTL_MS = 60_000;
/** Keys in memory at most. */
export const KEY_CACHE_SIZE = 20_000;
/** Subjects in one statement at most; longer lists take several. */
export const SUBJECTS_PER_STATEMENT = 5_000;

/** Data keys of some subjects; a subject without one was erased, or never had one. */
export interface SubjectKeyring {
  get(ref: SubjectRef): Buffer | undefined;
}

/** One data key per subject: destroying it makes everything that was ever encrypted under it unreadable, in every copy and backup. */
export interface SubjectKeys {
  /**
   * Keys to encrypt with, made where there are none and committed before this resolves. One statement, two when another process
   * makes the same key at the same time.
   * @throws {SubjectErasedError} when one of the subjects was erased
   */
  forWriting(refs: readonly SubjectRef[]): Promise<SubjectKeyring>;
  /** Keys to decrypt with; a missing one is gone for good. One statement, none when all are in memory. */
  forReading(refs: readonly SubjectRef[]): Promise<SubjectKeyring>;
  /** Destroys a subject's key for ever, whether or not it had one. Idempotent. */
  erase(ref: SubjectRef): Promise<void>;
  /**
   * Destroys a tenant's keys of the days before a date (`YYYY-MM-DD`): the retention of refused strangers.
   * @returns how many were destroyed
   */
  destroyDayKeysBefore(tenant: string, date: string): Promise<number>;
}

const DAY_PREFIX = 'day:';

/** Subject of strangers who were refused on the day of `instant` (ISO-8601 UTC). */
export const daySubject = (instant: string): string => `${DAY_PREFIX}${instant.slice(0, 10)}`;

/** What subject keys need. */
export interface SubjectKeysDependencies {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** Keeps subject keys in PostgreSQL, wrapped under the keyring and bound to tenant and subject, with open ones in a short-lived cache. */
export function subjectKeys({ database, keyring, clock }: SubjectKeysDependencies): SubjectKeys {
  const cache = new LRUCache<string, Buffer>({
    max: KEY_CACHE_SIZE,
    ttl: KEY_CACHE_TTL_MS,
    ttlResolution: 0,
    perf: { now: () => clock.now().getTime() },
  });
  const wrapNew = (ref: SubjectRef) => ({ ...ref, wrapped: keyring.wrap(randomBytes(KEY_BYTES), contextOf(ref)) });
  const open = ({ wrapped, ...ref }: WrappedKey) => {
    if (wrapped === null) return undefined;
    const key = keyring.unwrap(wrapped, contextOf(ref));
    cache.set(idOf(ref), key);
    return key;
  };
  const collect = (refs: readonly SubjectRef[], load: Load) => collectKeys(cache, refs, load, open);

  return {
    forWriting: (refs) =>
      collect(refs, async (part) => refuseErased(await createMissingKeys(database, part.map(wrapNew), clock.now()))),
    forReading: (refs) => collect(refs, (part) => readKeys(database, part)),
    async erase(ref) {
      await destroyKey(database, ref, clock.now());
      cache.delete(idOf(ref));
    },
    async destroyDayKeysBefore(tenant, date) {
      if (!DATE.test(date)) throw new TypeError(`Not a date (YYYY-MM-DD): ${date}`);
      const range = { tenant, from: DAY_PREFIX, to: `${DAY_PREFIX}${date}`, at: clock.now() };
      const destroyed = await destroyKeyRange(database, range);
      for (const ref of destroyed) cache.delete(idOf(ref));
      return destroyed.length;
    },
  };
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** Tenants and subjects hold no control characters, so this joins them unambiguously. */
const idOf = ({ tenant, subject }: SubjectRef) => `${tenant}\n${subject}`;
const contextOf = ({ tenant, subject }: SubjectRef) => `subject/${tenant}/${subject}`;

type Load = (part: readonly SubjectRef[]) => Promise<readonly WrappedKey[]>;

async function collectKeys(
  cache: LRUCache<string, Buffer>,
  refs: readonly SubjectRef[],
  load: Load,
  open: (key: WrappedKey) => Buffer | undefined,
): Promise<SubjectKeyring> {
  const found = new Map<string, Buffer>();
  const missing = new Map<string, SubjectRef>();
  for (const ref of refs) {
    const cached = cache.get(idOf(ref));
    if (cached) found.set(idOf(ref), cached);
    else missing.set(idOf(ref), ref);
  }
  for (const part of inParts(missing)) {
    for (const row of await load(part)) {
      const key = open(row);
      if (key) found.set(idOf(row), key);
    }
  }
  return { get: (ref) => found.get(idOf(ref)) };
}

/** Sorted, so that two processes that make the same keys lock them in the same order and never wait for each other in a circle. */
function inParts(missing: ReadonlyMap<string, SubjectRef>): SubjectRef[][] {
  const sorted = [...missing.keys()].sort().map((id) => missing.get(id) as SubjectRef);
  const count = Math.ceil(sorted.length / SUBJECTS_PER_STATEMENT);
  return Array.from({ length: count }, (_, n) =>
    sorted.slice(n * SUBJECTS_PER_STATEMENT, (n + 1) * SUBJECTS_PER_STATEMENT),
  );
}

function refuseErased(keys: readonly WrappedKey[]): readonly WrappedKey[] {
  const erased = keys.find(({ wrapped }) => wrapped === null);
  if (erased) throw new SubjectErasedError(erased.subject);
  return keys;
}
