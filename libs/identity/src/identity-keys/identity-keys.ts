import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import {
  attributeHmac,
  type IdentityKey,
  identifies,
  type KeyKind,
  type LinkedSubject,
  linkKey,
} from './identity-key.js';
import {
  IdentityKeysBehindError,
  IdentityKeysContendedError,
  IdentityKeyTakenError,
  IdentityValueError,
} from './identity-keys.errors.js';
import { type Claimant, type HeldRow, insertClaims, readHolders, renewClaims } from './identity-keys.queries.js';
import { type AttributeKind, decideResolution, type Found } from './resolution.js';

/** A claim is swept when nothing was recorded under it for this long, milliseconds. */
export const CLAIM_LIFETIME_MS = 3_600_000;
/** A claim older than this is renewed before it is relied on, so that the sweep never meets one that is in use. */
const RENEW_AFTER_MS = 60_000;
/** Every lost race means that somebody else made progress; so many in a row mean that something is wrong. */
const MAX_ATTEMPTS = 10;

/** Attributes by which a person is known in a directory; absent ones are not looked at. */
export interface IdentifyingAttributes {
  readonly userName?: string | undefined;
  readonly externalId?: string | undefined;
  readonly verifiedEmail?: string | undefined;
}

/** A sign-in that asks whose account it is. */
export interface ResolveRequest extends IdentifyingAttributes, LinkedSubject {
  readonly tenant: string;
  /** Where a new account would be made, and whose accounts a linking rule looks at. Who is linked already is known wherever they live. */
  readonly directory: string;
  /** The connection's linking rule. */
  readonly linking: 'none' | AttributeKind;
  /** The connection's update mode; `everySignIn` if absent. */
  readonly update?: 'never' | 'fillEmpty' | 'everySignIn';
  /** Whether the connection creates accounts. */
  readonly mayCreate: boolean;
  /** An address that the source did not verify: it is never claimed and never links, but nobody else may have it verified. */
  readonly unverifiedEmail?: string | undefined;
  /** Id of the account, should there be none yet. */
  readonly proposedAccountId: string;
  readonly commandId: string;
}

/** Whose account it is and in which directory it lives; `none` when no account is known and the connection makes none. */
export type Resolved =
  | { readonly how: Found; readonly accountId: string; readonly directory: string }
  | { readonly how: 'none' };

/** Keys that an administrator gives to an account. */
export interface ClaimRequest extends IdentifyingAttributes {
  readonly tenant: string;
  readonly directory: string;
  readonly accountId: string;
  readonly commandId: string;
  readonly links?: readonly LinkedSubject[];
}

/**
 * The arbiter of "is this the same person". Keys are claimed before anything is recorded; the follower of the store confirms a claim, and
 * frees a key, when it reads the fact. So any number of concurrent first sign-ins of one person get one account id, on every store, and a
 * request that died after its claim is completed by the next sign-in of the same subject.
 */
export interface IdentityKeys {
  /**
   * Finds the account of a subject, or claims its keys for a new one unless the connection makes none.
   * One statement when nothing has to be claimed.
   * Pass only attributes that the sign-in may really change, and a linking rule only where the connection may link.
   * @throws {UsernameTakenError} when a linked person's new user name is another account's
   * @throws {AccountExistsUnlinkedError} when a new subject bears a key of an account that it may not be linked to
   * @throws {IdentityKeysBehindError} when it cannot be told yet who has an account
   * @throws {IdentityValueError} when subject or attribute cannot identify anybody
   */
  resolve(request: ResolveRequest): Promise<Resolved>;
  /**
   * What `resolve` would answer now. Claims nothing: for looks ahead, never for sign-ins.
   * @throws what `resolve` throws
   */
  lookUp(request: ResolveRequest): Promise<Resolved>;
  /**
   * Claims keys for an account, new or old, before the command that gives them to it. Repeating it changes nothing. The account's old keys
   * are freed when the recorded change is read, never before.
   * @throws {IdentityKeyTakenError} when another account holds one of them
   * @throws {IdentityKeysBehindError} as above
   */
  claimFor(request: ClaimRequest): Promise<void>;
}

/** What identity keys need. */
export interface IdentityKeysDependencies {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** Whether the follower has reached the head of the store as seen at start. */
  readonly caughtUp: () => boolean;
}

/** Keeps identity keys in PostgreSQL, whose primary key on them is what makes the promise. */
export function identityKeys(dependencies: IdentityKeysDependencies): IdentityKeys {
  return {
    resolve: (request) => untilWon(() => resolveOnce(dependencies, request)),
    async lookUp(request) {
      const { resolution, directory } = await lookedUp(dependencies, request);
      return resolution ? { how: resolution.how, accountId: resolution.accountId, directory } : { how: 'none' };
    },
    claimFor: (request) => untilWon(() => claimOnce(dependencies, request)).then(() => undefined),
  };
}

async function untilWon<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let n = 0; n < MAX_ATTEMPTS; n++) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new IdentityKeysContendedError();
}

