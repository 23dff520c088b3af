import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Catalog, CatalogView } from '#libs/catalog';
import type { AccountEvent, ConnectionEvent, ReviewTrigger, RolesAssigned } from '#libs/contracts';
import {
  accountDecider,
  type FiredTrigger,
  type Grant,
  inScope,
  ruleVersionSince,
  standingGrants,
  triggersOf,
  wentBefore,
} from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { fold, type RecordedEvent, type SealedEvent, streamName } from '#libs/kernel';
import { CATALOG, WRITE_PATH, type WritePath } from '#libs/platform';
import { EventSteps } from '../reading/event-steps.js';
import { type AccountFacts, AccountFactsReader } from './account-facts.js';
import { type Candidate, candidateFrom, roleFacts } from './candidate.js';
import { PoliciesAtEvent, type ReviewPolicyState } from './policies-at-event.js';
import { reviewId } from './review-ids.js';
import { ReviewOpening } from './review-opening.js';
import { ReviewerFinder } from './reviewer-finder.js';
import { SourcesGone } from './sources-gone.js';

type Trigger = RecordedEvent & AccountEvent;

/** Versions of rules whose beginning is remembered: it never changes. */
const RULES_REMEMBERED = 10_000;

/** Opens the reviews that policies ask for when something happens to an account. One review for each policy and event. */
@Injectable()
export class AccountTriggersStep implements OnModuleInit {
  readonly #ruleSince = new LRUCache<string, { readonly at: string | null }>({ max: RULES_REMEMBERED });

  constructor(
    private readonly steps: EventSteps,
    private readonly opening: ReviewOpening,
    private readonly accounts: AccountFactsReader,
    private readonly finder: ReviewerFinder,
    private readonly sources: SourcesGone,
    private readonly policies: PoliciesAtEvent,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  onModuleInit(): void {
    const types = ['RolesAssigned', 'ProfileUpdated'];
    this.steps.add({
      name: 'account-triggers',
      types,
      handle: (event) => this.#handle(event as SealedEvent & Trigger),
    });
  }

  async #handle(event: Trigger): Promise<void> {
    const catalog = await this.catalog.current();
    const triggers = TRIGGERS_OF_TYPE[event.type] ?? [];
    const inForce = await this.policies.of(catalog, event);
    const policies = inForce.filter(({ settings }) => settings.triggers.some((trigger) => triggers.includes(trigger)));
    if (policies.length === 0) return;
    const facts = await this.accounts.read(event.tenant, event.data.account);
    const fired = await this.#fired(event, facts, catalog);
    for (const policy of policies) await this.#open(policy, fired, { event, facts, catalog });
  }

  async #fired(event: Trigger, facts: AccountFacts, catalog: CatalogView): Promise<readonly FiredTrigger[]> {
    const { tenant } = event;
    const after = fold(accountDecider, facts.events.slice(0, event.revision + 1));
    const since = event.type === 'RolesAssigned' ? await this.#sinceOf(tenant, event.data) : new Map();
    return triggersOf(event, after, {
      ...wentBefore(facts.events, event),
      isPrivileged: (role) => roleFacts(catalog, tenant, role).privileged,
      ruleSince: (connection, rule, version) => since.get(keyOf(connection, rule, version)) ?? null,
    });
  }

  async #open(
    policy: ReviewPolicyState,
    fired: readonly FiredTrigger[],
    { event, facts, catalog }: { readonly event: Trigger; readonly facts: AccountFacts; readonly catalog: CatalogView },
  ): Promise<void> {
    const { tenant } = event;
    const { settings } = policy;
    const wanted = fired.filter(({ trigger }) => settings.triggers.includes(trigger));
    const [first] = wanted;
    if (!first) return;
    const candidates = await this.#candidates(wanted, policy, { facts, catalog });
    const review = {
      review: reviewId(tenant, policy.id, event.id),
      title: policy.id,
      policy: policy.id,
      policyVersion: policy.version,
      trigger: { reason: first.trigger, event: event.id },
      terms: settings,
      account: facts.state.id,
      knownAt: null,
      reason: null,
    };
    await this.opening.openAbout(review, candidates, event);
  }

  /** Grants that fired, are in the policy's scope, and stand to this moment. */
  async #candidates(
    fired: readonly FiredTrigger[],
    { settings }: ReviewPolicyState,
    { facts, catalog }: { readonly facts: AccountFacts; readonly catalog: CatalogView },
  ): Promise<Candidate[]> {
    const { tenant, state, provisionedAt } = facts;
    const ids = new Set(fired.flatMap(({ grants }) => grants.map(({ id }) => id)));
    const standing = standingGrants(state, this.path.clock.now().toISOString()).filter(({ id }) => ids.has(id));
    const names = settings.scope.people.length > 0;
    const people = names ? await (await this.finder.under(tenant, settings)).people() : new Set<string>();
    const orphan = settings.scope.orphans && (await this.sources.isOrphan(tenant, state.id));
    const fits = ({ role, source }: Grant) =>
      inScope(
        settings.scope,
        { role, account: state.id, connection: source.connection, orphan, ...roleFacts(catalog, tenant, role) },
        people,
      );
    return standing
      .filter(fits)
      .map((grant) => candidateFrom(state, { role: grant.role, grant }, { catalog, tenant, provisionedAt }));
  }

  /** When the rules came to have their versions that gave these grants; looked up only for those that ever changed. */
  async #sinceOf(tenant: string, { grants }: RolesAssigned['data']): Promise<ReadonlyMap<string, string | null>> {
    const since = new Map<string, string | null>();
    for (const { source } of grants) {
      const { connection, rule, ruleVersion } = source;
      if (connection === null || rule === null || ruleVersion === null || ruleVersion === 1) continue;
      const key = keyOf(connection, rule, ruleVersion);
      const known =
        this.#ruleSince.get(`${tenant}/${key}`) ?? (await this.#look(tenant, connection, rule, ruleVersion));
      this.#ruleSince.set(`${tenant}/${key}`, known);
      since.set(key, known.at);
    }
    return since;
  }

  async #look(tenant: string, connection: string, rule: string, version: number) {
    const { events } = await readHistory(this.path, streamName({ category: 'connection', tenant, id: connection }));
    return { at: ruleVersionSince(events as readonly (RecordedEvent & ConnectionEvent)[], rule, version) };
  }
}

const keyOf = (connection: string, rule: string, version: number): string => `${connection}/${rule}@${version}`;

const TRIGGERS_OF_TYPE: Readonly<Record<string, readonly ReviewTrigger[]>> = {
  RolesAssigned: ['privilegedRoleGranted', 'roleGrantedByChangedRule', 'newConnectionGrant'],
  ProfileUpdated: ['departmentChanged', 'managerChanged', 'employeeTypeChanged'],
};
