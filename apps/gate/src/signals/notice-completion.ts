import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { SignalReceived } from '#libs/contracts';
import { readHistory } from '#libs/event-store';
import type { AssertionReplays } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { ASSERTION_REPLAYS, CATALOG, describeError, WRITE_PATH, type WritePath } from '#libs/platform';
import { type KnownConnection, known } from '../settings/known-connection.js';
import type { Notice } from './notice.js';
import { DELIVERY, Notices } from './notices.js';

/** How often it is looked for notices without an end, in milliseconds. */
const EVERY_MS = 60_000;
/** How long a notice may be under way before it counts as left behind, in milliseconds. */
const LEFT_BEHIND_AFTER_MS = 60_000;

/** Brings notices to their end that are on record and whose process died, without waiting for their source to deliver them again. */
@Injectable()
export class NoticeCompletion implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(NoticeCompletion.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly notices: Notices,
    @Inject(ASSERTION_REPLAYS) private readonly replays: AssertionReplays,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  onApplicationBootstrap(): void {
    const look = () => {
      this.running = this.running
        .then(() => this.completeAll())
        .catch((error: unknown) =>
          this.log.warn({ err: describeError(error) }, 'notices were not brought to their end'),
        );
    };
    look();
    this.timer = setInterval(look, EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** One look. Idempotent, whoever else looks at the same time. One that was never recorded has changed nothing, and waits for its source. */
  async completeAll(): Promise<void> {
    for (const { connection: id, commandId } of await this.replays.unfinished(DELIVERY)) {
      const connection = known((await this.catalog.current()).connection(id));
      if (!connection) continue;
      const stream = streamName({ category: 'signal', tenant: connection.tenant, id: commandId });
      const [received] = (await readHistory(this.path, stream)).events;
      if (!received) continue;
      const notice = noticeOf(connection, received.data as SignalReceived['data'], received.metadata.correlationId);
      const age = this.path.clock.now().getTime() - notice.receivedAt.getTime();
      if (age < LEFT_BEHIND_AFTER_MS) continue;
      // one that cannot be completed now keeps no other waiting
      await this.notices.complete(notice).catch((error: unknown) => {
        this.log.warn({ signal: received.id, err: describeError(error) }, 'a notice was not brought to its end');
      });
    }
  }
}

/** What is on record of a notice. Of several sessions only the first is: then all that the person has by the connection are meant. */
function noticeOf(connection: KnownConnection, data: SignalReceived['data'], requestId: string): Notice {
  const { kind, issuer, signalId, keySha256, account, sessionIndex } = data;
  const receivedAt = new Date(data.receivedAt);
  const one = sessionIndex === null || kind === 'saml-logout' ? [] : [sessionIndex];
  return {
    connection,
    kind,
    issuer,
    signalId,
    keySha256,
    about: { subject: null, sessionIndexes: one, known: null, account },
    begunBy: receivedAt,
    occurredAt: new Date(data.occurredAt),
    receivedAt,
    replayableUntil: receivedAt.toISOString(),
    requestId,
  };
}
