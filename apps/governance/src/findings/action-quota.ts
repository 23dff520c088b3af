import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/database';
import { instantAfter } from '#libs/kernel';
import { DATABASE } from '#libs/platform';
import { type ActionableFinding, type ActionableQuery, countActionable, findActionable } from '#libs/read-model';
import type { Watch } from './watches.js';

/** What counts as one run of a policy's action, milliseconds: a day, so that somebody can step in between two. */
const RUN_MS = 86_400_000;

/** Findings of accounts that count already which one run acts upon, and findings that one statement answers. */
const OF_COUNTED_MAX = 5_000;
const FINDINGS_AT_ONCE = 1_000;

/** What the next run would do. */
export interface NextRun {
  /** In the order in which they were found, those that failed before last. */
  readonly now: readonly ActionableFinding[];
  /** How many wait for a later run. */
  readonly waiting: number;
}

/** Keeps the actions of a policy within its cap: at most `maxPerRun` accounts within 24 hours, whatever is restarted meanwhile. */
@Injectable()
export class ActionQuota {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /**
   * Whoever was let through within the last 24 hours comes first, then as many accounts as there is room for. What was let through before and came
   * to nothing has the room that is left: else it would take that of everybody else, each day anew.
   * @param rests whether a finding is left alone for now, since acting on it has just failed
   */
  async next(watch: Watch, now: string, rests: (finding: ActionableFinding) => boolean): Promise<NextRun> {
    const which = whichOf(watch, now);
    const accounts = await this.#letThroughSince(watch, instantAfter(now, -RUN_MS));
    const counted = await this.#ofAccounts(which, accounts);
    const chosen = counted.filter((finding) => !rests(finding));
    const known = new Set(counted.map(({ finding }) => finding));
    const again: ActionableFinding[] = [];
    const chooseIfRoom = (finding: ActionableFinding) => {
      if (!accounts.has(finding.account) && accounts.size >= watch.maxPerRun) return;
      accounts.add(finding.account);
      chosen.push(finding);
    };
    for await (const page of this.#pages(which)) {
      if (accounts.size >= watch.maxPerRun) break;
      const tried = await this.#tried(watch.tenant, page);
      for (const finding of page.filter((each) => !known.has(each.finding) && !rests(each)))
        if (!tried.has(finding.raisedEvent)) chooseIfRoom(finding);
        else if (again.length < watch.maxPerRun) again.push(finding);
    }
    again.forEach(chooseIfRoom);
    return { now: chosen, waiting: (await countActionable(this.database, which)) - chosen.length };
  }

  /** Writes down before the deed that it is let through; after a crash it is done without counting twice. */
  async letThrough(
    { tenant, policy }: Watch,
    { finding, raisedEvent, account }: ActionableFinding,
    now: string,
  ): Promise<void> {
    await this.database.query(
      `insert into governance.finding_actions as a (tenant, finding, raised, policy, account, at) values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant, finding, raised) do update set at = excluded.at where a.at <= $7`,
      [tenant, finding, raisedEvent, policy?.id, account, now, instantAfter(now, -RUN_MS)],
    );
  }

  async #letThroughSince({ tenant, policy }: Watch, since: string): Promise<Set<string>> {
    const { rows } = await this.database.query<{ account: string }>(
      'select distinct account from governance.finding_actions where tenant = $1 and policy = $2 and at > $3',
      [tenant, policy?.id, since],
    );
    return new Set(rows.map(({ account }) => account));
  }

  async #ofAccounts(which: ActionableQuery, accounts: ReadonlySet<string>): Promise<readonly ActionableFinding[]> {
    if (accounts.size === 0) return [];
    return (await findActionable(this.database, { ...which, accounts: [...accounts], limit: OF_COUNTED_MAX })).items;
  }

  /** Ids of the events by which those of the findings were raised that were let through before. */
  async #tried(tenant: string, findings: readonly ActionableFinding[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.database.query<{ raised: string }>(
      'select raised from governance.finding_actions where tenant = $1 and finding = any($2::uuid[])',
      [tenant, findings.map(({ finding }) => finding)],
    );
    return new Set(rows.map(({ raised }) => raised));
  }

  async *#pages(which: ActionableQuery): AsyncGenerator<readonly ActionableFinding[]> {
    for (let after: number | undefined; ; ) {
      const { items, more } = await findActionable(this.database, { ...which, after, limit: FINDINGS_AT_ONCE });
      yield items;
      after = items.at(-1)?.raisedPosition;
      if (!more) return;
    }
  }
}

const whichOf = ({ tenant, policy, kind, action }: Watch, now: string): ActionableQuery => ({
  tenant,
  policy: policy?.id ?? '',
  kind,
  now,
  deactivating: action === 'deactivate',
});
