import { Inject, Injectable } from '@nestjs/common';
import { type AccountSessions, AssertionReplayedError, type AssertionReplays, type Sessions } from '#libs/identity';
import { ASSERTION_REPLAYS, SESSIONS, SignalMetrics } from '#libs/platform';
import { AccountNotices } from './account-notices.js';
import type { Notice } from './notice.js';
import { NoticeRecords, noticeId, type RecordedNotice } from './notice-records.js';
import { NoticedPeople, sessionsOf } from './noticed-people.js';

/** In place of a browser's transaction: whoever brings a notice again may bring it to its end, not begin it anew. */
export const DELIVERY = 'notice';

/**
 * Takes what sources say by themselves: written down first, then done, and written down as done. A notice takes effect once; one whose
 * process died on the way is brought to its end by its next delivery, or a minute later.
 */
@Injectable()
export class Notices {
  constructor(
    private readonly records: NoticeRecords,
    private readonly people: NoticedPeople,
    private readonly accounts: AccountNotices,
    private readonly metrics: SignalMetrics,
    @Inject(SESSIONS) private readonly sessions: Sessions,
    @Inject(ASSERTION_REPLAYS) private readonly replays: AssertionReplays,
  ) {}

  /** @throws {AssertionReplayedError} when it has taken effect before */
  async take(notice: Notice): Promise<void> {
    const use = useOf(notice);
    const begun = await this.replays.begin({
      ...use,
      commandId: noticeId(notice),
      transactionId: DELIVERY,
      expiresAt: notice.replayableUntil,
    });
    const recorded = await this.records.received(notice, await this.people.accountOf(notice));
    await this.#carryOut(notice, recorded, begun === 'resume');
  }

  /** Brings a notice to its end that is on record. Idempotent. */
  async complete(notice: Notice): Promise<void> {
    await this.#carryOut(notice, await this.records.received(notice, notice.about.account ?? null), true);
  }

  async #carryOut(notice: Notice, recorded: RecordedNotice, resumed: boolean): Promise<void> {
    await this.accounts.apply(notice, recorded);
    const begunBy = earlierOf(notice.begunBy, recorded.receivedAt);
    for (const ended of await this.#endSessions({ ...notice, begunBy }, recorded.account, resumed)) {
      const { sinceOccurredMs, sinceReceivedMs } = await this.records.ended(notice, recorded.event, ended);
      this.metrics.sessionsEnded(notice.kind, sinceOccurredMs / 1000, sinceReceivedMs / 1000);
    }
    await this.replays.finish(useOf(notice));
  }

  /** The same for sources that deliver again until they are answered: what has taken effect before is taken, and nothing follows. */
  async takeAgain(notice: Notice): Promise<void> {
    await this.take(notice).catch((error: unknown) => {
      if (!(error instanceof AssertionReplayedError)) throw error;
    });
  }

  /**
   * Whoever is meant as a whole is said to be out even without a session here, since applications may hold tokens of theirs; likewise where
   * an earlier delivery may have ended sessions without coming so far as to say so. Only of sessions that were named, and have just ended, is
   * it known from which sign-ins they came; else everything that the person has by the connection ends with them.
   */
  async #endSessions(notice: Notice, account: string | null, resumed: boolean): Promise<readonly AccountSessions[]> {
    if (notice.kind === 'account-enabled') return [];
    const named = sessionsOf(notice, account);
    const ended = named ? await this.sessions.endNamed(named) : [];
    const whole = notice.about.sessionIndexes.length === 0;
    const told = whole || resumed ? ended.map((each) => ({ ...each, signIns: null })) : ended;
    const said = account === null || ended.some((each) => each.account === account);
    return account === null || said || !(whole || resumed) ? told : [...told, { account, sessions: 0, signIns: null }];
  }
}

const useOf = ({ connection, kind, signalId }: Notice) => ({
  connection: connection.id,
  assertionId: `${kind} ${signalId}`,
});

/** Whoever signs in again after a notice came is not meant by it, however late it takes effect. */
const earlierOf = (begunBy: Date | null, receivedAt: Date): Date =>
  begunBy !== null && begunBy < receivedAt ? begunBy : receivedAt;
