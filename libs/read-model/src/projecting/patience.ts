import { setTimeout as delay } from 'node:timers/promises';
import { SealedLogBrokenError } from '#libs/bus';
import { LeaseLostError } from '#libs/database';
import { SetBackError } from './apply-stretch.js';
import { ProjectionHeldError } from './standing.js';
import { StoppedError } from './understanding.js';

/** Pause after trouble, milliseconds; doubles each time. */
const RETRY_MS = { shortest: 100, longest: 5_000 };

/** Pause while somebody holds a projection, milliseconds. */
const HELD_MS = 50;

/** How to wait trouble out. */
export interface Patience {
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Told of every failure that is waited out. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
}

/** Tries until it works. @throws what waiting cannot mend, and the last trouble once the signal is aborted */
export async function patiently<T>(work: () => Promise<T>, { signal, onTrouble }: Patience): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || isFinal(error)) throw error;
      const held = error instanceof ProjectionHeldError;
      if (!held) onTrouble?.(error);
      await pause(held ? HELD_MS : retryMs(failures++), signal);
      if (signal.aborted) throw error;
    }
  }
}

/** How long to wait after so many failures in a row, milliseconds. */
export const retryMs = (failures: number): number =>
  Math.min(RETRY_MS.longest, RETRY_MS.shortest * 2 ** Math.min(failures, 16));

/** Waits, or until the signal is aborted. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  delay(milliseconds, undefined, { signal }).catch(() => undefined);

const FINAL = [LeaseLostError, SealedLogBrokenError, SetBackError, StoppedError] as const;

/** Somebody has to act, or to begin anew: trying the same again is no use. */
const isFinal = (error: unknown): boolean => FINAL.some((kind) => error instanceof kind);
