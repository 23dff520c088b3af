import { setTimeout as delay } from 'node:timers/promises';
import { LeaseLostError } from './database.errors.js';
import type { DatabaseLog } from './database.js';
import { LEASE_TTL_MS, type Lease, type Leases } from './leases.js';
import { reasonOf } from './reason-of.js';

/** A held lease is renewed this often, milliseconds: three tries before it runs out. */
export const LEASE_RENEW_MS = 2_000;
/** Somebody who waits for a role asks this often, milliseconds. */
const LEASE_POLL_MS = 500;

/** How to hold a role. */
export interface HoldLeaseOptions {
  readonly leases: Leases;
  readonly role: string;
  /**
   * What the holder does. `signal` is aborted when the lease is lost or the whole is to end; then it should return soon. Whatever it writes
   * it guards with `lease.guard`, since it learns of a loss later than the new holder.
   */
  readonly work: (lease: Lease, signal: AbortSignal) => Promise<void>;
  /** Ends the whole. */
  readonly signal: AbortSignal;
  readonly log: DatabaseLog;
  /** For tests; `LEASE_RENEW_MS` otherwise. */
  readonly renewMs?: number;
}

/**
 * Waits for the role, works while it is held, and waits again after a loss. Resolves when the signal is aborted or the work returns by
 * itself while it holds the role; the role is free then.
 * @throws whatever `work` throws while it holds the role; the role is free then
 */
export async function holdLease(options: HoldLeaseOptions): Promise<void> {
  while (!options.signal.aborted) {
    const lease = await tryAcquire(options);
    if (lease && (await workWhileHeld(lease, options)) === 'done') return;
    if (!lease) await pause(LEASE_POLL_MS, options.signal);
  }
}

async function tryAcquire({ leases, role, log }: HoldLeaseOptions): Promise<Lease | null> {
  try {
    return await leases.acquire(role);
  } catch (error) {
    log.warn(`The lease of role ${role} could not be asked for: ${reasonOf(error)}`);
    return null;
  }
}

async function workWhileHeld(lease: Lease, options: HoldLeaseOptions): Promise<'done' | 'lost'> {
  const lost = new AbortController();
  const ended = new AbortController();
  const renewal = keepRenewing(lease, options, lost, ended.signal);
  try {
    await options.work(lease, AbortSignal.any([options.signal, lost.signal]));
    return lost.signal.aborted ? 'lost' : 'done';
  } catch (error) {
    if (lost.signal.aborted || error instanceof LeaseLostError) return 'lost';
    if (options.signal.aborted) return 'done';
    throw error;
  } finally {
    ended.abort();
    await renewal;
    await lease
      .release()
      .catch((error: unknown) =>
        options.log.warn(`The lease of role ${lease.role} runs out by itself: ${reasonOf(error)}`),
      );
  }
}

/** A renewal that cannot be made counts as a loss when the lease has certainly run out, by this process's own steady clock. */
async function keepRenewing(
  lease: Lease,
  options: HoldLeaseOptions,
  lost: AbortController,
  ended: AbortSignal,
): Promise<void> {
  let renewedAt = performance.now();
  while (!ended.aborted && !lost.signal.aborted) {
    await pause(options.renewMs ?? LEASE_RENEW_MS, ended);
    if (ended.aborted) return;
    const asked = performance.now();
    const held = await lease.renew().catch(() => 'unknown' as const);
    if (held === true) renewedAt = asked;
    if (held === false || performance.now() - renewedAt > LEASE_TTL_MS) {
      options.log.warn(`The lease was lost (role: ${lease.role}, epoch: ${lease.epoch}).`);
      lost.abort();
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => {});
}
