import { setTimeout as delay } from 'node:timers/promises';
import { decodePositionToken } from '#libs/event-store';
import { DomainError } from '#libs/kernel';

/** How long a query waits for the read model, in milliseconds. */
export const POSITION_TIMEOUT_MS = 5_000;

/** Pauses between looks, in milliseconds: short at first, since a projection is usually there at once. */
const PAUSE_MIN_MS = 5;
const PAUSE_MAX_MS = 100;

/** The read model has not yet seen what the caller has written. */
export class ReadModelBehindError extends DomainError {
  readonly code = 'read-model-behind';
  readonly kind = 'unavailable';
  readonly headers = { 'Retry-After': '1' };
  constructor() {
    super('The read model has not reached this position yet. Nothing is lost; try again in a second.');
  }
}

/** What to wait for. */
export interface PositionWait {
  /** Looks up how far the projection has come, as a position of the event store. */
  readonly read: () => Promise<number>;
  /** `minPosition` of the query; without one there is nothing to wait for. */
  readonly token: string | undefined;
  /** Default `POSITION_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
}

/**
 * Resolves once the projection has reached the token's position.
 * @throws {InvalidPositionTokenError} when the token is none of ours
 * @throws {ReadModelBehindError} when it has not come that far in time
 */
export async function waitForPosition({ read, token, timeoutMs = POSITION_TIMEOUT_MS }: PositionWait): Promise<void> {
  if (token === undefined) return;
  const target = decodePositionToken(token);
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = PAUSE_MIN_MS; (await read()) < target; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    if (performance.now() + pauseMs > deadline) throw new ReadModelBehindError();
    await delay(pauseMs);
  }
}
