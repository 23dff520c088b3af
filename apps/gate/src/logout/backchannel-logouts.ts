import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { type LogoutNotice, OidcClient, OidcRefusedError } from '#libs/federation';
import { CATALOG, CLOCK, type Clock, type PlatformRequest, traceparentOf } from '#libs/platform';
import { known } from '../settings/known-connection.js';
import { ProtocolSettings } from '../settings/protocol-settings.js';
import { AnswerRefusals } from '../sign-in/answer-refusals.js';
import { UnknownConnectionError } from '../sign-in/unknown-connection.error.js';
import { CLOCKS_APART_MS } from '../signals/clocks-apart.js';
import { Notices } from '../signals/notices.js';

/** What OpenID providers tell us behind the browser's back: a person, or one session of theirs, ended there. */
@Injectable()
export class BackchannelLogouts {
  constructor(
    private readonly settings: ProtocolSettings,
    private readonly oidc: OidcClient,
    private readonly refusals: AnswerRefusals,
    private readonly notices: Notices,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Ends the sessions that a logout token names. @throws {OidcRefusedError} and others that refuse it, recorded */
  take(request: PlatformRequest, id: string, token: string): Promise<void> {
    return this.refusals.recording(request, async () => {
      const receivedAt = this.clock.now();
      const connection = known((await this.catalog.current()).connection(id));
      if (connection?.settings.protocol !== 'oidc') throw new UnknownConnectionError();
      const said = await this.oidc.verifyLogoutToken(token, await this.settings.oidc(connection), receivedAt);
      demandNamed(said);
      const occurredAt = new Date(said.issuedAt);
      await this.notices.take({
        connection,
        kind: 'backchannel-logout',
        issuer: said.issuer,
        signalId: said.tokenId,
        keySha256: said.keySha256,
        about: { subject: said.person, sessionIndexes: said.sid === null ? [] : [said.sid], known: null },
        begunBy: said.sid === null ? new Date(occurredAt.getTime() + CLOCKS_APART_MS) : null,
        occurredAt,
        receivedAt,
        replayableUntil: said.notOnOrAfter,
        requestId: request.id,
        traceparent: traceparentOf(request),
      });
    });
  }
}

/** Entra's people are known by `oid`, which not every token names. */
function demandNamed({ person, sid }: LogoutNotice): void {
  if (person !== null || sid !== null) return;
  const message =
    'The token names the person in another way than this connection’s ID tokens. Let it name the session (sid).';
  throw new OidcRefusedError({ code: 'unnamed-subject', message, evidence: null });
}
