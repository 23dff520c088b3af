import { Injectable } from '@nestjs/common';
import type { FindingState } from '#libs/domain';
import type { Outcome } from '#libs/event-store';
import { NoticeQueue } from '../notices/notice-queue.js';

/** Tells people that they answer for something new: one notice for all that one run, or one event, brought them. */
@Injectable()
export class FindingNotices {
  constructor(private readonly notices: NoticeQueue) {}

  /**
   * @param outcomes what raising came to; where nothing was raised nobody is told
   * @param occasion names the run or the event: repeated, nobody is told again
   */
  async tell(tenant: string, outcomes: readonly Outcome<FindingState>[], occasion: string): Promise<void> {
    const raised = outcomes.filter(({ events }) => events.length > 0).map(({ state }) => state);
    const byOwner = Map.groupBy(raised, ({ owner }) => owner);
    const wanted = [...byOwner].flatMap(([recipient, found]) => {
      const [id] = found.map((finding) => finding.id).sort();
      if (recipient === null || id === undefined) return [];
      const about = { noun: 'finding', id, items: found.length } as const;
      return [{ tenant, kind: 'finding-owned' as const, recipient, about, dueAt: null, occasion }];
    });
    if (wanted.length > 0) await this.notices.add(wanted);
  }
}
