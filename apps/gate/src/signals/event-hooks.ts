import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Catalog } from '#libs/catalog';
import { CATALOG, CLOCK, type Clock, type PlatformRequest, traceparentOf } from '#libs/platform';
import { type KnownConnection, known } from '../settings/known-connection.js';
import { CLOCKS_APART_MS } from './clocks-apart.js';
import type { Notice, NoticeAbout } from './notice.js';
import { NoticedPeople } from './noticed-people.js';
import { Notices } from './notices.js';
import { SignalSender } from './signal-sender.js';
import { MalformedEventHookError, SignalsNotConfiguredError } from './signals.errors.js';

/** Events of one delivery; Okta sends a few. */
const EVENTS_MAX = 100;
const TARGETS_MAX = 50;
/** How long a delivery may be tried again, in milliseconds. */
const REPLAYABLE_MS = 86_400_000;
/** Who speaks, for the record: hooks name no issuer. */
const ISSUER = 'okta-event-hook';

/** Events about a person after which no session of theirs should go on unseen. */
const ENDS_SESSIONS: ReadonlySet<string> = new Set([
  'application.user_membership.remove',
  'group.user_membership.remove',
  'user.account.lock',
  'user.account.reset_password',
  'user.account.update_password',
  'user.lifecycle.deactivate',
  'user.lifecycle.delete.initiated',
  'user.lifecycle.suspend',
  'user.mfa.factor.deactivate',
  'user.mfa.factor.reset_all',
  'user.session.clear',
  'user.session.end',
]);

const text = z.string().min(1).max(512);
const target = z.object({ id: text, type: text, alternateId: text.nullish() });
const hookEvent = z.object({
  uuid: z.string().min(1).max(128),
  published: z.iso.datetime({ offset: true }),
  eventType: text,
  target: z.array(target).max(TARGETS_MAX).nullish(),
});
const hook = z.object({ data: z.object({ events: z.array(hookEvent).max(EVENTS_MAX) }) });
type HookEvent = z.infer<typeof hookEvent>;

/** Takes Okta event hooks. Nothing in them is signed, so they are hints: they end sessions, and the next sign-in tells the truth. */
@Injectable()
export class EventHooks {
  constructor(
    private readonly sender: SignalSender,
    private readonly people: NoticedPeople,
    private readonly notices: Notices,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The connection whose hook it is, from whoever knows its secret. @throws {SignalsNotConfiguredError} {SignalSenderUnknownError} */
  async connectionOf(request: PlatformRequest, id: string): Promise<KnownConnection> {
    const connection = known((await this.catalog.current()).connection(id));
    const secret = connection?.settings.signals?.eventHook ?? null;
    if (!connection || secret === null) throw new SignalsNotConfiguredError();
    await this.sender.demand(request, connection, secret, '');
    return connection;
  }

  /** Ends the sessions of the people whom a delivery is about. @throws {MalformedEventHookError} */
  async take(request: PlatformRequest, connection: KnownConnection): Promise<void> {
    const receivedAt = this.clock.now();
    const read = hook.safeParse(request.body);
    if (!read.success) throw new MalformedEventHookError(`a list of at most ${EVENTS_MAX} events`);
    for (const event of read.data.data.events) {
      if (!ENDS_SESSIONS.has(event.eventType)) continue;
      const notice = noticeOf(event, { connection, receivedAt, request });
      const about = await this.people.firstKnown(notice, waysOf(event));
      if (about) await this.notices.takeAgain({ ...notice, about });
    }
  }
}

function noticeOf(
  { uuid, published }: HookEvent,
  came: { readonly connection: KnownConnection; readonly receivedAt: Date; readonly request: PlatformRequest },
): Omit<Notice, 'about'> {
  const { connection, receivedAt, request } = came;
  const occurredAt = new Date(Math.min(Date.parse(published), receivedAt.getTime()));
  return {
    connection,
    kind: 'event-hook',
    issuer: ISSUER,
    signalId: uuid,
    keySha256: null,
    begunBy: new Date(occurredAt.getTime() + CLOCKS_APART_MS),
    occurredAt,
    receivedAt,
    replayableUntil: new Date(receivedAt.getTime() + REPLAYABLE_MS).toISOString(),
    requestId: request.id,
    traceparent: traceparentOf(request),
  };
}

/** Okta's id is `sub` in OpenID Connect; the login, mostly an address, is what SAML and accounts go by. */
function waysOf({ target: targets }: HookEvent): readonly NoticeAbout[] {
  const person = targets?.find(({ type }) => type === 'User');
  if (!person) return [];
  const { id, alternateId } = person;
  const bySubject = (subject: string) => ({ subject, sessionIndexes: [], known: null });
  const byName = (by: 'verifiedEmail' | 'userName', value: string) => ({
    subject: null,
    sessionIndexes: [],
    known: { by, value },
  });
  if (!alternateId) return [bySubject(id)];
  return [bySubject(id), bySubject(alternateId), byName('verifiedEmail', alternateId), byName('userName', alternateId)];
}
