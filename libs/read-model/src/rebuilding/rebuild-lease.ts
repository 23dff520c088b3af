import { setTimeout as delay } from 'node:timers/promises';
import { LEASE_RENEW_MS, type Lease, LeaseLostError, type Leases } from '#libs/database';
import type { Projection } from '../projecting/projection.js';
import { RebuildInterruptedError, RebuildUnderWayError } from './rebuilding.errors.js';

/**
 * Works while nobody else rebuilds or verifies the projection; the signal is aborted when that right is lost or `signal` is.
 * @throws {RebuildUnderWayError} at once when somebody does
 * @throws {RebuildInterruptedError} when the signal was aborted
 */
export async function withRebuildLease<T>(
  leases: Leases,
  { name }: Projection,
  signal: AbortSignal | undefined,
  work: (lease: Lease, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = await leases.acquire(`rebuild:${name}`);
  if (lease === null) throw new RebuildUnderWayError(name);
  const [lost, ended] = [new AbortController(), new AbortController()];
  const any = signal ? AbortSignal.any([signal, lost.signal]) : lost.signal;
  const renewal = keepRenewing(lease, lost, ended.signal);
  try {
    any.throwIfAborted();
    return await work(lease, any);
  } catch (error) {
    if (any.aborted || error instanceof LeaseLostError) throw new RebuildInterruptedError(name);
    throw error;
  } finally {
    ended.abort();
    await renewal;
    await lease.release().catch(() => undefined); // it runs out by itself
  }
}

/** A renewal that fails is tried again; the guard in every transaction tells whether the right was lost meanwhile. */
async function keepRenewing(lease: Lease, lost: AbortController, ended: AbortSignal): Promise<void> {
  for (;;) {
    await delay(LEASE_RENEW_MS, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
    if ((await lease.renew().catch(() => true)) === false) return lost.abort();
  }
}
