import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { ConnectionSettings } from '#libs/contracts';
import {
  DEFAULT_ALGORITHMS,
  type SecurityEvent,
  SecurityEventVerifier,
  type SignalPerson,
  type SignalSettings,
  type VerifiedSecurityEvents,
} from '#libs/federation';
import { CATALOG, CLOCK, type Clock, type PlatformRequest, traceparentOf } from '#libs/platform';
import { type KnownConnection, known } from '../settings/known-connection.js';
import { AnswerRefusals } from '../sign-in/answer-refusals.js';
import { CLOCKS_APART_MS } from './clocks-apart.js';
import type { Notice, NoticeAbout } from './notice.js';
import { NoticedPeople } from './noticed-people.js';
import { Notices } from './notices.js';
import { SignalSender } from './signal-sender.js';
import { SignalsNotConfiguredError } from './signals.errors.js';

/** Takes security event tokens: who sends them, what they say, what follows. */
@Injectable()
export class SecurityEvents {
  constructor(
    private readonly verifier: SecurityEventVerifier,
    private readonly sender: SignalSender,
    private readonly refusals: AnswerRefusals,
    private readonly people: NoticedPeople,
    private readonly notices: Notices,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Takes one token. Every event in it takes effect once: a token that comes again is taken again and changes nothing.
   * @throws {OidcRefusedError} and others that refuse it, recorded
   */
  take(request: PlatformRequest, id: string, token: string): Promise<void> {
    return this.refusals.recording(request, async () => {
      const receivedAt = this.clock.now();
      const connection = known((await this.catalog.current()).connection(id));
      const settings = connection && signalSettingsOf(connection);
      if (!connection || !settings) throw new SignalsNotConfiguredError();
      await this.sender.demand(request, connection, connection.settings.signals?.bearer ?? null, 'Bearer ');
      const said = await this.verifier.verify(token, settings, receivedAt);
      for (const event of said.events) {
        const notice = noticeOf(said, event, { connection, receivedAt, request });
        const about = (await this.people.firstKnown(notice, waysOf(event))) ?? waysOf(event)[0] ?? NOBODY;
        await this.notices.takeAgain({ ...notice, about });
      }
    });
  }
}

const NOBODY: NoticeAbout = { subject: null, sessionIndexes: [], known: null };

function noticeOf(
  { issuer, tokenId, keySha256, notOnOrAfter }: VerifiedSecurityEvents,
  event: SecurityEvent,
  came: { readonly connection: KnownConnection; readonly receivedAt: Date; readonly request: PlatformRequest },
): Omit<Notice, 'about'> {
  const { connection, receivedAt, request } = came;
  const occurredAt = new Date(event.occurredAt);
  return {
    connection,
    kind: event.kind,
    issuer,
    signalId: tokenId,
    keySha256,
    begunBy: event.subject.session === null ? new Date(occurredAt.getTime() + CLOCKS_APART_MS) : null,
    occurredAt,
    receivedAt,
    replayableUntil: notOnOrAfter,
    requestId: request.id,
    traceparent: traceparentOf(request),
  };
}

/** Ways in which an event names its person, the surest first. A session without a person is a way, too. */
function waysOf({ subject: { people, session } }: SecurityEvent): readonly NoticeAbout[] {
  const sessionIndexes = session === null ? [] : [session];
  if (people.length === 0) return session === null ? [] : [{ subject: null, sessionIndexes, known: null }];
  return people.map((person) => ({ sessionIndexes, ...namedBy(person) }));
}

function namedBy({ by, value }: SignalPerson): Pick<NoticeAbout, 'subject' | 'known'> {
  if (by === 'subject') return { subject: value, known: null };
  return { subject: null, known: { by: by === 'email' ? 'verifiedEmail' : 'userName', value } };
}

/** Null where the connection takes no security event tokens. */
function signalSettingsOf({ id, settings }: KnownConnection): SignalSettings | null {
  const { signals } = settings;
  if (!signals?.issuer || !signals.jwksUri) return null;
  return {
    connection: id,
    issuer: signals.issuer,
    jwksUri: signals.jwksUri,
    audiences: signals.audiences,
    algorithms: DEFAULT_ALGORITHMS,
    clockSkewSeconds: CLOCKS_APART_MS / 1000,
    subjectIssuers: [signals.issuer, ...issuersOf(settings)],
  };
}

/** Whoever vouches for people at sign-ins names them as sign-ins do. */
function issuersOf({ saml, oidc, oauth2, jwt }: ConnectionSettings): string[] {
  return [saml?.idpEntityId, oidc?.issuer, oauth2?.issuer, jwt?.issuer].filter((issuer) => typeof issuer === 'string');
}
