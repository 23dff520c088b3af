import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { AccountSource } from '#libs/contracts';
import {
  type AccountCommand,
  AccountMergedError,
  AccountStatusError,
  accountDecider,
  ReactivationNotAllowedError,
  ReactivationOutdatedError,
} from '#libs/domain';
import { decideAndAppend, deriveId } from '#libs/event-store';
import type { AccessEpochs } from '#libs/identity';
import { durationMs, streamName } from '#libs/kernel';
import { ACCESS_EPOCHS, CATALOG, RevocationMetrics, WRITE_PATH, type WritePath } from '#libs/platform';
import type { Notice } from './notice.js';
import { NoticeRecords, noticeId, type RecordedNotice } from './notice-records.js';

/** How long a suspended account's grants can be restored where the tenant does not say. */
const RESTORE_WITHIN = 'P30D';

/** What notices about whole accounts come to, where the connection lets them: the source suspends, and lets count again what it suspended. */
@Injectable()
export class AccountNotices {
  constructor(
    private readonly records: NoticeRecords,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(ACCESS_EPOCHS) private readonly epochs: AccessEpochs,
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly revocations: RevocationMetrics,
  ) {}

  /** Idempotent. Hints, and notices about nobody who is known, change no account. */
  async apply(notice: Notice, { account, event }: RecordedNotice): Promise<void> {
    const decision = account === null || notice.keySha256 === null ? null : this.#decisionOn(notice);
    if (account === null || decision === null) return;
    const { tenant } = notice.connection;
    const commandId = deriveId(noticeId(notice), decision.type);
    const metadata = { ...this.records.metadata(notice, commandId), causationId: event };
    const stream = streamName({ category: 'account', tenant, id: account });
    const command = { ...decision, metadata } as AccountCommand;
    const outcome = await decideAndAppend(this.path, stream, accountDecider, command).catch(unlessSoAlready);
    if (!outcome) return;
    await this.epochs.raiseIfReduced({ tenant, account }, outcome.events);
    this.revocations.sessionsEnded(outcome, notice.receivedAt.toISOString(), this.path.clock.now());
  }

  #decisionOn(notice: Notice): Pick<AccountCommand, 'type' | 'data'> | null {
    const { connection, kind } = notice;
    const { onAccountDisabled } = connection.settings.signals ?? { onAccountDisabled: 'endSessions' };
    const source = sourceOf(notice);
    const occurredAt = notice.occurredAt.toISOString();
    const reason = `The source says: ${kind}.`;
    switch (kind) {
      case 'account-disabled':
      case 'account-purged':
        return onAccountDisabled === 'deactivate' ? { type: 'Deactivate', data: { source, reason, occurredAt } } : null;
      case 'account-enabled': {
        const settings = this.catalog.lastRead().tenant(connection.tenant)?.settings;
        const restoreWithinMs = durationMs(settings?.reactivation.restoreWithin ?? RESTORE_WITHIN);
        return { type: 'Reactivate', data: { source, restoreWithinMs, reason, occurredAt } };
      }
      default:
        return null;
    }
  }
}

function sourceOf({ connection: { id, version, settings }, issuer }: Notice): AccountSource {
  return { kind: 'signal', connection: id, connectionVersion: version, protocol: settings.protocol, issuer };
}

/** The account is so already, has become part of another, or was suspended by somebody else, who alone may take that back, or later than that. */
const NOTHING_TO_DO = [
  AccountStatusError,
  AccountMergedError,
  ReactivationNotAllowedError,
  ReactivationOutdatedError,
] as const;

function unlessSoAlready(error: unknown): null {
  if (NOTHING_TO_DO.some((nothing) => error instanceof nothing)) return null;
  throw error;
}
