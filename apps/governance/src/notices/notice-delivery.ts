import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { accountDecider } from '#libs/domain';
import type { Egress } from '#libs/egress';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import {
  type Mail,
  NoticeDeliveryError,
  type NoticeOutbox,
  noticeText,
  postWebhook,
  type QueuedNotice,
} from '#libs/notices';
import {
  CATALOG,
  describeError,
  EGRESS,
  ENVIRONMENT,
  type Environment,
  SECRET_VALUES,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import type { SecretValues } from '#libs/vault';
import { NoticeRecords } from './notice-records.js';
import { MAIL, NOTICE_OUTBOX } from './notices.tokens.js';

/** Delivers what is due: at least once, each recorded as sent or failed before it is settled. */
@Injectable()
export class NoticeDelivery {
  readonly #log = new Logger('notices');

  constructor(
    @Inject(NOTICE_OUTBOX) private readonly outbox: NoticeOutbox,
    @Inject(MAIL) private readonly mail: Mail | null,
    @Inject(EGRESS) private readonly egress: Egress,
    @Inject(SECRET_VALUES) private readonly secrets: SecretValues,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly records: NoticeRecords,
  ) {}

  /** Tries everything that is due now. One that cannot be written down keeps no other waiting. @returns how many notices that were */
  async deliverDue(): Promise<number> {
    let tried = 0;
    for (let due = await this.outbox.due(); due.length > 0; due = await this.outbox.due()) {
      const results = await Promise.allSettled(due.map((notice) => this.#deliver(notice)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) this.#log.error({ err: describeError(failed.reason) }, 'a notice could not be settled');
      tried += due.length;
    }
    return tried;
  }

  /** The try is counted first: if the sending cannot be written down afterwards, the notice goes out again at its next try, not every second. */
  async #deliver(notice: QueuedNotice): Promise<void> {
    const hasNext = await this.outbox.beginTry(notice);
    const failure = await this.#tryIt(notice);
    if (failure === null) {
      await this.records.sent(notice);
      return this.outbox.sent(notice);
    }
    if (!failure.final && hasNext) return;
    this.#log.warn({ notice: notice.id, channel: notice.channel, code: failure.code }, 'a notice is given up');
    await this.records.failed(notice, failure.code);
    await this.outbox.failed(notice, failure.code);
  }

  async #tryIt(notice: QueuedNotice): Promise<NoticeDeliveryError | null> {
    try {
      await (notice.channel === 'smtp' ? this.#byMail(notice) : this.#byWebhook(notice));
      return null;
    } catch (error) {
      if (error instanceof NoticeDeliveryError) return error;
      this.#log.error({ notice: notice.id, err: describeError(error) }, 'a notice could not be made');
      return new NoticeDeliveryError('unreachable', false, { cause: error });
    }
  }

  async #byMail(notice: QueuedNotice): Promise<void> {
    const { mail, environment } = this;
    if (mail === null) throw new NoticeDeliveryError('no-channel', true);
    const to = await this.#addressOf(notice);
    const timeZone = (await this.catalog.current()).tenant(notice.tenant)?.settings?.timeZone ?? 'UTC';
    await mail.send(to, noticeText(notice, { publicUrl: environment.publicUrl, timeZone }), notice.id);
  }

  /** Looked up when it is needed: an address is nowhere kept for this. */
  async #addressOf({ tenant, recipient }: QueuedNotice): Promise<string> {
    const stream = streamName({ category: 'account', tenant, id: recipient ?? '' });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    const now = this.path.clock.now().toISOString();
    const here = state.exists && state.status === 'active' && (state.expiresAt === null || now < state.expiresAt);
    if (!here || state.mergedInto !== null) throw new NoticeDeliveryError('recipient-gone', true);
    if (state.profile?.email == null) throw new NoticeDeliveryError('no-address', true);
    return state.profile.email;
  }

  async #byWebhook(notice: QueuedNotice): Promise<void> {
    const webhook = (await this.catalog.current()).tenant(notice.tenant)?.settings?.notices.webhook;
    if (!webhook) throw new NoticeDeliveryError('no-channel', true);
    const secret = await this.secrets.get(notice.tenant, webhook.secret);
    await postWebhook(this.egress.fetch, { url: webhook.url, secret }, notice, this.path.clock.now());
  }
}
