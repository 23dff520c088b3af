import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { CatalogView, InTenant } from '#libs/catalog';
import type { PolicyEvent, ReviewPolicy } from '#libs/contracts';
import { type PolicyState, policyDecider } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { fold, type RecordedEvent, streamName } from '#libs/kernel';
import { WRITE_PATH, type WritePath } from '#libs/platform';

/** A policy that asks for reviews. */
export type ReviewPolicyState = InTenant<PolicyState> & { readonly settings: ReviewPolicy };

type History = readonly (RecordedEvent & PolicyEvent)[];

/** Policies whose history is remembered until they change again. */
const POLICIES_REMEMBERED = 500;

/**
 * Tells which policies ask for reviews because of an event: those that were in force when it happened, as they were then, however late it is
 * read, and that have not been put out of force since. What happened before a policy is not its business.
 */
@Injectable()
export class PoliciesAtEvent {
  readonly #histories = new LRUCache<string, History>({ max: POLICIES_REMEMBERED });

  constructor(@Inject(WRITE_PATH) private readonly path: WritePath) {}

  async of(catalog: CatalogView, { tenant, recordedAt }: Pick<RecordedEvent, 'tenant' | 'recordedAt'>) {
    const found: ReviewPolicyState[] = [];
    for (const policy of catalog.policies(tenant)) {
      if (!isInForce(policy)) continue;
      const then = policy.since <= recordedAt ? policy : await this.#before(policy, recordedAt);
      if (isInForce(then)) found.push(then);
    }
    return found;
  }

  async #before(policy: ReviewPolicyState, recordedAt: string): Promise<InTenant<PolicyState>> {
    const { tenant, id, since } = policy;
    const key = `${tenant}/${id}/${since}`;
    const known = this.#histories.get(key) ?? (await this.#read(tenant, id));
    this.#histories.set(key, known);
    const before = known.filter((event) => event.recordedAt <= recordedAt);
    return { ...fold(policyDecider, before), tenant };
  }

  async #read(tenant: string, id: string): Promise<History> {
    const { events } = await readHistory(this.path, streamName({ category: 'policy', tenant, id }));
    return events as History;
  }
}

const isInForce = (policy: InTenant<PolicyState>): policy is ReviewPolicyState =>
  policy.status === 'present' && policy.enabled && policy.settings?.kind === 'review';
