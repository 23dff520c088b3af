import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import {
  createLogoutResponse,
  type ReceivedLogout,
  type SamlMessage,
  type SamlSettings,
  SamlVerifier,
  type VerifiedLogoutRequest,
  type VerifiedLogoutResponse,
} from '#libs/federation';
import { AssertionReplayedError } from '#libs/identity';
import { CATALOG, CLOCK, type Clock, type PlatformRequest, traceparentOf } from '#libs/platform';
import { type KnownConnection, known } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';
import { AnswerRefusals } from '../sign-in/answer-refusals.js';
import { UnknownConnectionError } from '../sign-in/unknown-connection.error.js';
import { Notices } from '../signals/notices.js';
import { PendingSignOuts, requestIdOf } from './pending-sign-outs.js';
import { LogoutReplayedError, NoSingleLogoutError } from './saml-logout.errors.js';

/** Relay state that goes back with an answer, bytes at most (SAML Bindings 3.4.3); a longer one is left out. */
const RELAY_STATE_BYTES_MAX = 80;
const ID_BYTES = 16;

/** What a message of single logout leads to: an answer for the identity provider, or the end of a sign-out that began here. */
export type LogoutStep =
  | { readonly kind: 'answer'; readonly message: SamlMessage }
  | { readonly kind: 'ended'; readonly everywhere: boolean };

/** Single logout of SAML, the provider's half of it: what it asks for is done, what it answers is read. */
@Injectable()
export class SamlLogouts {
  constructor(
    private readonly settings: ProtocolSettings,
    private readonly verifier: SamlVerifier,
    private readonly refusals: AnswerRefusals,
    private readonly pending: PendingSignOuts,
    private readonly notices: Notices,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {SamlRefusedError}, {LogoutReplayedError} and others that refuse the message, recorded */
  handle(request: PlatformRequest, id: string, received: ReceivedLogout): Promise<LogoutStep> {
    return this.refusals.recording(request, async () => {
      const connection = known((await this.catalog.current()).connection(id));
      if (connection?.settings.protocol !== 'saml') throw new UnknownConnectionError();
      const settings = await this.settings.saml(connection);
      if (settings.sloUrl === null) throw new NoSingleLogoutError();
      const message = await this.#verified(request, settings, received);
      if (message.kind === 'response') return { kind: 'ended', everywhere: message.success };
      return { kind: 'answer', message: await this.#carryOut(request, connection, settings, message) };
    });
  }

  #verified(
    request: PlatformRequest,
    settings: SamlSettings,
    received: ReceivedLogout,
  ): Promise<VerifiedLogoutRequest | VerifiedLogoutResponse> {
    const asked = this.pending.of(request);
    const pendingRequestId = asked && requestIdOf(asked);
    return this.verifier.verifyLogout({ settings, received, pendingRequestId, now: this.clock.now() });
  }

  /** Whether or not anybody was signed in: the provider learns that nobody is any more. */
  async #carryOut(
    request: PlatformRequest,
    connection: KnownConnection,
    settings: SamlSettings,
    asked: VerifiedLogoutRequest,
  ): Promise<SamlMessage> {
    const now = this.clock.now();
    const notice = {
      connection,
      kind: 'saml-logout' as const,
      issuer: asked.issuer,
      signalId: asked.id,
      keySha256: asked.certificateSha256,
      about: { subject: asked.nameId.value, sessionIndexes: asked.sessionIndexes, known: null },
      begunBy: null,
      occurredAt: now,
      receivedAt: now,
      replayableUntil: asked.replayableUntil,
      requestId: request.id,
      traceparent: traceparentOf(request),
    };
    await this.notices.take(notice).catch((error: unknown) => {
      throw error instanceof AssertionReplayedError ? new LogoutReplayedError() : error;
    });
    return createLogoutResponse(settings, {
      responseId: `_${randomBytes(ID_BYTES).toString('base64url')}`,
      inResponseTo: asked.id,
      outcome: 'success',
      relayState: fitting(asked.relayState),
      now: this.clock.now(),
    });
  }
}

const fitting = (relayState: string | null): string | null =>
  relayState !== null && Buffer.byteLength(relayState) <= RELAY_STATE_BYTES_MAX ? relayState : null;
