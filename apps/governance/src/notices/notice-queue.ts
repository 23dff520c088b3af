import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { Catalog } from '#libs/catalog';
import { type Notice, type NoticeKind, type NoticeOutbox, type NoticeSubject } from '#libs/notices';
import { CATALOG, ENVIRONMENT, type Environment } from '#libs/platform';
import { NOTICE_OUTBOX } from './notices.tokens.js';

/** Namespace of the ids of notices (a random uuid, fixed for good). */
const NOTICES = 'c3f7a0de-6d0a-4b0e-8b2d-7b1b4a0f5e63';

/** Somebody must be told of something. */
export interface WantedNotice {
  readonly tenant: string;
  readonly kind: NoticeKind;
  /** The account that is told. */
  readonly recipient: string;
  readonly about: NoticeSubject;
  /** Until when something has to be done; null where nothing runs out. */
  readonly dueAt: string | null;
  /** What tells notices of one kind about one thing to one account apart, such as the stage and the deadline reminded of. */
  readonly occasion: string;
}

/** Puts notices on their way: to the mailbox of whom they are for, and to the tenant's webhook. Idempotent. */
@Injectable()
export class NoticeQueue {
  constructor(
    @Inject(NOTICE_OUTBOX) private readonly outbox: NoticeOutbox,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** Queues what has to be told. Without a mail server nobody gets mail, and nothing waits for one. */
  async add(wanted: readonly WantedNotice[]): Promise<void> {
    const view = wanted.length > 0 ? await this.catalog.current() : null;
    const byMail = this.environment.mail === null ? [] : wanted.map((notice) => queued(notice, 'smtp'));
    const byWebhook = wanted
      .filter(({ tenant }) => view?.tenant(tenant)?.settings?.notices.webhook)
      .map((notice) => queued(notice, 'webhook'));
    await this.outbox.add([...byMail, ...byWebhook]);
  }

  /** Accounts that were told of something: when the mail server took over the last notice of each kind, ISO-8601 UTC. */
  told(tenant: string, about: string): Promise<ReadonlyMap<string, ReadonlyMap<NoticeKind, string>>> {
    return this.outbox.told(tenant, about);
  }
}

function queued(wanted: WantedNotice, channel: Notice['channel']): Notice {
  const { tenant, kind, recipient, about, dueAt, occasion } = wanted;
  return {
    id: uuidv5(JSON.stringify([tenant, kind, about.id, recipient, occasion, channel]), NOTICES),
    tenant,
    kind,
    channel,
    recipient: channel === 'smtp' ? recipient : null,
    about,
    dueAt,
  };
}
