import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { InTenant } from '#libs/catalog';
import { EVENT_ENTRIES } from '#libs/contracts';
import type { Database } from '#libs/database';
import { type PolicyState, policyDecider, requirementsUnmet } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { fold, type RecordedEvent, type SealedEvent, streamName } from '#libs/kernel';
import { DATABASE, WRITE_PATH, type WritePath } from '#libs/platform';
import { findLastEvent } from '#libs/read-model';
import { EventSteps } from '../reading/event-steps.js';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { type Candidate, findingIdOf } from './candidate.js';
import { ConformanceFactsReader } from './conformance-facts.js';
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
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  onModuleInit(): void {
    this.steps.add({ name: 'conformance', types: TYPES, handle: (event) => this.handle(event) });
  }

  async handle(event: SealedEvent): Promise<void> {
    for (const watch of await this.#watches(event)) await this.#compare(event, watch);
  }

  /** What is asked of the event, as it was asked when it was recorded. */
  async #watches(event: RecordedEvent): Promise<Watch[]> {
    const policies = (await this.settings.of(event))
      .policies(event.tenant)
      .filter(({ settings }) => settings?.kind === 'conformance');
    const then = await Promise.all(policies.map((policy) => this.#asOf(policy, event.recordedAt)));
    return then
      .filter(({ enabled }) => enabled)
      .flatMap(watchOf)
      .filter(({ conformance }) => conformance?.event === event.type);
  }

  /**
   * Events of one account come in any order, since many streams are followed at once: the last one has the last word, whichever was handled last.
   * What did not meet the policy is recorded in any case.
   */
  async #compare(event: SealedEvent, watch: Watch): Promise<void> {
    const account = accountOf(event);
    const unmet = await this.#unmet(event, watch);
    if (unmet.length === 0 && (account === undefined || (await this.#lastAfter(event, account)))) return;
    await this.#record(event, watch, unmet, event);
    const last = await this.#lastAfter(event, account); // also where it came meanwhile
    const [again] = last ? (await this.#watches(last)).filter(({ policy }) => policy?.id === watch.policy?.id) : [];
    if (!last || !again) return;
    await this.#record(last, again, await this.#unmet(last, again), event);
  }

  async #unmet(event: RecordedEvent, { conformance }: Watch): Promise<string[]> {
    return conformance === null ? [] : requirementsUnmet(conformance, await this.facts.of(event));
  }

  /** Raises or resolves the finding of an event. @param because the event whose turn it is */
  async #record(event: RecordedEvent, watch: Watch, unmet: readonly string[], because: SealedEvent): Promise<void> {
    const candidate = candidateOf(event, accountOf(event), unmet);
    const finding = findingIdOf(watch, candidate);
    const metadata = this.commands.because(because, because.id === event.id ? finding : `${finding} ${event.id}`);
    if (unmet.length === 0) await this.records.resolveIfKnown(metadata, finding, event.id);
    else await this.records.raise(watch, candidate, metadata);
  }

  /** The last event of the type on the same account, where that is a later one. */
  async #lastAfter(
    { tenant, type, position }: SealedEvent,
    account: string | undefined,
  ): Promise<RecordedEvent | null> {
    if (account === undefined) return null;
    const last = await findLastEvent(this.database, { tenant, account, type, after: position });
    if (last === null) return null;
    const { events } = await readHistory(this.path, last.stream);
    return events.find(({ id }) => id === last.event) ?? null;
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
function candidateOf({ id, type }: RecordedEvent, account: string | undefined, unmet: readonly string[]): Candidate {
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

function accountOf({ data }: RecordedEvent): string | undefined {
  const { account } = data as { readonly account?: string | null };
  return account ?? undefined;
}
