import { Inject, Injectable } from '@nestjs/common';
import type { NoticeFailed, NoticeSent } from '#libs/contracts';
import { appendOnce } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import type { NoticeDeliveryError, QueuedNotice } from '#libs/notices';
import { WRITE_PATH, type WritePath } from '#libs/platform';
import { GovernanceCommands } from '../reading/governance-commands.js';

/** Records what became of notices, each as a stream of one event; a repeat after a crash is recognised. */
@Injectable()
export class NoticeRecords {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    private readonly commands: GovernanceCommands,
  ) {}

  /** Somebody took it over. */
  sent(notice: QueuedNotice): Promise<void> {
    return this.#append(notice, { type: 'NoticeSent', data: dataOf(notice) });
  }

  /** It is given up. */
  failed(notice: QueuedNotice, code: NoticeDeliveryError['code']): Promise<void> {
    return this.#append(notice, { type: 'NoticeFailed', data: { ...dataOf(notice), code } });
  }

  async #append(notice: QueuedNotice, event: NoticeSent | NoticeFailed): Promise<void> {
    const stream = streamName({ category: 'notice', tenant: notice.tenant, id: notice.id });
    await appendOnce(this.path, stream, [event], this.commands.byItself(notice.tenant, ['notice', notice.id]));
  }
}

const dataOf = ({ id, kind, channel, recipient, about, attempts }: QueuedNotice): NoticeSent['data'] => ({
  notice: id,
  kind,
  channel,
  recipient,
  about,
  attempts: attempts + 1,
});
