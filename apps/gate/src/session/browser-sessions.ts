import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import type { VerifiedIdentity } from '#libs/federation';
import type { LiveSession, Sessions, SourceSession } from '#libs/identity';
import { durationMs } from '#libs/kernel';
import { CATALOG, type PlatformRequest, readCookies, SESSION_COOKIE, SESSIONS } from '#libs/platform';
import type { SignInOutcome } from '../sign-in/sign-in.handler.js';
import { SessionOfAnotherAccountError } from './session-of-another-account.error.js';

const COOKIE = { secure: true, httpOnly: true, sameSite: 'lax', path: '/' } as const;

/**
 * Tells the assertion consumer service which session the browser has: the answer is posted from another site, where the session's own cookie
 * stays away. It is looked at only to spare, or to end, that session, and opens nothing.
 */
const FORMER = '__Secure-gatebook-session-at-saml';
const FORMER_COOKIE = { secure: true, httpOnly: true, sameSite: 'none', path: '/saml' } as const;

/** A session with the token that names it. */
export type BrowserSession = LiveSession & { readonly token: string };

/** Sessions of browsers: kept on the server, named by a cookie, and valid only while the account's access epoch allows it. */
@Injectable()
export class BrowserSessions {
  constructor(
    @Inject(SESSIONS) private readonly sessions: Sessions,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** Starts a session; the browser's former one ends. @throws {SessionOfAnotherAccountError} */
  async start(
    request: PlatformRequest,
    response: Response,
    { tenant, account, revision, evidence, expiresAt }: SignInOutcome,
    how: {
      readonly connection: string;
      /** Nobody here need have wanted it: the answer came unasked, or another site led the browser to begin. It replaces no other account's session. */
      readonly unwanted: boolean;
      readonly identity: VerifiedIdentity;
    },
  ): Promise<void> {
    const former = (await this.of(request)) ?? (await this.#live(readCookies(request).get(FORMER)));
    if (former && how.unwanted && former.account !== account) throw new SessionOfAnotherAccountError(account);
    // as the sign-in that led here has just read it
    const { session } = this.catalog.lastRead().tenant(tenant)?.settings ?? {
      session: { idle: 'PT1H', max: 'PT12H' },
    };
    const { authnContext, amr, authnInstant } = how.identity.evidence;
    const { token } = await this.sessions.start({
      tenant,
      account,
      revision,
      signIn: evidence,
      connection: how.connection,
      idleSeconds: durationMs(session.idle) / 1000,
      maxSeconds: durationMs(session.max) / 1000,
      notOnOrAfter: earlier(how.identity.sessionNotOnOrAfter, expiresAt),
      authentication: { context: authnContext, methods: amr, instant: authnInstant },
      atSource: sourceOf(how.identity),
    });
    if (former) await this.sessions.end(former.token);
    response.cookie(SESSION_COOKIE, token, COOKIE);
    response.cookie(FORMER, token, FORMER_COOKIE);
  }

  /** The browser's session, or null when it has none that is valid. A connection that is switched off ends its sessions at once. */
  of(request: PlatformRequest): Promise<BrowserSession | null> {
    return this.#live(readCookies(request).get(SESSION_COOKIE));
  }

  /** What its source calls a session; null where that is not known. */
  atSource({ token }: BrowserSession): Promise<SourceSession | null> {
    return this.sessions.atSource(token);
  }

  async #live(token: string | undefined): Promise<BrowserSession | null> {
    const session = token ? await this.sessions.find(token) : null;
    if (!token || !session) return null;
    const connection = (await this.catalog.current()).connection(session.connection);
    return connection?.enabled ? { ...session, token } : null;
  }

  /** Ends the browser's session. */
  async end(response: Response, token: string): Promise<void> {
    await this.sessions.end(token);
    response.clearCookie(SESSION_COOKIE, COOKIE);
    response.clearCookie(FORMER, FORMER_COOKIE);
  }
}

/** The earlier of two instants in the same notation; null is never. */
function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

function sourceOf({ subject, evidence, idToken }: VerifiedIdentity): SourceSession {
  return { subject, sessionIndex: evidence.sessionIndex, idToken: idToken ?? null };
}
