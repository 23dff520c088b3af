import { DomainError } from '#libs/kernel';
import { BEFORE_FIRST } from './event-store.port.js';

const PREFIX = 'p1:';

/** Longest token that is looked at, in characters; ours are at most 26. */
const MAX_TOKEN_LENGTH = 64;

/** The given position token was not made by this product. */
export class InvalidPositionTokenError extends DomainError {
  readonly code = 'invalid-position-token';
  readonly kind = 'invalid';
  constructor() {
    super('This is not a position token. Pass the positionToken of an earlier answer, unchanged.');
  }
}

/** Makes the opaque token that a command answers; its only use is `minPosition` on a query. */
export function encodePositionToken(storePosition: number): string {
  return Buffer.from(`${PREFIX}${storePosition}`).toString('base64url');
}

/**
 * Reads a token back into a store position.
 * @throws {InvalidPositionTokenError} when the text is anything but a token as `encodePositionToken` makes it
 */
export function decodePositionToken(token: string): number {
  if (token.length > MAX_TOKEN_LENGTH) throw new InvalidPositionTokenError();
  const text = Buffer.from(token, 'base64url').toString('latin1');
  const position = Number(text.slice(PREFIX.length));
  const ours = Number.isSafeInteger(position) && position >= BEFORE_FIRST && encodePositionToken(position) === token;
  if (!ours) throw new InvalidPositionTokenError();
  return position;
}
