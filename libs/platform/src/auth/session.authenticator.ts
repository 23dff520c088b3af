import type { Catalog } from '#libs/catalog';
import { accountDecider, rolesHeld } from '#libs/domain';
import { readAggregate, type WritePath } from '#libs/event-store';
import type { Sessions } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { readCookies } from '../http/cookies.js';
import type { PlatformRequest } from '../http/platform-request.js';
import type { Authenticator } from './authenticator.port.js';
import type { Caller } from './caller.js';
import { scopesOfRoles } from './role-scopes.js';
import { SESSION_COOKIE } from './session-cookie.js';

/** What a session's caller is found out from. */
export interface SessionAuthenticatorDependencies {
  readonly sessions: Sessions;
  readonly catalog: Catalog;
  readonly path: WritePath;
}

/**
 * Knows people by their session cookie. Their rights are the roles that they hold now, folded from their account's own stream,
 * so a right that was taken away is gone with the event that took it.
 */
export class SessionAuthenticator implements Authenticator {
  constructor(private readonly dependencies: SessionAuthenticatorDependencies) {}

  async authenticate(request: PlatformRequest): Promise<Caller | null> {
    const { sessions, catalog, path } = this.dependencies;
    const token = readCookies(request).get(SESSION_COOKIE);
    const session = token ? await sessions.find(token) : null;
    if (!token || !session) return null;
    const { tenant, account } = session;
    if (!(await catalog.current()).connection(session.connection)?.enabled) return null;
    const { state } = await readAggregate(
      path,
      streamName({ category: 'account', tenant, id: account }),
      accountDecider,
    );
    const roles = rolesHeld(state, path.clock.now().toISOString());
    request.sessionToken = token;
    return { actor: { kind: 'account', id: account }, tenant, scopes: scopesOfRoles(roles), via: 'session' };
  }
}
