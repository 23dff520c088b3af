import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { ApplicationSessionsEnded, ApplicationSignedIn, ApplicationSignInRefused } from '#libs/contracts';
import { appendOnce, deriveId } from '#libs/event-store';
import type { LiveSession } from '#libs/identity';
import { type Actor, type CommandMetadata, streamName, system } from '#libs/kernel';
import type { EndedGrant } from '#libs/openid-provider';
import { CLOCK, type Clock, WRITE_PATH, type WritePath } from '#libs/platform';
import type { PersonInApplication, UsableClient } from './application-people.js';
import type { ApplicationRefusalCode } from './application-refused.error.js';

/** Namespace of the ids of what is recorded here (a random uuid, fixed for good). */
const APPLICATIONS = '2b8a3d6e-0f5c-4f6f-9d0e-6d6c1f0b7a54';

/** Whose session it is, and where it came from. */
type WhoseSession = Pick<LiveSession, 'tenant' | 'account' | 'connection' | 'signIn'>;

/** Names one authorization request: every way of answering it is recorded once. */
export interface RequestName {
  /** Unique for the request; never something that only its holder may know. */
  readonly id: string;
  /** Id of the HTTP request. */
  readonly correlationId: string;
  /** Whether it was answered without anybody seeing a page. */
  readonly silent: boolean;
}

/** Records who came in to which application, who was not let in, and what ended. Each a stream of one event. */
@Injectable()
export class ApplicationRecords {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A person comes in. */
  async signedIn(
    client: UsableClient,
    session: WhoseSession,
    { access, revision }: PersonInApplication,
    { id, correlationId, silent }: RequestName,
  ): Promise<void> {
    const data: ApplicationSignedIn['data'] = {
      ...whatAndWho(client, session),
      accountRevision: revision,
      roles: [...access.roles],
      grants: access.grants.map((grant) => grant.id),
      silent,
    };
    const actor = { kind: 'account', id: session.account } as const;
    const metadata = this.#metadata(session.tenant, ['signed-in', client.id, id], actor, correlationId, session.signIn);
    await this.#append('applicationSignIn', { type: 'ApplicationSignedIn', data }, metadata);
  }

  /** A person is not let in. */
  async refused(
    client: UsableClient,
    session: WhoseSession,
    code: ApplicationRefusalCode,
    { id, correlationId }: RequestName,
  ): Promise<void> {
    const data: ApplicationSignInRefused['data'] = { ...whatAndWho(client, session), code };
    const actor = { kind: 'account', id: session.account } as const;
    const metadata = this.#metadata(client.tenant, ['refused', client.id, id], actor, correlationId, session.signIn);
    await this.#append('applicationSignInRefusal', { type: 'ApplicationSignInRefused', data }, metadata);
  }

  /** Sessions of one person with one application have ended for one reason; recorded once, however often this is called. */
  async ended(application: string, grants: readonly [EndedGrant, ...EndedGrant[]]): Promise<void> {
    const [{ tenant, account, client, cause, code, signalledAt }] = grants;
    const effectAt = new Date(Math.max(...grants.map(({ endedAt }) => endedAt.getTime()), signalledAt.getTime()));
    const data: ApplicationSessionsEnded['data'] = {
      account,
      client,
      application,
      cause,
      code,
      sessions: grants.length,
      signalAt: signalledAt.toISOString(),
      effectAt: effectAt.toISOString(),
      sinceSignalMs: effectAt.getTime() - signalledAt.getTime(),
    };
    const named = ['ended', cause, client, account, ...grants.map(({ grantHash }) => grantHash).sort()];
    const causation = code === 'reused' ? null : cause; // reuse is no event that anything could come of
    const metadata = this.#metadata(tenant, named, system('openid-provider'), cause, causation);
    await this.#append('applicationSessionEnd', { type: 'ApplicationSessionsEnded', data }, metadata);
  }

  async #append(
    category: string,
    event: ApplicationSignedIn | ApplicationSignInRefused | ApplicationSessionsEnded,
    metadata: CommandMetadata,
  ): Promise<void> {
    const { tenant, commandId: id } = metadata;
    await appendOnce(this.path, streamName({ category, tenant, id }), [event], metadata);
  }

  #metadata(
    tenant: string,
    named: readonly string[],
    actor: Actor,
    correlationId: string,
    causationId: string | null,
  ): CommandMetadata {
    const commandId = uuidv5(JSON.stringify([tenant, ...named]), APPLICATIONS);
    return {
      tenant,
      actor,
      commandId,
      commandDigest: '',
      correlationId,
      ...(causationId === null ? {} : { causationId }),
      now: this.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    };
  }
}

const whatAndWho = (client: UsableClient, { account, connection, signIn }: WhoseSession) => ({
  account,
  client: client.id,
  clientVersion: client.version,
  application: client.settings.rolesOf,
  connection,
  signIn,
});
