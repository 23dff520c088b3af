import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, CatalogView, InTenant } from '#libs/catalog';
import type { ReviewPolicy } from '#libs/contracts';
import type { Database } from '#libs/database';
import { lastOccurrence, type PolicyState } from '#libs/domain';
import { CATALOG, CLOCK, type Clock, DATABASE } from '#libs/platform';
import { findAccessReviews } from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { ReadModelPlace } from '../reading/read-model-place.js';
import { Attempts } from './attempts.js';
import { reviewId } from './review-ids.js';
import { ReviewOpening } from './review-opening.js';

/** Reviews of one page when the last one of a policy is looked for. */
const PAGE_REVIEWS = 200;

type Scheduled = InTenant<PolicyState> & { readonly settings: ReviewPolicy & { readonly schedule: string } };

/** Opens the reviews that are due by the clock: of missed occurrences only the latest, and each once. */
@Injectable()
export class ReviewSchedule {
  /** Per policy and version, when its schedule was last acted upon. */
  readonly #actedAt = new Map<string, string>();

  constructor(
    private readonly opening: ReviewOpening,
    private readonly commands: GovernanceCommands,
    private readonly place: ReadModelPlace,
    private readonly attempts: Attempts,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns the reviews that were opened; their items follow */
  async openDue(): Promise<{ tenant: string; review: string }[]> {
    const catalog = await this.catalog.current();
    const opened: { tenant: string; review: string }[] = [];
    const openOf = async (policy: Scheduled) => {
      const occurrence = await this.#due(policy, catalog);
      if (occurrence === null) return;
      opened.push(await this.#open(policy, occurrence));
      this.#actedAt.set(keyOf(policy), occurrence);
    };
    for (const policy of scheduledPolicies(catalog))
      await this.attempts.one('scheduled review', () => openOf(policy), { tenant: policy.tenant });
    return opened;
  }

  /** What came before the schedule was as it is now, and in force, is not caught up on. */
  async #due(policy: Scheduled, catalog: CatalogView): Promise<string | null> {
    const { tenant, settings, scheduledSince: since } = policy;
    const now = this.clock.now().toISOString();
    const timeZone = settings.timeZone ?? catalog.tenant(tenant)?.settings?.timeZone ?? 'UTC';
    const remembered = this.#actedAt.get(keyOf(policy));
    const acted = remembered !== undefined && remembered <= now ? remembered : await this.#lastOpened(policy, now);
    this.#actedAt.set(keyOf(policy), acted);
    const after = acted > since ? acted : since;
    return lastOccurrence(settings.schedule, timeZone, { after, notAfter: now });
  }

  /** What a clock opened that ran ahead says nothing about now. */
  async #lastOpened({ tenant, id }: Scheduled, now: string): Promise<string> {
    let last = '';
    let after: number | undefined;
    do {
      const query = {
        tenant,
        policy: id,
        cause: 'schedule',
        limit: PAGE_REVIEWS,
        ...(after === undefined ? {} : { after }),
      };
      const { items, more } = await findAccessReviews(this.database, query);
      const past = items.map(({ openedAt }) => openedAt.toISOString()).filter((at) => at <= now);
      last = past.at(-1) ?? last;
      after = more ? items.at(-1)?.openedPosition : undefined;
    } while (after !== undefined);
    return last;
  }

  async #open(policy: Scheduled, occurrence: string): Promise<{ tenant: string; review: string }> {
    const { tenant, id, version, settings } = policy;
    const review = reviewId(tenant, id, occurrence);
    const wanted = {
      review,
      title: `${id} ${occurrence.slice(0, 10)}`,
      policy: id,
      policyVersion: version,
      trigger: { reason: 'schedule', event: null },
      terms: settings,
      account: null,
      knownAt: await this.place.position(),
      reason: null,
    } as const;
    await this.opening.open(wanted, this.commands.byItself(tenant, ['schedule', id, occurrence]));
    return { tenant, review };
  }
}

const keyOf = ({ tenant, id, version }: Scheduled): string => `${tenant}/${id}@${version}`;

const scheduledPolicies = (catalog: CatalogView): Scheduled[] =>
  catalog
    .policies()
    .filter(
      (policy): policy is Scheduled =>
        policy.enabled && policy.settings?.kind === 'review' && policy.settings.schedule !== null,
    );
