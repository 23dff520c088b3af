import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { ElevationApproved, EmergencyChangeRecorded, ReviewPolicy, SodConflictPrevented } from '#libs/contracts';
import type { Database } from '#libs/database';
import { elevationDecider } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { type SealedEvent, streamName } from '#libs/kernel';
import { CATALOG, DATABASE, WRITE_PATH, type WritePath } from '#libs/platform';
import { grantsInScope, readPosition } from '#libs/read-model';
import { NoticeQueue } from '../notices/notice-queue.js';
import { EventSteps } from '../reading/event-steps.js';
import { AccountFactsReader } from './account-facts.js';
import { type Candidate, candidateFrom } from './candidate.js';
import { defaultTerms } from './default-terms.js';
import { reviewId } from './review-ids.js';
import { ReviewOpening, type WantedReview } from './review-opening.js';

type Cause = SealedEvent & (SodConflictPrevented | ElevationApproved | EmergencyChangeRecorded);

/**
 * Opens the reviews that nobody has to ask for: roles that a sign-in would have given and that must not be held together, access that
 * somebody took in an emergency, and changes that were made without a second person.
 */
@Injectable()
export class SpecialTriggersStep implements OnModuleInit {
  readonly #log = new Logger(SpecialTriggersStep.name);

  constructor(
    private readonly steps: EventSteps,
    private readonly opening: ReviewOpening,
    private readonly accounts: AccountFactsReader,
    private readonly notices: NoticeQueue,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  onModuleInit(): void {
    const types = ['SodConflictPrevented', 'ElevationApproved', 'EmergencyChangeRecorded'];
    this.steps.add({ name: 'special-triggers', types, handle: (event) => this.#handle(event as Cause) });
  }

  async #handle(event: Cause): Promise<void> {
    switch (event.type) {
      case 'SodConflictPrevented':
        return this.#sodConflicts(event, event.data);
      case 'ElevationApproved':
        return this.#breakGlass(event, event.data);
      case 'EmergencyChangeRecorded':
        return this.#emergency(event, event.data);
    }
  }

  /** Conflicts that the connection did not have before: what has been asked once is not asked again because something else changed. */
  async #sodConflicts(event: Cause, { account, connection, conflicts }: SodConflictPrevented['data']): Promise<void> {
    const facts = await this.accounts.read(event.tenant, account, event.revision - 1);
    const before = facts.state.keptBack.get(connection)?.conflicts ?? [];
    const asked = new Set(before.filter(({ held }) => held.length === 0).map(keyOf));
    for (const conflict of conflicts)
      if (conflict.held.length === 0 && !asked.has(keyOf(conflict)))
        await this.#sodConflict(event, account, conflict.policy, rolesOf(conflict));
  }

  /** Neither role was given: which of them the account should have, if any, is for somebody to say. */
  async #sodConflict(event: Cause, account: string, policy: string, roles: readonly string[]): Promise<void> {
    const { tenant } = event;
    const catalog = await this.catalog.current();
    const { settings } = catalog.policy(tenant, policy) ?? {};
    const terms = defaultTerms([settings?.kind === 'sod' ? settings.owner : null]);
    const { state, provisionedAt } = await this.accounts.read(tenant, account);
    const candidates = roles.map((role) =>
      candidateFrom(state, { role, grant: null }, { catalog, tenant, provisionedAt }),
    );
    const wanted = wantedOf(event, {
      policy,
      reason: 'sodConflict',
      terms,
      account,
      title: `${policy}: roles kept back`,
    });
    await this.opening.openAbout(wanted, candidates, event);
  }

