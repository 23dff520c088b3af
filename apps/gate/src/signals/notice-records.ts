import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { SessionsEnded, SignalReceived } from '#libs/contracts';
import { appendOnce, deriveId } from '#libs/event-store';
import type { AccountSessions } from '#libs/identity';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { CLOCK, type Clock, WRITE_PATH, type WritePath } from '#libs/platform';
import type { Notice } from './notice.js';

/** Namespace of the ids of notices (a random uuid, fixed for good). */
const NOTICE_NAMESPACE = '2f7c4c43-63d0-4d0d-8f0c-4b8f6c0a3d51';
/** Longest text of each that fits into the record. */
const SESSION_INDEX_MAX = 512;

/** A notice on record. */
export interface RecordedNotice {
  /** Id of its event. */
  readonly event: string;
  readonly account: string | null;
  /** When it came for the first time. */
  readonly receivedAt: Date;
}

/** Names a notice: the same one from the same source is the same command, however often it arrives. */
export function noticeId({ connection, kind, signalId }: Notice): string {
  return uuidv5(JSON.stringify([connection.id, kind, signalId]), NOTICE_NAMESPACE);
}

/** Writes down what sources say by themselves, and what came of it. */
@Injectable()
export class NoticeRecords {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Records a notice before it takes effect. Idempotent: a repeat answers what was recorded the first time. */
  async received(notice: Notice, account: string | null): Promise<RecordedNotice> {
    const { connection, about, issuer, signalId, keySha256 } = notice;
    const [index = null] = about.sessionIndexes;
    const event: SignalReceived = {
      type: 'SignalReceived',
      data: {
        connection: connection.id,
        connectionVersion: connection.version,
        kind: notice.kind,
        issuer,
        signalId,
        keySha256,
        // a name that belongs to no account has no key to be encrypted under
        subject: account && (about.subject ?? about.known?.value ?? null),
        sessionIndex: index !== null && index.length <= SESSION_INDEX_MAX ? index : null,
        account,
        occurredAt: notice.occurredAt.toISOString(),
        receivedAt: notice.receivedAt.toISOString(),
      },
    };
    const metadata = this.metadata(notice, noticeId(notice));
    const stream = streamName({ category: 'signal', tenant: connection.tenant, id: metadata.commandId });
    const [recorded] = (await appendOnce(this.path, stream, [event], metadata)).events;
    if (!recorded) throw new Error('A notice was recorded without an event.');
    const { account: of, receivedAt } = recorded.data as SignalReceived['data'];
    return { event: recorded.id, account: of, receivedAt: new Date(receivedAt) };
  }

  /** Records that sessions have ended. Idempotent. @returns milliseconds since the notice came, and since what it speaks of */
  async ended(notice: Notice, signal: string, { account, sessions, signIns }: AccountSessions) {
    const effectAt = this.clock.now();
    const sinceOccurredMs = millisecondsBetween(notice.occurredAt, effectAt);
    const sinceReceivedMs = millisecondsBetween(notice.receivedAt, effectAt);
    const { id, tenant } = notice.connection;
    const facts = { account, connection: id, signal, sessions, signIns: signIns && [...signIns] };
    const event: SessionsEnded = {
      type: 'SessionsEnded',
      data: { ...facts, effectAt: effectAt.toISOString(), sinceOccurredMs, sinceReceivedMs },
    };
    const metadata = { ...this.metadata(notice, deriveId(noticeId(notice), `ended ${account}`)), causationId: signal };
    await appendOnce(this.path, streamName({ category: 'signal', tenant, id: metadata.commandId }), [event], metadata);
    return { sinceOccurredMs, sinceReceivedMs };
  }

  /** Metadata of a command that follows from a notice. */
  metadata({ connection, requestId, traceparent }: Notice, commandId: string): CommandMetadata {
    return {
      tenant: connection.tenant,
      actor: { kind: 'connection', id: connection.id },
      commandId,
      commandDigest: '',
      correlationId: requestId,
      ...(traceparent === undefined ? {} : { traceparent }),
      now: this.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    };
  }
}

/** Clocks may disagree: less than nothing counts as nothing. */
const millisecondsBetween = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime());
