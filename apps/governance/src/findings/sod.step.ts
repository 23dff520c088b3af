import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { SealedEvent } from '#libs/kernel';
import { EventSteps } from '../reading/event-steps.js';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { SettingsAtEvent } from './settings-at-event.js';
import { SodViolations } from './sod-violations.js';
import { type Watch, watchesOf } from './watches.js';

/** Events that change what an account holds, or may hold. */
const TYPES = [
  'RolesAssigned',
  'AccessRevoked',
  'GrantsReduced',
  'UserDeactivated',
  'UserReactivated',
  'SodExceptionGranted',
  'SodExceptionEnded',
] as const;

interface Concerned {
  readonly account: string;
  readonly grants?: readonly { readonly role: string }[];
  readonly policy?: string;
}

/** Looks at an account when what it holds changes: violations are known at once. */
@Injectable()
export class SodStep implements OnModuleInit {
  constructor(
    private readonly steps: EventSteps,
    private readonly violations: SodViolations,
    private readonly commands: GovernanceCommands,
    private readonly settings: SettingsAtEvent,
  ) {}

  onModuleInit(): void {
    this.steps.add({ name: 'sod', types: TYPES, handle: (event) => this.handle(event) });
  }

  async handle(event: SealedEvent): Promise<void> {
    const data = event.data as Concerned;
    const watches = watchesOf(await this.settings.of(event), event.tenant).filter((watch) => concerns(watch, data));
    const metadataFor = (what: string) => this.commands.because(event, what);
    await this.violations.look(data.account, watches, metadataFor, event.id);
  }
}

function concerns({ sod, policy }: Watch, data: Concerned): boolean {
  if (sod === null || (data.policy !== undefined && data.policy !== policy?.id)) return false;
  return data.grants === undefined || data.grants.some(({ role }) => sod.roles.some((set) => set.includes(role)));
}
