import { Injectable } from '@nestjs/common';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { forEachAtOnce } from './at-once.js';
import type { Looking } from './looking/looking.js';
import { SodViolations } from './sod-violations.js';
import { standingOf } from './standing-findings.js';
import type { Watch } from './watches.js';

/** How often everybody is looked at although no event asked for it, milliseconds: an hour. */
const EVERY_MS = 3_600_000;

/** Looks at everybody when a policy of segregation of duties is new or changed, and once an hour. In between, events say whom to look at. */
@Injectable()
export class SodScan {
  /** Tenant and policy → the version that everybody was compared with, and when, milliseconds. */
  readonly #done = new Map<string, { readonly version: number; readonly at: number }>();

  constructor(
    private readonly violations: SodViolations,
    private readonly commands: GovernanceCommands,
  ) {}

  /** Violations of the policy that are known are looked at as well. */
  async look(looking: Looking & { readonly signal: AbortSignal }, watch: Watch): Promise<void> {
    const { tenant, policy } = watch;
    const key = `${tenant}/${policy?.id}`;
    const done = this.#done.get(key);
    const at = Date.parse(looking.now);
    if (done?.version === policy?.version && at < (done?.at ?? 0) + EVERY_MS) return;
    const accounts = new Set(await this.violations.candidates(looking, watch));
    for await (const page of standingOf(looking.database, watch))
      for (const { account } of page) if (account !== null) accounts.add(account);
    const metadataFor = (what: string) => this.commands.byItself(tenant, [what, looking.now]);
    await forEachAtOnce([...accounts], looking.signal, (account) =>
      this.violations.look(account, [watch], metadataFor, null),
    );
    if (!looking.signal.aborted) this.#done.set(key, { version: policy?.version ?? 0, at });
  }
}
