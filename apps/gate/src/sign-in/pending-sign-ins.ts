import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type SignInTransaction, type SignInTransactions, TRANSACTION_LIFETIME_MS } from '#libs/identity';
import { type PlatformRequest, readCookies, SIGN_IN_TRANSACTIONS } from '#libs/platform';

const PREFIX = '__Host-gatebook-sign-in-';

/** Sign-ins that one browser may have under way: more than anybody has tabs for, few enough that the cookies fit into a request. */
const PARALLEL_MAX = 16;

const RELAY_STATE = /^[A-Za-z0-9_-]{22}$/;
const COOKIE = { secure: true, httpOnly: true, sameSite: 'none', path: '/' } as const;

/**
 * Binds the identity provider's answer to the browser that asked. The answer is posted from another site, so the cookie is
 * `SameSite=None`; each sign-in has its own, named by the relay state, so that parallel tabs do not disturb each other.
 */
@Injectable()
export class PendingSignIns {
  constructor(@Inject(SIGN_IN_TRANSACTIONS) private readonly transactions: SignInTransactions) {}

  /**
   * Begins a sign-in through a connection and gives the browser its cookie. The transaction's id is the relay state. Beyond `PARALLEL_MAX` the
   * oldest go, so that another site cannot make a browser collect cookies until its requests are too large.
   */
  async begin(
    request: PlatformRequest,
    response: Response,
    begun: Pick<SignInTransaction, 'connection' | 'returnTo'>,
  ): Promise<SignInTransaction> {
    const { token, ...transaction } = await this.transactions.open(begun);
    // browsers send older cookies first (RFC 6265, section 5.4)
    const pending = [...readCookies(request).keys()].filter((name) => name.startsWith(PREFIX));
    for (const name of pending.slice(0, Math.max(0, pending.length + 1 - PARALLEL_MAX)))
      response.clearCookie(name, COOKIE);
    response.cookie(PREFIX + transaction.id, token, { ...COOKIE, maxAge: TRANSACTION_LIFETIME_MS });
    return transaction;
  }

  /** The sign-in that a posted answer belongs to, if this browser began it for this connection; else null. */
  async of(request: PlatformRequest, connection: string): Promise<SignInTransaction | null> {
    const relayState: unknown = (request.body as { RelayState?: unknown } | undefined)?.RelayState;
    if (typeof relayState !== 'string' || !RELAY_STATE.test(relayState)) return null;
    const token = readCookies(request).get(PREFIX + relayState);
    return token ? this.transactions.find({ id: relayState, token, connection }) : null;
  }

  /** Ends a sign-in: its cookie goes, and its request id is never accepted again. */
  async end(response: Response, { id }: SignInTransaction): Promise<void> {
    response.clearCookie(PREFIX + id, COOKIE);
    await this.transactions.close(id);
  }
}
