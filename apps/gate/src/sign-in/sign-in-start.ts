import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { CLOCK, type Clock, Pages, type PlatformRequest } from '#libs/platform';
import { handoverPage } from '../handover/handover.page.js';
import { CodeSignIns } from '../oidc/code-sign-ins.js';
import { SamlRequests } from '../saml/saml-requests.js';
import { ConnectionNotReadyError } from '../settings/connection-not-ready.error.js';
import type { KnownConnection } from '../settings/known-connection.js';
import { PendingSignIns } from './pending-sign-ins.js';

/** What a browser is led to a provider for. */
export interface Begun {
  readonly connection: KnownConnection;
  /** A path of this site. */
  readonly returnTo: string;
  /** Authentication contexts of which one is asked for; empty: what the connection says. */
  readonly contexts: readonly string[];
  /** Asks for a fresh proof of who it is (SAML ForceAuthn, OpenID Connect prompt=login and max_age=0); plain OAuth 2.0 has no word for it. */
  readonly anew: boolean;
  /** The set-up link that this tries the connection out for; null for a sign-in. */
  readonly testOf: string | null;
}

/** Leads a browser to the identity provider of a connection, whatever that speaks. */
@Injectable()
export class SignInStart {
  constructor(
    private readonly pages: Pages,
    private readonly pending: PendingSignIns,
    private readonly saml: SamlRequests,
    private readonly codes: CodeSignIns,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {ConnectionNotReadyError} where nobody can sign in by a browser; errors of the provider's discovery */
  async begin(request: PlatformRequest, response: Response, begun: Begun): Promise<void> {
    const { protocol } = begun.connection.settings;
    if (protocol === 'saml') return this.#bySaml(request, response, begun);
    if (protocol === 'jwt') throw new ConnectionNotReadyError('it takes tokens from programs, and has no page.');
    const prepared = await this.codes.prepare(begun.connection, begun);
    const transaction = await this.pending.begin(request, response, transactionOf(begun), 'redirect');
    response.redirect(302, await prepared({ state: transaction.id, ...transaction.secrets, now: this.clock.now() }));
  }

  async #bySaml(request: PlatformRequest, response: Response, begun: Begun): Promise<void> {
    const write = await this.saml.prepare(begun.connection, begun);
    const { id: relayState, requestId } = await this.pending.begin(request, response, transactionOf(begun), 'post');
    const message = await write({ requestId, relayState, now: this.clock.now() });
    if (message.binding === 'redirect') return response.redirect(302, message.url);
    this.pages.send(response, {
      title: 'Sign in',
      width: 'narrow',
      formActions: [message.url],
      body: (nonce) => handoverPage(message, nonce),
    });
  }
}

const transactionOf = ({ connection, returnTo, testOf }: Begun) => ({ connection: connection.id, returnTo, testOf });
