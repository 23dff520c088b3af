import type { PlatformRequest } from '../http/platform-request.js';
import type { Caller } from './caller.js';

/** The list of authenticators, asked in order until one knows the caller. */
export const AUTHENTICATORS = Symbol('AUTHENTICATORS');

/** One way to prove who is calling: a key, a session. */
export interface Authenticator {
  /**
   * @returns who calls; `null` when the request carries nothing of this kind
   * @throws {DomainError} of kind `unauthenticated` when it carries something of this kind that is not good
   */
  authenticate(request: PlatformRequest): Promise<Caller | null>;
}
