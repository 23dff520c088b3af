import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/database';
import { instantAfter } from '#libs/kernel';
import { DATABASE } from '#libs/platform';
import type { FindingRecord } from '#libs/read-model';
import type { Watch } from './watches.js';

/** What counts as one run of a policy's action, milliseconds: a day, so that somebody can step in between two. */
const RUN_MS = 86_400_000;

/** A finding on which a policy may act. */
export type Actionable = FindingRecord & { readonly account: string };

/** What the next run would do. */
export interface NextRun {
  /** In the order in which they were found. */
  readonly now: readonly Actionable[];
  /** How many wait for a later run. */
  readonly waiting: number;
}

/** Findings on which a policy has not acted since they were raised, oldest first. */
export const actionable = (findings: readonly FindingRecord[]): Actionable[] =>
  findings.filter((each): each is Actionable => each.status === 'open' && each.acted === null && each.account !== null);

/** Keeps the actions of a policy within its cap: at most `maxPerRun` accounts within 24 hours, whatever is restarted meanwhile. */
@Injectable()
export class ActionQuota {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /**
   * What was let through before comes first, then as many accounts as there is room for.
   * @param may whether the policy may act on a finding at all
   */
  async next(
    { tenant, policy, maxPerRun }: Watch,
    findings: readonly FindingRecord[],
    now: string,
    may: (finding: Actionable) => Promise<boolean>,
  ): Promise<NextRun> {
    const { rows } = await this.database.query<{ finding: string; raised: string; account: string; recent: boolean }>(
      `select finding, raised, account, at > $3 as recent from governance.finding_actions
        where tenant = $1 and policy = $2 and (at > $3 or raised = any($4::uuid[]))`,
      [tenant, policy?.id, instantAfter(now, -RUN_MS), findings.map(({ raisedEvent }) => raisedEvent)],
    );
    const letThrough = new Set(rows.map(({ raised }) => raised));
    const accounts = new Set(rows.filter(({ recent }) => recent).map(({ account }) => account));
    const all = actionable(findings);
    const chosen: Actionable[] = [];
    for (const finding of all) {
      const { raisedEvent, account } = finding;
      const counted = letThrough.has(raisedEvent) || accounts.has(account);
      if ((counted || accounts.size < maxPerRun) && (await may(finding))) {
        accounts.add(account);
        chosen.push(finding);
      }
    }
    return { now: chosen, waiting: all.length - chosen.length };
  }

  /** Writes down before the deed that it is let through; after a crash it is done without counting twice. */
  async letThrough(
    { tenant, policy }: Watch,
    { finding, raisedEvent, account }: Actionable,
    now: string,
  ): Promise<void> {
    await this.database.query(
      `insert into governance.finding_actions (tenant, finding, raised, policy, account, at)
       values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      [tenant, finding, raisedEvent, policy?.id, account, now],
    );
  }
}
