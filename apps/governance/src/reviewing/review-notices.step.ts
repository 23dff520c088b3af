import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { AccessReviewClosed, AccessReviewPopulated, ReviewItemAssigned } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import { DATABASE } from '#libs/platform';
import { findReviewItems } from '#libs/read-model';
import { NoticeQueue, type WantedNotice } from '../notices/notice-queue.js';
import { EventSteps } from '../reading/event-steps.js';
import { Principals } from '../reading/principals.js';
import { ItemQuestions } from './item-questions.js';

/** Items of one page. */
const PAGE_ITEMS = 1_000;

type Cause = SealedEvent & (AccessReviewPopulated | AccessReviewClosed | ReviewItemAssigned);

/** Tells people what waits for them: each once for a whole review, however many items it has. */
@Injectable()
export class ReviewNoticesStep implements OnModuleInit {
  constructor(
    private readonly steps: EventSteps,
    private readonly notices: NoticeQueue,
    private readonly questions: ItemQuestions,
    private readonly principals: Principals,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  onModuleInit(): void {
    const types = ['AccessReviewPopulated', 'AccessReviewClosed', 'ReviewItemAssigned'];
    this.steps.add({ name: 'review-notices', types, handle: (event) => this.#handle(event as Cause) });
  }

  #handle(event: Cause): Promise<void> {
    switch (event.type) {
      case 'AccessReviewPopulated':
        return this.#populated(event.tenant, event.data.review);
      case 'ReviewItemAssigned':
        return this.#assigned(event);
      case 'AccessReviewClosed':
        return this.#closed(event.tenant, event.data.review);
    }
  }

  async #populated(tenant: string, review: string): Promise<void> {
    const waiting = new Map<string, { items: number; dueAt: Date }>();
    let after: number | undefined;
    do {
      const query = { tenant, review, status: ['open'], limit: PAGE_ITEMS, ...(after === undefined ? {} : { after }) };
      const { items, more } = await findReviewItems(this.database, query);
      for (const { reviewers, stageDueAt } of items)
        for (const reviewer of reviewers)
          waiting.set(reviewer, { items: (waiting.get(reviewer)?.items ?? 0) + 1, dueAt: stageDueAt });
      after = more ? items.at(-1)?.openedPosition : undefined;
    } while (after !== undefined);
    const wanted = [...waiting].map(([recipient, { items, dueAt }]): WantedNotice => {
      const about = { noun: 'review', id: review, items } as const;
      return { tenant, kind: 'review-items', recipient, about, dueAt: dueAt.toISOString(), occasion: '0' };
    });
    await this.notices.add(wanted);
  }

  /**
   * Whoever is asked later is told once for each stage of the review, and once in a day of what is put again or comes to them from others;
   * those who are asked as well because time runs out were told so.
   */
  async #assigned({ tenant, data, recordedAt }: SealedEvent & ReviewItemAssigned): Promise<void> {
    const { review, reviewers, stage, stageDueAt, why } = data;
    if (why === 'escalated') return;
    const occasion = why === 'next-stage' ? `${stage}` : `${stage}/${recordedAt.slice(0, 'yyyy-mm-dd'.length)}`;
    const wanted = reviewers.map((recipient): WantedNotice => {
      const about = { noun: 'review', id: review, items: 1 } as const;
      return { tenant, kind: 'review-items', recipient, about, dueAt: stageDueAt, occasion };
    });
    await this.notices.add(wanted);
  }

  /** Whoever has to sign it off. */
  async #closed(tenant: string, review: string): Promise<void> {
    const { terms } = await this.questions.review(tenant, review);
    const recipient = await this.principals.find(tenant, terms.signOff);
    if (recipient === null) return;
    const about = { noun: 'review', id: review, items: 0 } as const;
    await this.notices.add([{ tenant, kind: 'review-closed', recipient, about, dueAt: null, occasion: 'closed' }]);
  }
}
