import { conflictsOf, type PolicyState, type SodRule, sodRules } from '#libs/domain';
import type { StandingGrant } from '../../histories/standing-grants.queries.js';
import type { ExceptionOnRecord, ViolationOnRecord } from './sod-records.fold.js';

/** Grants that a violation on record names at most, of each role one before others. */
const GRANTS_ON_RECORD_MAX = 200;

/** Two roles that stand against each other, by the first grant of each. */
export interface ConflictingPair {
  readonly first: StandingGrant;
  readonly second: StandingGrant;
  /** From when on both were held, by the grants that stand. */
  readonly since: Date;
}

/** Roles that an account held together although a policy keeps them apart. */
export interface HeldConflict {
  readonly policy: PolicyState;
  readonly account: string;
  /** In alphabetical order. */
  readonly roles: readonly string[];
  /** Every grant that gives one of them, by role and then in the order in which they were given; the first one names the conflict. */
  readonly grants: readonly StandingGrant[];
  /** The two that were together first. */
  readonly pair: ConflictingPair;
  /** Open exceptions of the account from the policy, in the order in which they were granted. */
  readonly exceptions: readonly ExceptionOnRecord[];
  /** Whether they excuse all of it. */
  readonly excused: boolean;
  /** Those of the grants that still conflict beside the exceptions: what a violation on record names. */
  readonly unexcused: readonly StandingGrant[];
}

/** A policy as a rule without exceptions. */
export const ruleOf = ({ id: policy, version, settings }: PolicyState): SodRule => ({
  policy,
  version,
  sets: settings?.kind === 'sod' ? settings.roles : [],
});

/** Policies of segregation of duties that are in force. */
export const sodPolicies = (policies: readonly PolicyState[]): PolicyState[] =>
  policies.filter(({ enabled, settings }) => enabled && settings?.kind === 'sod');

/** The conflicts of one account. Pure. @param asOf ISO-8601 UTC with milliseconds @param open its open exceptions, of whatever policy */
export function conflictsHeld(
  policies: readonly PolicyState[],
  grants: readonly StandingGrant[],
  open: readonly ExceptionOnRecord[],
  asOf: string,
): HeldConflict[] {
  const held = new Set(grants.map(({ role }) => role));
  return policies.flatMap((policy) => {
    const [conflict] = conflictsOf(held, [ruleOf(policy)]);
    if (!conflict) return [];
    const roles = [...new Set(conflict.held.flat())].sort();
    const concerned = roles.flatMap((role) => grants.filter((grant) => grant.role === role).sort(asGiven));
    const [{ account }] = concerned as [StandingGrant];
    const exceptions = open.filter((each) => each.policy === policy.id);
    const left = sodRules([policy], exceptions, account, asOf);
    const leftRoles = new Set(conflictsOf(held, left).flatMap((each) => each.held.flat()));
    const unexcused = concerned.filter(({ role }) => leftRoles.has(role));
    const excused = exceptions.length > 0 && unexcused.length === 0;
    const pair = firstPair(policy, concerned);
    return [{ policy, account, roles, grants: concerned, pair, exceptions, excused, unexcused }];
  });
}

/**
 * Whether what is on record of a violation is said of a conflict as it is held. Accepted are roles, whatever grants give them; what was closed
 * by hand are the very grants that were shown; an open violation is about whatever makes it up, and where all is excused nothing is left to say.
 */
export function isAbout(
  { status, held }: Pick<ViolationOnRecord, 'status' | 'held'>,
  { excused, unexcused }: Pick<HeldConflict, 'excused' | 'unexcused'>,
): boolean {
  if (excused || status === 'open') return true;
  const [roles, grants] = [new Set(held.map(({ role }) => role)), new Set(unexcused.map(({ grant }) => grant))];
  if (status === 'accepted') return unexcused.every(({ role }) => roles.has(role));
  return held.length === Math.min(grants.size, GRANTS_ON_RECORD_MAX) && held.every(({ grant }) => grants.has(grant));
}

const asGiven = (a: StandingGrant, b: StandingGrant): number =>
  a.granted_pos - b.granted_pos || (a.grant < b.grant ? -1 : 1);

/** Of the roles that stand against each other, the two that were held together first; each by the earliest grant that stands. */
function firstPair(policy: PolicyState, grants: readonly StandingGrant[]): ConflictingPair {
  const earliest = [...Map.groupBy(grants, ({ role }) => role).values()].map(beganFirst);
  const pairs = earliest.flatMap((one, index) =>
    earliest.slice(index + 1).flatMap((other) => {
      if (conflictsOf([one.role, other.role], [ruleOf(policy)]).length === 0) return [];
      const [first, second] = [one, other].sort(asBegun) as [StandingGrant, StandingGrant];
      return [{ first, second, since: second.valid_from }];
    }),
  );
  return pairs.sort((a, b) => a.since.getTime() - b.since.getTime())[0] as ConflictingPair;
}

const beganFirst = (grants: readonly StandingGrant[]): StandingGrant => [...grants].sort(asBegun)[0] as StandingGrant;

const asBegun = (a: StandingGrant, b: StandingGrant): number =>
  a.valid_from.getTime() - b.valid_from.getTime() || asGiven(a, b);
