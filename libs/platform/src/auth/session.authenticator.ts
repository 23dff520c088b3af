import type { Catalog } from '#libs/catalog';
import type { Scope } from '#libs/contracts';
import { accountDecider, rolesHeld } from '#libs/domain';
import { readAggregate, type WritePath } from '#libs/event-store';
import type { Sessions } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { readCookies } from '../http/cookies.js';
import type { PlatformRequest } from '../http/platform-request.js';
import type { Authenticator } from './authenticator.port.js';
import type { Caller } from './caller.js';
import { SESSION_COOKIE } from './session-cookie.js';

/** What people may do in Gatebook by the roles of its own application. An administrator of a tenant may do everything in that tenant. */
const SCOPES_OF_ROLE: Readonly<Record<string, readonly Scope[]>> = {
  'gatebook.admin': [
    'audit:read',
    'personal:read',
    'accounts:write',
    'connections:write',
    'reports:write',
    'elevations:write',
    'admin',
  ],
  'gatebook.auditor': ['audit:read', 'personal:read', 'reports:write'],
  'gatebook.reviewer': ['reviews:decide'],
  'gatebook.owner': [],
};

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
    const scopes = new Set(roles.flatMap((role) => SCOPES_OF_ROLE[role] ?? []));
    return { actor: { kind: 'account', id: account }, tenant, scopes, via: 'session' };
  }
}
