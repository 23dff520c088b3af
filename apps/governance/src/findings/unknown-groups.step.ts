import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { SignedIn } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import { CLOCK, type Clock, DATABASE } from '#libs/platform';
import { EventSteps } from '../reading/event-steps.js';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { findingIdOf } from './candidate.js';
import { FindingRecords } from './finding-records.js';
import { unknownGroupsOf } from './looking/unknown-groups.js';
import { SettingsAtEvent } from './settings-at-event.js';
import { watchesOf } from './watches.js';

/** Knows with the fifth sign-in in a row that somebody's groups stay unknown, and with the first that tells them that they do not. */
@Injectable()
export class UnknownGroupsStep implements OnModuleInit {
  constructor(
    private readonly steps: EventSteps,
    private readonly records: FindingRecords,
    private readonly commands: GovernanceCommands,
    private readonly settings: SettingsAtEvent,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.steps.add({ name: 'unknown-groups', types: ['SignedIn'], handle: (event) => this.handle(event) });
  }

  async handle(event: SealedEvent): Promise<void> {
    const { tenant, id } = event;
    const { account, connection, groups } = event.data as SignedIn['data'];
    const now = this.clock.now().toISOString();
    const { database } = this;
    const watches = watchesOf(await this.settings.of(event), tenant);
    for (const watch of watches.filter(({ kind }) => kind === 'unknownGroups')) {
      const found = await unknownGroupsOf({ database, now }, watch, [account]);
      for (const candidate of groups === 'known' ? [] : found) {
        const metadata = this.commands.because(event, findingIdOf(watch, candidate));
        await this.records.raise(watch, candidate, metadata);
      }
      // sign-ins come in any order: what counts is whether they are unknown by the last ones
      if (groups === 'known' && !found.some((run) => run.connection === connection)) {
        const finding = findingIdOf(watch, { code: 'groups-unknown', account, connection });
        await this.records.resolveIfKnown(this.commands.because(event, finding), finding, id);
      }
    }
  }
}
