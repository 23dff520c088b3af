import { Inject, Injectable } from '@nestjs/common';
import type { AccountEvent, RolesAssigned, SodPolicy } from '#libs/contracts';
import type { Database } from '#libs/database';
import { accountDecider, conflictsOf, grantsHeld, type PolicyState, sodRules } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { fold, type RecordedEvent } from '#libs/kernel';
import { DATABASE, WRITE_PATH, type WritePath } from '#libs/platform';
import { grantsInScope } from '#libs/read-model';
import type { AskedWhatIf, Ending } from './asked-what-if.js';
import { RecordedDays } from './recorded-days.js';
import type { Stint } from './stint.js';
import type { HeldGrant, Tally } from './tally.js';

/** Grants that one statement answers. */
const GRANTS_AT_ONCE = 2_000;

type Given = RecordedEvent & RolesAssigned;
type Proposed = Pick<PolicyState, 'id' | 'version'> & { readonly settings: SodPolicy };

/** Who violates a policy of segregation of duties today, and at which sign-ins it would have kept roles back. */
@Injectable()
export class SodWhatIf {
  constructor(
    private readonly days: RecordedDays,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  async of(policy: Proposed, asked: AskedWhatIf, stint: Stint, tally: Tally): Promise<Ending> {
    if (asked.resume === null) await this.#violations(policy, asked, stint, tally);
    const which = { part: 'signIns', types: new Set(['RolesAssigned']), connection: null };
    for await (const { events, through } of this.days.events(asked, which)) {
      for (const event of events as readonly Given[]) {
        await stint.breathe();
        if (event.data.evidence === null || event.data.grants.every(({ source }) => source.kind !== 'rule')) continue;
        tally.count('signInsLookedAt');
        const keptBack = await this.#keptBack(event, policy, asked);
        if (keptBack.length === 0) continue;
        tally.count('signInsKeptBack');
        tally.signIn({ event: event.data.evidence, at: event.recordedAt, account: event.data.account, keptBack });
      }
      if (stint.isOver()) return { part: 'signIns', at: String(through) };
    }
    return 'done';
  }

  async #violations(policy: Proposed, asked: AskedWhatIf, stint: Stint, tally: Tally): Promise<void> {
    const holders = await this.#holders(policy.settings, asked, stint);
    tally.count('peopleLookedAt', holders.size);
    for (const [account, held] of holders) {
      const [conflict] = conflictsOf(
        held.map(({ role }) => role),
        rulesFor(policy, account, asked),
      );
      await stint.breathe();
      if (!conflict) continue;
      tally.count('violations');
      tally.person({ account, conflicts: [policy.id], held: oneOfEachRole(held) });
    }
  }

  /** Whoever holds a role of the policy, with the grants. */
  async #holders(
    { roles }: SodPolicy,
    { tenant, knownAt, now }: AskedWhatIf,
    stint: Stint,
  ): Promise<Map<string, HeldGrant[]>> {
    const holders = new Map<string, HeldGrant[]>();
    for (let after: { grantedPosition: number; grant: string } | undefined; ; ) {
      const query = { tenant, knownAt, now, roles: [...new Set(roles.flat())], after, limit: GRANTS_AT_ONCE };
      const grants = await grantsInScope(this.database, query);
      for (const { account, role, grant, grantedEvent } of grants) {
        const held = holders.get(account) ?? [];
        holders.set(account, held);
        held.push({ role, grant, event: grantedEvent });
      }
      await stint.breathe();
      const last = grants.at(-1);
      if (grants.length < GRANTS_AT_ONCE || !last) return holders;
      after = { grantedPosition: last.grantedPosition, grant: last.grant };
    }
  }

  /** Of the roles that a sign-in gave, those that stood against another that was held, or was given with them. Later sign-ins found them held. */
  async #keptBack(
    { stream, revision, recordedAt, data }: Given,
    policy: Proposed,
    asked: AskedWhatIf,
  ): Promise<string[]> {
    const sets = new Set(policy.settings.roles.flat());
    const given = new Set(data.grants.filter(({ source }) => source.kind === 'rule').map(({ role }) => role));
    if (![...given].some((role) => sets.has(role))) return [];
    const { events } = await readHistory(this.path, stream);
    const before = events.filter((event) => event.revision < revision) as (RecordedEvent & AccountEvent)[];
    const held = new Set(grantsHeld(fold(accountDecider, before), recordedAt).map(({ role }) => role));
    const conflicts = conflictsOf(new Set([...held, ...given]), rulesFor(policy, data.account, asked));
    const against = new Set(conflicts.flatMap((conflict) => conflict.held.flat()));
    return [...given].filter((role) => against.has(role) && !held.has(role)).sort();
  }
}

const rulesFor = ({ id, version, settings }: Proposed, account: string, { catalog, tenant, now }: AskedWhatIf) =>
  sodRules([{ id, version, enabled: true, settings }], catalog.sodExceptions(tenant), account, now);

/** However many grants give one role, no role of the conflict is left out. */
function oneOfEachRole(held: readonly HeldGrant[]): HeldGrant[] {
  const seen = new Map<string, HeldGrant>();
  for (const grant of held) if (!seen.has(grant.role)) seen.set(grant.role, grant);
  const firsts = [...seen.values()];
  return [...firsts, ...held.filter((grant) => !firsts.includes(grant))];
}
