import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type SignInTransactions, TRANSACTION_LIFETIME_MS } from '#libs/identity';
import { type PlatformRequest, readCookies, SIGN_IN_TRANSACTIONS } from '#libs/platform';

const PREFIX = '__Host-gatebook-sign-in-';
const RELAY_STATE_BYTES = 20;
const RELAY_STATE = /^[0-9a-f]{40}$/;

/** An XML id must not begin with a digit. */
const requestIdOf = (relayState: string) => `_${relayState}`;

/** A sign-in that this browser began and has not ended. */
export interface PendingSignIn {
  readonly id: string;
  readonly relayState: string;
  readonly requestId: string;
  readonly returnTo: string;
}

/**
 * Binds the identity provider's answer to the browser that asked. The answer is posted from another site, so the cookie is
 * `SameSite=None`; each sign-in has its own, named by the relay state, so that parallel tabs do not disturb each other.
 */
@Injectable()
export class PendingSignIns {
  constructor(@Inject(SIGN_IN_TRANSACTIONS) private readonly transactions: SignInTransactions) {}

  /** Begins a sign-in through a connection and gives the browser its cookie. */
  async begin(response: Response, connection: string, returnTo: string): Promise<PendingSignIn> {
    const relayState = randomBytes(RELAY_STATE_BYTES).toString('hex');
    const requestId = requestIdOf(relayState);
    const { id, token } = await this.transactions.open({ connection, requestId, returnTo });
    response.cookie(PREFIX + relayState, token, { ...COOKIE, maxAge: TRANSACTION_LIFETIME_MS });
    return { id, relayState, requestId, returnTo };
  }

  /** The sign-in that a posted answer belongs to, if this browser began it for this connection; else null. */
  async of(request: PlatformRequest, connection: string): Promise<PendingSignIn | null> {
    const relayState: unknown = (request.body as { RelayState?: unknown } | undefined)?.RelayState;
    if (typeof relayState !== 'string' || !RELAY_STATE.test(relayState)) return null;
    const token = readCookies(request).get(PREFIX + relayState);
    const found = token ? await this.transactions.find(token, connection, requestIdOf(relayState)) : undefined;
    return found ? { id: found.id, relayState, requestId: found.requestId, returnTo: found.returnTo } : null;
  }

  /** Ends a sign-in: its cookie goes, and its request id is never accepted again. */
  async end(response: Response, { id, relayState }: PendingSignIn): Promise<void> {
    response.clearCookie(PREFIX + relayState, COOKIE);
    await this.transactions.finish(id);
  }
}

const COOKIE = { secure: true, httpOnly: true, sameSite: 'none', path: '/' } as const;
