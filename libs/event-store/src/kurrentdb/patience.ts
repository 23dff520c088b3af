import { DomainError } from '#libs/kernel';
import { AppendUnavailableError } from '../event-store.errors.js';
import { NoAnswerError } from './failure.js';

/**
 * Waits before each of three attempts, in milliseconds: time for the client to find the leader, and for a new client to take the place of one
 * that has given up.
 */
const PAUSES_MS = [0, 50, 300];

/**
 * Tries again what did not come to an answer, and gives up after the third time.
 * @throws {AppendUnavailableError} when there is no answer in the end
 * @throws what is an answer: errors of ours, and mistakes in a call
 */
export async function upToThreeTimes<T>(work: () => Promise<T>, closing: AbortSignal): Promise<T> {
  let trouble: unknown;
  for (const pauseMs of PAUSES_MS) {
    await pause(pauseMs, closing);
    if (closing.aborted) break;
    try {
      return await work();
    } catch (error) {
      if (error instanceof DomainError || error instanceof RangeError) throw error;
      trouble = error;
    }
  }
  throw new AppendUnavailableError(trouble ?? new Error('The event store has been closed.'));
}

/**
 * Waits for work, but no longer than `ms` without a sign of life. Work that is given up goes on by itself; what becomes of it is ignored.
 * @param work calls `alive` whenever something has arrived
 * @throws {NoAnswerError} when nothing came for that long
 */
export async function unlessSilent<T>(ms: number, work: (alive: () => void) => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswerError(ms)), ms);
  });
  try {
    return await Promise.race([work(() => timer?.refresh()), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after so many milliseconds or when the signal is aborted. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