  /** What somebody took without being asked is looked at by those who would have been asked. */
  async #breakGlass(event: Cause, { elevation, account, complete, grant }: ElevationApproved['data']): Promise<void> {
    const { tenant } = event;
    if (!complete || grant === null) return;
    const stream = streamName({ category: 'elevation', tenant, id: elevation });
    const { state: taken } = await readAggregate(this.path, stream, elevationDecider);
    if (!taken.breakGlass) return;
    const catalog = await this.catalog.current();
    const { settings } = catalog.policy(tenant, taken.policy) ?? {};
    const asked = settings?.kind === 'elevation' ? settings : null;
    const stages = asked && [{ reviewers: asked.approvers, fallback: asked.fallback }];
    const terms = defaultTerms(asked?.fallback ?? [], stages ? { stages } : {});
    const { state, provisionedAt } = await this.accounts.read(tenant, account);
    const base = candidateFrom(state, { role: taken.role, grant: null }, { catalog, tenant, provisionedAt });
    const source = {
      kind: 'elevation',
      connection: null,
      connectionVersion: null,
      rule: null,
      ruleVersion: null,
      actor: `elevation:${elevation}`,
    } as const;
    const candidate: Candidate = { ...base, grant, source, from: taken.from };
    const title = `${taken.policy}: taken in an emergency`;
    const wanted = wantedOf(event, { policy: taken.policy, reason: 'breakGlass', terms, account, title });
    await this.opening.openAbout(wanted, [candidate], event);
  }

  /**
   * About a change there is nothing to decide item by item: the review waits for whoever signs it off. All who may are told, save for who made
   * the change.
   */
  async #emergency(event: Cause, { target, kind, by }: EmergencyChangeRecorded['data']): Promise<void> {
    const title = `${kind} ${target}: changed in an emergency`;
    const wanted = wantedOf(event, {
      policy: null,
      reason: 'emergencyChange',
      terms: defaultTerms([]),
      account: null,
      title,
    });
    await this.opening.openEmpty(wanted, event);
    const { tenant } = event;
    const recipients = (await this.#answerable(tenant)).filter((account) => `account:${account}` !== by);
    if (recipients.length === 0) this.#log.warn({ tenant, review: wanted.review }, NOBODY_TO_TELL);
    const about = { noun: 'review', id: wanted.review, items: 0 } as const;
    await this.notices.add(
      recipients.map((recipient) => ({
        tenant,
        kind: 'review-closed',
        recipient,
        about,
        dueAt: null,
        occasion: 'emergency',
      })),
    );
  }

  /** Accounts of the owners and administrators of Gatebook, at most 1,000. */
  async #answerable(tenant: string): Promise<readonly string[]> {
    const now = this.path.clock.now().toISOString();
    const { position: knownAt } = await readPosition(this.database);
    const query = { tenant, knownAt, now, roles: ANSWERABLE, limit: ANSWERABLE_MAX };
    return [...new Set((await grantsInScope(this.database, query)).map(({ account }) => account))];
  }
}

/** Who answers for what was changed in an emergency. */
const ANSWERABLE = ['gatebook.owner', 'gatebook.admin'];
const ANSWERABLE_MAX = 1_000;

const NOBODY_TO_TELL =
  'a change in an emergency waits to be signed off, and nobody else is an owner or administrator of Gatebook: give somebody that role';

type Conflict = SodConflictPrevented['data']['conflicts'][number];

const rolesOf = ({ keptBack }: Conflict): string[] => [...new Set(keptBack.map(({ role }) => role))].sort();
const keyOf = (conflict: Conflict): string => JSON.stringify([conflict.policy, rolesOf(conflict)]);

function wantedOf(
  { tenant, id: event }: Cause,
  of: {
    readonly policy: string | null;
    readonly reason: WantedReview['trigger']['reason'];
    readonly terms: ReviewPolicy;
    readonly account: string | null;
    readonly title: string;
  },
): WantedReview {
  const { policy, reason, terms, account, title } = of;
  return {
    review: reviewId(tenant, `${reason}/${policy ?? ''}`, event),
    title,
    policy,
    policyVersion: null,
    trigger: { reason, event },
    terms,
    account,
    knownAt: null,
    reason: null,
  };
}
