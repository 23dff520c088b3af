import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { type ConformancePolicy, type SignedIn } from '#libs/contracts';
import { type ConformanceFacts, requirementsUnmet } from '#libs/domain';
import type { RecordedEvent } from '#libs/kernel';
import { CATALOG } from '#libs/platform';
import { ConformanceFactsReader } from '../findings/conformance-facts.js';
import type { Stint } from '../reading/stint.js';
import type { AskedWhatIf, Ending } from './asked-what-if.js';
import { RecordedDays } from './recorded-days.js';
import type { Tally } from './tally.js';

/** Which recorded events would not meet what a policy asks of them. */
@Injectable()
export class ConformanceWhatIf {
  constructor(
    private readonly days: RecordedDays,
    private readonly facts: ConformanceFactsReader,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  async of(settings: ConformancePolicy, asked: AskedWhatIf, stint: Stint, tally: Tally): Promise<Ending> {
    const which = { part: 'events', types: new Set([settings.event]), connection: null };
    for await (const { events, through } of this.days.events(asked, which)) {
      for (const event of events) {
        await stint.breathe();
        tally.count('eventsLookedAt');
        const unmet = requirementsUnmet(settings, await this.#factsOf(event, settings));
        if (unmet.length === 0) continue;
        tally.count('eventsNotConforming');
        const { account = null } = event.data as { readonly account?: string | null };
        tally.signIn({ event: event.id, at: event.recordedAt, account, unmet });
      }
      if (stint.isOver()) return { part: 'events', at: String(through) };
    }
    return 'done';
  }

  /** What is asked of a sign-in itself needs nobody's profile. */
  #factsOf(event: RecordedEvent, { require }: ConformancePolicy): Promise<ConformanceFacts> {
    if (event.type !== 'SignedIn' || require.some((requirement) => 'attribute' in requirement))
      return this.facts.of(event);
    const { connection, proof } = event.data as SignedIn['data'];
    const { authenticationContexts = {} } = this.catalog.lastRead().connection(connection)?.settings ?? {};
    const authentication = { context: proof.authnContext, methods: proof.amr };
    return Promise.resolve({ data: event.data, authentication, authenticationContexts, profile: null });
  }
}
