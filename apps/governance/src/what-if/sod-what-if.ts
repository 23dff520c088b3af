import { Inject, Injectable } from '@nestjs/common';
import type { AccountEvent, RolesAssigned, SodPolicy } from '#libs/contracts';
import type { Database } from '#libs/database';
import { accountDecider, conflictsOf, grantsHeld, type PolicyState, sodRules } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { fold, type RecordedEvent } from '#libs/kernel';
import { DATABASE, WRITE_PATH, type WritePath } from '#libs/platform';
import { type GrantInScope, grantsInScope } from '#libs/read-model';
import type { Stint } from '../reading/stint.js';
import type { AskedWhatIf, Ending } from './asked-what-if.js';
import { RecordedDays } from './recorded-days.js';
import type { HeldGrant, Tally } from './tally.js';

/** Grants that one statement answers. */
const GRANTS_AT_ONCE = 2_000;

/** Accounts whose grants are looked at together. */
const ACCOUNTS_AT_ONCE = 500;

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
    if (asked.resume === null && !(await this.#violations(policy, asked, stint, tally))) return 'cut short';
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

  /** @returns whether everybody was looked at */
  async #violations(policy: Proposed, asked: AskedWhatIf, stint: Stint, tally: Tally): Promise<boolean> {
    const suspects = await this.#ofTwoSets(policy.settings, asked, stint, tally);
    if (suspects === null) return false;
    for (let at = 0; at < suspects.length; at += ACCOUNTS_AT_ONCE) {
      await stint.breathe();
      if (stint.isOver()) return false;
      const some = suspects.slice(at, at + ACCOUNTS_AT_ONCE);
      for (const [account, held] of await this.#holders(policy.settings, some, asked)) {
        const roles = held.map(({ role }) => role);
        if (conflictsOf(roles, rulesFor(policy, account, asked)).length === 0) continue;
        tally.count('violations');
        tally.person({ account, conflicts: [policy.id], held: oneOfEachRole(held) });
      }
    }
    return true;
  }

  /** Whoever holds roles of two sets of the policy, so that only of those their grants are in memory; null where the stint was over before. */
  async #ofTwoSets(
    { roles: sets }: SodPolicy,
    asked: AskedWhatIf,
    stint: Stint,
    tally: Tally,
  ): Promise<string[] | null> {
    /** Account → the sets of which it holds a role, as bits. */
    const held = new Map<string, number>();
    for await (const grants of this.#grants([...new Set(sets.flat())], undefined, asked)) {
      for (const { account, role } of grants)
        held.set(
          account,
          sets.reduce((bits, set, nth) => (set.includes(role) ? bits | (1 << nth) : bits), held.get(account) ?? 0),
        );
      await stint.breathe();
      if (stint.isOver()) return null;
    }
    tally.count('peopleLookedAt', held.size);
    return [...held].filter(([, bits]) => (bits & (bits - 1)) !== 0).map(([account]) => account);
  }

  /** The grants of roles of the policy, by account. */
  async #holders(
    { roles }: SodPolicy,
    accounts: readonly string[],
    asked: AskedWhatIf,
  ): Promise<Map<string, HeldGrant[]>> {
    const holders = new Map<string, HeldGrant[]>();
    for await (const grants of this.#grants([...new Set(roles.flat())], accounts, asked))
      for (const { account, role, grant, grantedEvent } of grants) {
        const held = holders.get(account) ?? [];
        holders.set(account, held);
        held.push({ role, grant, event: grantedEvent });
      }
    return holders;
  }

  async *#grants(
    roles: readonly string[],
    accounts: readonly string[] | undefined,
    { tenant, knownAt, now }: AskedWhatIf,
  ): AsyncGenerator<readonly GrantInScope[]> {
    for (let after: { grantedPosition: number; grant: string } | undefined; ; ) {
      const query = { tenant, knownAt, now, roles, accounts, after, limit: GRANTS_AT_ONCE };
      const grants = await grantsInScope(this.database, query);
      yield grants;
      const last = grants.at(-1);
      if (grants.length < GRANTS_AT_ONCE || !last) return;
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
