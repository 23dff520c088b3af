import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { SecondPerson } from '#libs/configuration';
import type { Database } from '#libs/database';
import { parseStreamName, type SealedEvent } from '#libs/kernel';
import { DATABASE } from '#libs/platform';
import { findEventPlaces } from '#libs/read-model';
import { EventSteps } from '../reading/event-steps.js';

/** Facts that somebody may have had to wait for. */
const TYPES = [
  'ConnectionRegistered',
  'ConnectionChanged',
  'ConnectionEnabled',
  'ConnectionRemoved',
  'RoleDefined',
  'RoleChanged',
  'RoleRetired',
  'PolicyDefined',
  'PolicyChanged',
  'PolicyEnabled',
  'PolicyDisabled',
  'PolicyRemoved',
];

/** Sees to it that no change passes the second person unrecorded: whoever makes one at once records that afterwards, and may die before. */
@Injectable()
export class MadeAtOnceStep implements OnModuleInit {
  constructor(
    private readonly steps: EventSteps,
    private readonly second: SecondPerson,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  onModuleInit(): void {
    this.steps.add({ name: 'made-at-once', types: TYPES, handle: (event) => this.#look(event) });
  }

  async #look(event: SealedEvent): Promise<void> {
    if (!(await this.#wasApproved(event))) await this.second.recordIfMissed(event);
  }

  async #wasApproved({ metadata }: SealedEvent): Promise<boolean> {
    if (metadata.causationId === undefined) return false;
    const [cause] = await findEventPlaces(this.database, [metadata.causationId]);
    return cause !== undefined && parseStreamName(cause.stream).category === 'heldChange';
  }
}
