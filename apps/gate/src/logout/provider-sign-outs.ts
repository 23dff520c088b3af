import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { createLogoutRequest, OidcClient, type SamlMessage } from '#libs/federation';
import type { SourceSession } from '#libs/identity';
import { CATALOG, CLOCK, type Clock, describeError, ENVIRONMENT, type Environment } from '#libs/platform';
import { type BrowserSession, BrowserSessions } from '../session/browser-sessions.js';
import { type KnownConnection, known } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';
import { requestIdOf } from './pending-sign-outs.js';

/** A session that ends here and may go on at its provider. */
export interface LeftSession {
  readonly connection: string;
  readonly atSource: SourceSession;
}

/** Asks identity providers to end sessions that have ended here. Whatever fails, the person is out already. */
@Injectable()
export class ProviderSignOuts {
  readonly #log = new Logger(ProviderSignOuts.name);

  constructor(
    private readonly sessions: BrowserSessions,
    private readonly settings: ProtocolSettings,
    private readonly oidc: OidcClient,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'publicUrl'>,
  ) {}

  /** What the provider will have to be told; to be asked before the session ends. */
  async remember(session: BrowserSession): Promise<LeftSession | null> {
    const { connection } = session;
    const atSource = await this.sessions.atSource(session).catch((error: unknown) => {
      this.#log.warn({ err: describeError(error), connection }, 'nobody can tell how the provider names a session');
      return null;
    });
    return atSource && { connection, atSource };
  }

  /** The message that asks for it; null where the connection knows no such thing, `failed` where it could not be written. */
  async ask(left: LeftSession, id: string): Promise<SamlMessage | 'failed' | null> {
    try {
      const connection = known((await this.catalog.current()).connection(left.connection));
      if (connection?.settings.protocol === 'saml') return await this.#bySaml(connection, left.atSource, id);
      if (connection?.settings.protocol === 'oidc') return await this.#byOidc(connection, left.atSource, id);
      return null;
    } catch (error) {
      this.#log.warn({ err: describeError(error), connection: left.connection }, 'no provider was asked to sign out');
      return 'failed';
    }
  }

  async #bySaml(connection: KnownConnection, source: SourceSession, id: string): Promise<SamlMessage | null> {
    const settings = await this.settings.saml(connection);
    if (settings.sloUrl === null) return null;
    return createLogoutRequest(settings, {
      requestId: requestIdOf(id),
      nameId: source.subject,
      sessionIndexes: source.sessionIndex === null ? [] : [source.sessionIndex],
      relayState: null,
      now: this.clock.now(),
    });
  }

  async #byOidc(connection: KnownConnection, { idToken }: SourceSession, id: string): Promise<SamlMessage | null> {
    const url = await this.oidc.endSessionUrl(await this.settings.oidc(connection), {
      ...(idToken === null ? {} : { idTokenHint: idToken }),
      postLogoutRedirectUri: `${this.environment.publicUrl}/logout`,
      state: id,
      now: this.clock.now(),
    });
    return url === null ? null : { binding: 'redirect', url };
  }
}
