import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ElevationEvent, RolesAssigned } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import type { NoticeKind } from '#libs/notices';
import { WRITE_PATH, type WritePath } from '#libs/platform';
import { NoticeQueue } from '../notices/notice-queue.js';
import { EventSteps } from '../reading/event-steps.js';
import { ElevationSettling } from './elevation-settling.js';
import { readElevation } from './elevation-stream.js';

const PREFIX = 'elevation:';

/** What follows from events about elevations: those who must know are told, and a grant that came too late ends. */
@Injectable()
export class ElevationSteps implements OnModuleInit {
  constructor(
    private readonly steps: EventSteps,
    private readonly settling: ElevationSettling,
    private readonly notices: NoticeQueue,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  onModuleInit(): void {
    this.steps.add({
      name: 'elevation-grants',
      types: ['RolesAssigned'],
      handle: (event) => this.#lookAtGrants(event, event.data as RolesAssigned['data']),
    });
    this.steps.add({
      name: 'elevation-notices',
      types: ['ElevationRequested', 'ElevationApproved', 'ElevationRefused'],
      handle: (event) => this.#tell(event as SealedEvent & ElevationEvent),
    });
  }

  /** An elevation may have been ended in the instant in which its grant was given, by a process that died right then. */
  async #lookAtGrants({ tenant }: SealedEvent, { grants }: RolesAssigned['data']): Promise<void> {
    for (const { source } of grants) {
      if (source.kind !== 'elevation' || !source.actor?.startsWith(PREFIX)) continue;
      const id = source.actor.slice(PREFIX.length);
      const { state } = await readElevation(this.path, tenant, id);
      if (state.status === 'ended' || state.status === 'refused') await this.settling.settle(tenant, id);
    }
  }

  async #tell(event: SealedEvent & ElevationEvent): Promise<void> {
    if (event.type === 'ElevationRequested') {
      const { approvers, validUntil, breakGlass } = event.data;
      if (!breakGlass) await this.#add(event, 'elevation-requested', approvers, validUntil);
    } else if (event.type === 'ElevationRefused' || (event.type === 'ElevationApproved' && event.data.complete)) {
      const { state } = await readElevation(this.path, event.tenant, event.data.elevation);
      const concerned = [state.account, state.requestedBy].filter((account) => account !== null);
      await this.#add(event, 'elevation-decided', [...new Set(concerned)], null);
    }
  }

  #add(
    { tenant, id: occasion, data }: SealedEvent & ElevationEvent,
    kind: NoticeKind,
    recipients: readonly string[],
    dueAt: string | null,
  ): Promise<void> {
    const about = { noun: 'elevation' as const, id: data.elevation, items: 1 };
    return this.notices.add(recipients.map((recipient) => ({ tenant, kind, recipient, about, dueAt, occasion })));
  }
}
