import { Inject, Injectable } from '@nestjs/common';
import { termsOf } from '#libs/domain';
import type { LiveSession } from '#libs/identity';
import { type ApplicationGrants, idHash, LIFETIME_SECONDS, newGrantId } from '#libs/openid-provider';
import { CLOCK, type Clock } from '#libs/platform';
import type { PersonInApplication, UsableClient } from './application-people.js';
import { APPLICATION_GRANTS } from './op.tokens.js';

/** The part of the protocol engine that keeps grants. */
export interface GrantMaker {
  readonly Grant: {
    new (of: { accountId: string; clientId: string }): EngineGrant;
    find(id: string): Promise<EngineGrant | undefined>;
  };
}

interface EngineGrant {
  jti: string;
  addOIDCScope(scope: string): void;
  getOIDCScope(): string;
  save(): Promise<string>;
}

/** What an authorization is given for. */
export interface Authorized {
  readonly client: UsableClient;
  readonly session: Pick<LiveSession, 'tenant' | 'account' | 'connection' | 'signIn' | 'endsAt'>;
  readonly person: PersonInApplication;
  /** Scopes as the engine has admitted them. */
  readonly scope: string;
}

/** Opens what an application is given: the facts first, without which nothing issued under it is good. */
@Injectable()
export class Authorizations {
  constructor(
    @Inject(APPLICATION_GRANTS) private readonly grants: ApplicationGrants,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The grant that this session already has with the client, if it still stands: tabs of one session share it. */
  async ofSession(
    { client, session }: Pick<Authorized, 'client' | 'session'>,
    grantId: string | undefined,
  ): Promise<string | null> {
    if (grantId === undefined) return null;
    const open = await this.grants.ofAccount(session);
    const same = open.some(
      (grant) => grant.grantHash === idHash(grantId) && grant.client === client.id && grant.signIn === session.signIn,
    );
    return same ? grantId : null;
  }

  /** What this session has with the client, extended to the scope; or something new where there is nothing, or nothing that may last as long. */
  async forSession(engine: GrantMaker, authorized: Authorized, grantId: string | undefined): Promise<string> {
    const same = await this.ofSession(authorized, grantId);
    const grant = same === null ? undefined : await engine.Grant.find(same);
    if (same === null || !grant) return this.open(engine, authorized);
    const had = scopesOf(grant.getOIDCScope());
    const more = scopesOf(authorized.scope).filter((scope) => !had.includes(scope));
    if (more.length === 0) return same;
    // when it ends was said as it was given: going on without the person takes another one
    if (more.includes('offline_access'))
      return this.open(engine, { ...authorized, scope: [...had, ...more].join(' ') });
    grant.addOIDCScope(more.join(' '));
    await grant.save();
    return same;
  }

  /** Opens a grant. It ends with the session at the latest, unless the client may go on without the person (`offline_access`). */
  async open(engine: GrantMaker, { client, session, person, scope }: Authorized): Promise<string> {
    const { tenant, account, connection, signIn } = session;
    const grantId = newGrantId();
    const longest = new Date(this.clock.now().getTime() + LIFETIME_SECONDS.grant * 1000);
    const offline = scope.split(' ').includes('offline_access');
    const expiresAt = !offline && session.endsAt < longest ? session.endsAt : longest;
    const terms = termsOf(client.settings);
    const facts = { tenant, account, client: client.id, connection, revision: person.revision, signIn, terms };
    await this.grants.open(grantId, facts, expiresAt);
    const grant = new engine.Grant({ accountId: account, clientId: client.id });
    grant.jti = grantId;
    grant.addOIDCScope(scope);
    return grant.save();
  }
}

const scopesOf = (scope: string): string[] => scope.split(' ').filter((name) => name !== '');
