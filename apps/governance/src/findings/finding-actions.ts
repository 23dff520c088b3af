import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { LRUCache } from 'lru-cache';
import type { AccountSource } from '#libs/contracts';
import type { Database } from '#libs/database';
import { type AccountCommand, findingDecider } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { DomainError, fold, instantAfter, type RecordedEvent, streamName } from '#libs/kernel';
import { DATABASE, describeError, RunAccountCommand, WRITE_PATH, type WritePath } from '#libs/platform';
import { type ActionableFinding, lastSignIns } from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { ReadModelPlace } from '../reading/read-model-place.js';
import { FindingReviews } from '../reviewing/finding-reviews.js';
import { ActionQuota, type NextRun } from './action-quota.js';
import { FindingRecords } from './finding-records.js';
import type { Watch } from './watches.js';

/** How long a finding on which acting failed is left alone, milliseconds, and how many are remembered. */
const REST_MS = 600_000;
const RESTING_MAX = 10_000;

/** Types of events that raise a finding. */
const RAISED_BY: ReadonlySet<string> = new Set(['FindingRaised', 'SodViolationDetected']);

/** Gatebook itself is where it happens. */
const BY_POLICY: AccountSource = {
  kind: 'manual',
  connection: null,
  connectionVersion: null,
  protocol: 'manual',
  issuer: null,
};

/** Does what policies ask about findings: opens reviews, deactivates accounts, within the cap of each policy. Accounts for emergencies are never deactivated, nor is whoever came back before it is their turn. */
@Injectable()
export class FindingActions {
  readonly #log = new Logger(FindingActions.name);
  /** Event by which a finding was raised → the instant from which acting on it is tried again. */
  readonly #resting = new LRUCache<string, string>({ max: RESTING_MAX });

  constructor(
    private readonly quota: ActionQuota,
    private readonly records: FindingRecords,
    private readonly reviews: FindingReviews,
    private readonly bus: CommandBus,
    private readonly commands: GovernanceCommands,
    private readonly place: ReadModelPlace,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** What the policy would do now, without doing it. */
  nextRun(watch: Watch, now: string): Promise<NextRun> {
    return this.quota.next(watch, now, ({ raisedEvent }) => (this.#resting.get(raisedEvent) ?? '') > now);
  }

  /** Acts on as many findings as the policy may act on now. */
  async act(watch: Watch, now: string): Promise<void> {
    await this.actUpon(watch, (await this.nextRun(watch, now)).now, now);
  }

  /** Acts on these. One that fails rests, and is tried again in a later run. */
  async actUpon(watch: Watch, findings: readonly ActionableFinding[], now: string): Promise<void> {
    for (const finding of findings)
      try {
        await this.#act(watch, finding, now);
      } catch (error) {
        const { finding: id, policy, raisedEvent } = finding;
        this.#resting.set(raisedEvent, instantAfter(now, REST_MS));
        this.#log.error({ err: describeError(error), finding: id, policy }, 'a policy could not act on a finding');
      }
  }

  /** By the finding's own stream: somebody may have decided about it since the read model had it, or it may be another finding by now. */
  async #act(watch: Watch, finding: ActionableFinding, now: string): Promise<void> {
    const stream = streamName({ category: 'finding', tenant: watch.tenant, id: finding.finding });
    const { events } = await readHistory(this.path, stream);
    const cause = events.findLast(({ type }) => RAISED_BY.has(type));
    if (cause?.id !== finding.raisedEvent || fold(findingDecider, events).status !== 'open') return;
    if (watch.action === 'deactivate' && watch.kind === 'dormant' && !(await this.#stillQuiet(watch, finding))) return;
    await this.quota.letThrough(watch, finding, now);
    const did =
      watch.action === 'deactivate'
        ? ({
            action: 'deactivate',
            review: null,
            event: await this.#deactivate(watch, finding.account, cause),
          } as const)
        : ({ action: 'review', review: await this.#review(watch, finding, cause), event: null } as const);
    const metadata = this.commands.because(cause, 'acted upon');
    await this.records.run(metadata, finding.finding, { type: 'RecordFindingAction', data: did });
  }

  /** @returns id of the review; null where the account holds nothing that could be reviewed */
  #review(
    { tenant, policy }: Watch,
    { finding, account, grant }: ActionableFinding,
    cause: RecordedEvent,
  ): Promise<string | null> {
    const grants = grant === null ? null : [grant];
    return this.reviews.open({ finding, tenant, policy: policy?.id ?? null, account, grants, cause });
  }

  /** @returns id of the event; null where the account is deactivated already, or has ended */
  async #deactivate({ policy }: Watch, account: string, cause: RecordedEvent): Promise<string | null> {
    const command: AccountCommand = {
      type: 'Deactivate',
      data: { source: BY_POLICY, reason: `Policy ${policy?.id}`, occurredAt: null },
      metadata: this.commands.because(cause, 'deactivate'),
    };
    try {
      const { events } = await this.bus.execute(new RunAccountCommand(account, command));
      return events[0]?.id ?? null;
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'conflict') return null;
      throw error;
    }
  }

  /** Whether nobody has signed in since the finding began to hold, by all that was appended until now. @throws {ReadModelBehindError} when it cannot be told in time; then the next run tries again */
  async #stillQuiet({ tenant }: Watch, { account, since }: ActionableFinding): Promise<boolean> {
    await this.place.caughtUp();
    const last = (await lastSignIns(this.database, { tenant, accounts: [account] })).get(account);
    return last === undefined || (since !== null && last <= since);
  }
}
