import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type SignInTransaction, type SignInTransactions, TRANSACTION_LIFETIME_MS } from '#libs/identity';
import { type PlatformRequest, readCookies, SIGN_IN_TRANSACTIONS } from '#libs/platform';
import { isCrossSite } from '../session/same-origin.js';
import { type TransactionSecrets, transactionSecrets } from './transaction-secrets.js';

const PREFIX = '__Host-gatebook-sign-in-';

/** Sign-ins that one browser may have under way: more than anybody has tabs for, few enough that the cookies fit into a request. */
const PARALLEL_MAX = 16;

const TRANSACTION_ID = /^[A-Za-z0-9_-]{22}$/;
const COOKIE = { secure: true, httpOnly: true, path: '/' } as const;

/** How the answer comes: posted from another site, where only cookies without any such rule are sent along, or by an address that is followed. */
export type AnsweredBy = 'post' | 'redirect';

/** A sign-in under way in this browser, with what its request promised to the identity provider. */
export type UnderWay = SignInTransaction & { readonly secrets: TransactionSecrets };

/**
 * Binds the identity provider's answer to the browser that asked. An answer that is posted comes from another site, so its cookie is
 * `SameSite=None`, else `Lax`; each sign-in has its own, named by the relay state or `state`, so that parallel tabs do not disturb each other.
 */
@Injectable()
export class PendingSignIns {
  constructor(@Inject(SIGN_IN_TRANSACTIONS) private readonly transactions: SignInTransactions) {}

  /**
   * Begins a sign-in through a connection and gives the browser its cookie. The transaction's id is the relay state, or `state`. Beyond
   * `PARALLEL_MAX` the oldest go, so that another site cannot make a browser collect cookies until its requests are too large.
   */
  async begin(
    request: PlatformRequest,
    response: Response,
    begun: Pick<SignInTransaction, 'connection' | 'returnTo' | 'testOf'>,
    answeredBy: AnsweredBy,
  ): Promise<UnderWay> {
    const { token, ...transaction } = await this.transactions.open({ ...begun, crossSite: isCrossSite(request) });
    // browsers send older cookies first (RFC 6265, section 5.4)
    const pending = [...readCookies(request).keys()].filter((name) => name.startsWith(PREFIX));
    for (const name of pending.slice(0, Math.max(0, pending.length + 1 - PARALLEL_MAX)))
      response.clearCookie(name, COOKIE);
    const sameSite = answeredBy === 'post' ? 'none' : 'lax';
    response.cookie(PREFIX + transaction.id, token, { ...COOKIE, sameSite, maxAge: TRANSACTION_LIFETIME_MS });
    return { ...transaction, secrets: transactionSecrets(transaction.id, token) };
  }

  /** The sign-in that an answer names, if this browser began it for this connection; else null. */
  async of(request: PlatformRequest, connection: string, named: unknown): Promise<UnderWay | null> {
    return this.#with(request, connection, named, this.transactions.find);
  }

  /** The same for an answer that can be tried once: whatever comes of it, the sign-in is over. Of two at once only one gets it. */
  async take(
    request: PlatformRequest,
    response: Response,
    connection: string,
    named: unknown,
  ): Promise<UnderWay | null> {
    const taken = await this.#with(request, connection, named, this.transactions.take);
    if (taken) response.clearCookie(PREFIX + taken.id, COOKIE);
    return taken;
  }

  /** Ends a sign-in: its cookie goes, and its request id is never accepted again. */
  async end(response: Response, { id }: SignInTransaction): Promise<void> {
    response.clearCookie(PREFIX + id, COOKIE);
    await this.transactions.close(id);
  }

  async #with(
    request: PlatformRequest,
    connection: string,
    named: unknown,
    look: SignInTransactions['find'],
  ): Promise<UnderWay | null> {
    if (typeof named !== 'string' || !TRANSACTION_ID.test(named)) return null;
    const token = readCookies(request).get(PREFIX + named);
    const found = token ? await look({ id: named, token, connection }) : null;
    return found && token ? { ...found, secrets: transactionSecrets(named, token) } : null;
  }
}