/** @returns undefined when another request won the race for a key */
async function resolveOnce(
  dependencies: IdentityKeysDependencies,
  request: ResolveRequest,
): Promise<Resolved | undefined> {
  const { database, clock } = dependencies;
  const { tenant, commandId } = request;
  const { resolution, held, directory } = await lookedUp(dependencies, request);
  if (!resolution) return { how: 'none' };
  const { accountId, how, claim } = resolution;
  const won = await hold(database, { tenant, accountId, commandId, at: clock.now() }, claim, held);
  return won ? { how, accountId, directory } : undefined;
}

/** What is known of a person now, and which keys would have to be claimed. */
async function lookedUp(
  dependencies: IdentityKeysDependencies,
  request: ResolveRequest,
): Promise<{
  readonly resolution: ReturnType<typeof decideResolution>;
  readonly held: readonly HeldRow[];
  readonly directory: string;
}> {
  const { database, keyring, caughtUp } = dependencies;
  const { tenant, directory } = request;
  const link = linkOf(keyring, tenant, request);
  const attributes = attributesOf(keyring, request);
  const held = await readHolders(database, tenant, [link, ...attributes.values(), ...bystanders(keyring, request)]);
  const home = held.find(({ kind }) => kind === 'link')?.home ?? directory;
  // names and addresses are compared within the directory of whoever signs in; an account never moves, so once is enough
  if (home !== directory) return lookedUp(dependencies, { ...request, directory: home });
  if (!caughtUp()) requireSettled(held, 1 + attributes.size);
  return {
    resolution: decideResolution({ update: 'everySignIn', ...request, link, attributes }, held),
    held,
    directory,
  };
}

async function claimOnce(dependencies: IdentityKeysDependencies, request: ClaimRequest): Promise<true | undefined> {
  const { database, keyring, clock, caughtUp } = dependencies;
  const { tenant, accountId, commandId, links = [] } = request;
  if (!caughtUp()) throw new IdentityKeysBehindError();
  const wanted = [...links.map((link) => linkOf(keyring, tenant, link)), ...attributesOf(keyring, request).values()];
  const keys = [...new Map(wanted.map((key) => [idOf(key), key])).values()];
  const held = await readHolders(database, tenant, keys);
  const taken = held.find((key) => key.accountId !== accountId);
  if (taken) throw new IdentityKeyTakenError(taken.kind, taken.accountId);
  const own = new Set(held.map(idOf));
  const free = keys.filter((key) => !own.has(idOf(key)));
  return (await hold(database, { tenant, accountId, commandId, at: clock.now() }, free, held)) || undefined;
}

/** Renews the account's own pending claims, then claims what is free. In this order a claim in use is never swept in between. */
async function hold(
  database: Database,
  claimant: Claimant,
  claim: readonly IdentityKey[],
  held: readonly HeldRow[],
): Promise<boolean> {
  const due = claimant.at.getTime() - RENEW_AFTER_MS;
  const pending = held.filter(
    (key) => key.accountId === claimant.accountId && !key.confirmed && key.claimedAt.getTime() < due,
  );
  if (pending.length > 0 && !(await renewClaims(database, pending, claimant))) return false;
  return claim.length === 0 || insertClaims(database, claim, claimant);
}

/** Before the whole log is read, only somebody whose keys are all confirmed for one account is known for certain. */
function requireSettled(held: readonly HeldRow[], asked: number): void {
  const accounts = new Set(held.map(({ accountId }) => accountId));
  const settled = held.length === asked && accounts.size === 1 && held.every(({ confirmed }) => confirmed);
  if (!settled) throw new IdentityKeysBehindError();
}

function linkOf(keyring: Keyring, tenant: string, link: LinkedSubject): IdentityKey {
  requireIdentifying('link', link.subject);
  return linkKey(keyring, tenant, link);
}

type Attributed = IdentifyingAttributes & { readonly tenant: string; readonly directory: string };

function attributesOf(keyring: Keyring, request: Attributed): Map<AttributeKind, IdentityKey> {
  const keys = new Map<AttributeKind, IdentityKey>();
  for (const kind of ['userName', 'externalId', 'verifiedEmail'] as const) {
    const value = request[kind];
    if (value !== undefined) keys.set(kind, attributeKey(keyring, request, kind, value));
  }
  return keys;
}

/** Keys that are looked at and never claimed. */
function bystanders(keyring: Keyring, request: ResolveRequest): IdentityKey[] {
  const { unverifiedEmail, verifiedEmail } = request;
  if (unverifiedEmail === undefined || verifiedEmail !== undefined) return [];
  return [attributeKey(keyring, request, 'verifiedEmail', unverifiedEmail)];
}

function attributeKey(
  keyring: Keyring,
  { tenant, directory }: Attributed,
  kind: AttributeKind,
  value: string,
): IdentityKey {
  requireIdentifying(kind, value);
  return { directory, kind, hmac: attributeHmac(keyring, tenant, kind, value) };
}

function requireIdentifying(kind: KeyKind, value: string): void {
  if (!identifies(value)) throw new IdentityValueError(kind);
}

const idOf = ({ directory, kind, hmac }: IdentityKey) => `${kind} ${hmac} ${directory}`;
