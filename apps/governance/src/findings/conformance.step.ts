import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { InTenant } from '#libs/catalog';
import { EVENT_ENTRIES } from '#libs/contracts';
import { type PolicyState, policyDecider, requirementsUnmet } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { fold, type SealedEvent, streamName } from '#libs/kernel';
import { WRITE_PATH, type WritePath } from '#libs/platform';
import { EventSteps } from '../reading/event-steps.js';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { type Candidate, findingIdOf } from './candidate.js';
import { ConformanceFactsReader } from './conformance-facts.js';
import { FindingNotices } from './finding-notices.js';
import { FindingRecords } from './finding-records.js';
import { SettingsAtEvent } from './settings-at-event.js';
import { type Watch, watchOf } from './watches.js';

const CATEGORIES: ReadonlySet<string> = new Set(['account', 'signIn', 'signInRefusal', 'signOut', 'signal']);

/** Events on accounts and sign-ins, of which conformance policies may ask something. */
const TYPES = EVENT_ENTRIES.filter(({ category }) => CATEGORIES.has(category)).map(({ type }) => type);

/** Compares events with what conformance policies, as they stood when it happened, ask of them. */
@Injectable()
export class ConformanceStep implements OnModuleInit {
  constructor(
    private readonly steps: EventSteps,
    private readonly facts: ConformanceFactsReader,
    private readonly records: FindingRecords,
    private readonly commands: GovernanceCommands,
    private readonly settings: SettingsAtEvent,
    private readonly notices: FindingNotices,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  onModuleInit(): void {
    this.steps.add({ name: 'conformance', types: TYPES, handle: (event) => this.handle(event) });
  }

  async handle(event: SealedEvent): Promise<void> {
    const policies = (await this.settings.of(event))
      .policies(event.tenant)
      .filter(({ settings }) => settings?.kind === 'conformance');
    for (const policy of policies) {
      const then = await this.#asOf(policy, event.recordedAt);
      for (const watch of then.enabled ? watchOf(then) : [])
        if (watch.conformance?.event === event.type) await this.#compare(event, watch);
    }
  }

  async #compare(event: SealedEvent, watch: Watch): Promise<void> {
    if (watch.conformance === null) return;
    const account = accountOf(event);
    const unmet = requirementsUnmet(watch.conformance, await this.facts.of(event));
    const candidate = candidateOf(event, account, unmet);
    const finding = findingIdOf(watch, candidate);
    const metadata = this.commands.because(event, finding);
    if (unmet.length > 0)
      await this.notices.tell(event.tenant, [await this.records.raise(watch, candidate, metadata)], event.id);
    else if (account !== undefined) await this.records.resolveIfKnown(metadata, finding, event.id);
  }

  /** What was asked when the event was recorded, also where the policy has changed since. */
  async #asOf(policy: InTenant<PolicyState>, at: string): Promise<InTenant<PolicyState>> {
    if (policy.since <= at) return policy;
    const { tenant, id } = policy;
    const { events } = await readHistory(this.path, streamName({ category: 'policy', tenant, id }));
    return {
      ...fold(
        policyDecider,
        events.filter(({ recordedAt }) => recordedAt <= at),
      ),
      tenant,
    };
  }
}

/** Of an account there is one finding for each policy; of what concerns no account, one for each event. */
function candidateOf({ id, type }: SealedEvent, account: string | undefined, unmet: readonly string[]): Candidate {
  const details = {
    eventType: type,
    ...Object.fromEntries(unmet.map((what, index) => [`unmet.${index}`, what.slice(0, 300)])),
  };
  return {
    code: 'requirement-unmet',
    event: id,
    details,
    ...(account === undefined ? { about: id } : { account }),
  };
}

function accountOf({ data }: SealedEvent): string | undefined {
  const { account } = data as { readonly account?: string | null };
  return account ?? undefined;
}
