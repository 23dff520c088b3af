import { Injectable } from '@nestjs/common';
import type { FindingState } from '#libs/domain';
import type { Outcome } from '#libs/event-store';
import type { FindingRecord } from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { forEachAtOnce } from './at-once.js';
import { FindingNotices } from './finding-notices.js';
import type { Looking } from './looking/looking.js';
import { SodViolations } from './sod-violations.js';
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
    private readonly notices: FindingNotices,
  ) {}

  /** @param standing violations of the policy that are known: those too are looked at */
  async look(
    looking: Looking & { readonly signal: AbortSignal },
    watch: Watch,
    standing: readonly FindingRecord[],
  ): Promise<void> {
    const { tenant, policy } = watch;
    const key = `${tenant}/${policy?.id}`;
    const done = this.#done.get(key);
    const at = Date.parse(looking.now);
    if (done?.version === policy?.version && at < (done?.at ?? 0) + EVERY_MS) return;
    const known = standing.flatMap(({ account }) => (account === null ? [] : [account]));
    const accounts = [...new Set([...(await this.violations.candidates(looking, watch)), ...known])];
    const metadataFor = (what: string) => this.commands.byItself(tenant, [what, looking.now]);
    const raised: Outcome<FindingState>[] = [];
    try {
      await forEachAtOnce(accounts, looking.signal, async (account) => {
        raised.push(...(await this.violations.look(account, [watch], metadataFor, null)));
      });
    } finally {
      await this.notices.tell(tenant, raised, looking.now);
    }
    if (!looking.signal.aborted) this.#done.set(key, { version: policy?.version ?? 0, at });
  }
}
