import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ChangeHeld } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import { CLOCK, type Clock, DATABASE } from '#libs/platform';
import { grantsInScope } from '#libs/read-model';
import { NoticeQueue } from '../notices/notice-queue.js';
import { PeopleBehind } from '../people/people-behind.js';
import { EventSteps } from '../reading/event-steps.js';

/** The role of those who may approve. */
const ADMIN = 'gatebook.admin';

/** Most administrators that are told of one change. */
const TOLD_MAX = 50;

/** Tells administrators that a change waits for one of them. */
@Injectable()
export class ChangesStep implements OnModuleInit {
  constructor(
    private readonly steps: EventSteps,
    private readonly notices: NoticeQueue,
    private readonly behind: PeopleBehind,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const handle = (event: SealedEvent) => this.#tell(event as SealedEvent & ChangeHeld);
    this.steps.add({ name: 'change-notices', types: ['ChangeHeld'], handle });
  }

  async #tell({ id: occasion, tenant, position: knownAt, data }: SealedEvent & ChangeHeld): Promise<void> {
    const now = this.clock.now().toISOString();
    const grants = await grantsInScope(this.database, { tenant, knownAt, now, roles: [ADMIN], limit: TOLD_MAX });
    const askers = await this.behind.accountsOf(tenant, [data.requestedBy]);
    const others = new Set(grants.map(({ account }) => account).filter((account) => !askers.has(account)));
    const about = { noun: 'change' as const, id: data.change, items: 1 };
    const wanted = { tenant, kind: 'change-held' as const, about, dueAt: data.validUntil, occasion };
    await this.notices.add([...others].map((recipient) => ({ ...wanted, recipient })));
  }
}
