import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { RolesAssigned, SodViolationDetected } from '#libs/contracts';
import type { Database } from '#libs/database';
import { accountDecider, conflictsOf, grantsHeld, sodRules } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { type CommandMetadata, fold, type RecordedEvent, streamName } from '#libs/kernel';
import { CATALOG, DATABASE, WRITE_PATH, type WritePath } from '#libs/platform';
import { findStandingFindings, grantsInScope } from '#libs/read-model';
import { findingIdOf } from './candidate.js';
import { FindingRecords, violationOf } from './finding-records.js';
import type { Looking } from './looking/looking.js';
import type { Watch } from './watches.js';

/** Grants that one statement answers. */
const GRANTS_AT_ONCE = 5_000;

/** Grants that one violation names: as many as its event holds. */
const HELD_MAX = 200;

type Held = SodViolationDetected['data']['held'];

/** Whose command follows from a look at an account, for one policy. */
export type MetadataFor = (what: string) => CommandMetadata;

/** Compares what accounts hold with what they must not hold together, whatever the policy prevents: it may be older than the policy. */
@Injectable()
export class SodViolations {
  constructor(
    private readonly records: FindingRecords,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /**
   * Looks at one account for some policies: what conflicts is recorded with both chains of why, what conflicts no more is resolved.
   * @param event id of the event that led to the look; null for a scan
   */
  async look(
    account: string,
    watches: readonly Watch[],
    metadataFor: MetadataFor,
    event: string | null,
  ): Promise<void> {
    const [first] = watches;
    if (!first) return;
    const { tenant } = first;
    const violated = await this.#violated(tenant, account);
    const ids = watches.map((watch) => findingIdOf(watch, violationOf(account)));
    const standing = await findStandingFindings(this.database, { tenant, findings: ids });
    for (const [index, watch] of watches.entries()) {
      const id = ids[index] as string;
      const held = violated.get(watch.policy?.id ?? '');
      if (held) await this.records.raiseViolation(watch, account, held, metadataFor(`violation ${id}`));
      else if (standing.has(id) && standing.get(id) !== 'resolved')
        await this.records.resolve(metadataFor(`no violation ${id}`), id, { code: 'gone', event });
    }
  }

  /** Accounts that hold roles of two sets, as the read model has them: each is looked at itself before anything is recorded. */
  async candidates({ database, knownAt, now }: Looking, { tenant, policy, sod }: Watch): Promise<string[]> {
    const sets = sod?.roles ?? [];
    const rule = { policy: policy?.id ?? '', version: policy?.version ?? 0, sets };
    const rolesOf = new Map<string, Set<string>>();
    for (let after: { grantedPosition: number; grant: string } | undefined; ; ) {
      const query = { tenant, knownAt, now, roles: [...new Set(sets.flat())], after, limit: GRANTS_AT_ONCE };
      const grants = await grantsInScope(database, query);
      for (const { account, role } of grants) rolesOf.set(account, (rolesOf.get(account) ?? new Set()).add(role));
      const last = grants.at(-1);
      if (grants.length < GRANTS_AT_ONCE || !last) break;
      after = { grantedPosition: last.grantedPosition, grant: last.grant };
    }
    return [...rolesOf].filter(([, roles]) => conflictsOf(roles, [rule]).length > 0).map(([account]) => account);
  }

  /** Policy → every grant of the conflict. */
  async #violated(tenant: string, account: string): Promise<Map<string, Held>> {
    const stream = streamName({ category: 'account', tenant, id: account });
    const [catalog, { events }] = await Promise.all([this.catalog.current(), readHistory(this.path, stream)]);
    const now = this.path.clock.now().toISOString();
    const rules = sodRules(catalog.policies(tenant), catalog.sodExceptions(tenant), account, now);
    const grants = grantsHeld(fold(accountDecider, events), now);
    const conflicts = conflictsOf(new Set(grants.map(({ role }) => role)), rules);
    const given = givenBy(events);
    return new Map(
      conflicts.map(({ policy, held }) => {
        const roles = new Set(held.flat());
        const chains = grants
          .filter(({ role }) => roles.has(role))
          .map(({ id, role }) => ({ role, grant: id, event: given.get(id) ?? null }));
        return [policy, oneOfEachFirst(chains).slice(0, HELD_MAX)];
      }),
    );
  }
}

/** Grant → id of the event that gave it. */
function givenBy(events: readonly RecordedEvent[]): Map<string, string> {
  const assigned = events.filter(({ type }) => type === 'RolesAssigned') as (RecordedEvent & RolesAssigned)[];
  return new Map(assigned.flatMap(({ id, data }) => data.grants.map((grant) => [grant.id, id] as const)));
}

/** However many grants give one role, no role of the conflict is left out. */
function oneOfEachFirst(held: Held): Held {
  const seen = new Set<string>();
  const [firsts, others]: [Held, Held] = [[], []];
  for (const each of held) (seen.has(each.role) ? others : firsts).push(each) && seen.add(each.role);
  return [...firsts, ...others];
}
