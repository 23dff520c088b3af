import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import type { LiveSession, Sessions } from '#libs/identity';
import { DomainError, durationMs } from '#libs/kernel';
import { CATALOG, type PlatformRequest, readCookies, SESSION_COOKIE, SESSIONS } from '#libs/platform';
import type { SignInOutcome } from '../sign-in/sign-in.handler.js';

const COOKIE = { secure: true, httpOnly: true, sameSite: 'lax', path: '/' } as const;

/** An answer that nobody asked for would replace the session of another account. */
export class SessionOfAnotherAccountError extends DomainError {
  readonly code = 'session-of-another-account';
  readonly kind = 'forbidden';
  constructor() {
    super('Somebody else is signed in here. Sign out first, then start again at your identity provider.');
  }
}

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
    { tenant, account, revision, evidence }: SignInOutcome,
    how: { readonly connection: string; readonly unasked: boolean; readonly notOnOrAfter: string | null },
  ): Promise<void> {
    const former = await this.of(request);
    if (former && how.unasked && former.account !== account) throw new SessionOfAnotherAccountError();
    const { session } = (await this.catalog.current()).tenant(tenant)?.settings ?? {
      session: { idle: 'PT1H', max: 'PT12H' },
    };
    const { token } = await this.sessions.start({
      tenant,
      account,
      revision,
      signIn: evidence,
      connection: how.connection,
      idleSeconds: durationMs(session.idle) / 1000,
      maxSeconds: durationMs(session.max) / 1000,
      notOnOrAfter: how.notOnOrAfter,
    });
    if (former) await this.sessions.end(former.token);
    response.cookie(SESSION_COOKIE, token, COOKIE);
  }

  /** The browser's session, or null when it has none that is valid. A connection that is switched off ends its sessions at once. */
  async of(request: PlatformRequest): Promise<(LiveSession & { readonly token: string }) | null> {
    const token = readCookies(request).get(SESSION_COOKIE);
    const session = token ? await this.sessions.find(token) : null;
    if (!token || !session) return null;
    const connection = (await this.catalog.current()).connection(session.connection);
    return connection?.enabled ? { ...session, token } : null;
  }

  /** Ends the browser's session. */
  async end(response: Response, token: string): Promise<void> {
    await this.sessions.end(token);
    response.clearCookie(SESSION_COOKIE, COOKIE);
  }
}
