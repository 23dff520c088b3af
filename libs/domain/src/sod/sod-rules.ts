import type { PolicySettings } from '#libs/contracts';

/** Sets of roles: those of two different sets stand against each other. */
export type SodSets = readonly (readonly string[])[];

/** Roles that one account must not hold together, as a policy has them at one of its versions. */
export interface SodRule {
  readonly policy: string;
  readonly version: number;
  /** Holding roles of two of these sets is a conflict. */
  readonly sets: SodSets;
  /** What the exceptions of the account were granted for: two roles that stand against each other in one of them may be held together. */
  readonly excused?: readonly SodSets[];
}

/** What is needed of a policy. */
export interface PolicyInForce {
  readonly id: string;
  readonly version: number;
  readonly enabled: boolean;
  /** Null where nothing is known of it any more. */
  readonly settings: PolicySettings | null;
}

/** What is needed of an exception. */
export interface ExceptionInForce {
  readonly policy: string;
  readonly account: string;
  /** Of the policy, when the exception was granted: what it says since then is not excused. */
  readonly sets: SodSets;
  /** Exclusive. */
  readonly until: string;
  readonly ended: boolean;
}

/** Roles that an account holds, or would hold, against one policy. */
export interface SodConflict {
  readonly policy: string;
  readonly version: number;
  /** Of each of the policy's sets, in its order, the roles held, in the order in which they stand there. */
  readonly held: readonly (readonly string[])[];
}

/**
 * The rules of segregation of duties that bind an account: those of every policy in force, but for the pairs of roles that an open exception
 * excuses. The order of policies and exceptions does not matter to what conflicts.
 * @param now ISO-8601 UTC with milliseconds; an exception that ends then has ended
 */
export function sodRules(
  policies: readonly PolicyInForce[],
  exceptions: readonly ExceptionInForce[],
  account: string,
  now: string,
): SodRule[] {
  return rulesOf(policies, exceptions, { account, now }, ['detective', 'preventive']);
}

/** Of those, the rules that keep roles from being given; the others are looked at afterwards. */
export function preventiveRules(
  policies: readonly PolicyInForce[],
  exceptions: readonly ExceptionInForce[],
  account: string,
  now: string,
): SodRule[] {
  return rulesOf(policies, exceptions, { account, now }, ['preventive']);
}

/** Where policies and their exceptions are read, such as the catalogue. */
export interface SodSource {
  policies(tenant: string): readonly PolicyInForce[];
  sodExceptions(tenant: string): readonly ExceptionInForce[];
}

/** The same as `preventiveRules`, for a command that is about to be given. Exceptions are looked for only where a policy prevents anything. */
export function preventiveRulesFrom(
  source: SodSource,
  { tenant, account, now }: { readonly tenant: string; readonly account: string; readonly now: string },
): SodRule[] {
  const policies = source.policies(tenant).filter(({ settings }) => settings?.kind === 'sod');
  const prevented = preventiveRules(policies, [], account, now).length > 0;
  return prevented ? preventiveRules(policies, source.sodExceptions(tenant), account, now) : [];
}

function rulesOf(
  policies: readonly PolicyInForce[],
  exceptions: readonly ExceptionInForce[],
  { account, now }: { readonly account: string; readonly now: string },
  modes: readonly string[],
): SodRule[] {
  return policies.flatMap(({ id, version, enabled, settings }) => {
    if (!enabled || settings?.kind !== 'sod' || !modes.includes(settings.mode)) return [];
    const excused = exceptions
      .filter((each) => each.policy === id && each.account === account && !each.ended && now < each.until)
      .map(({ sets }) => sets);
    const rule = { policy: id, version, sets: settings.roles };
    if (excused.length === 0) return [rule];
    return forbidsAnything({ ...rule, excused }) ? [{ ...rule, excused }] : [];
  });
}

function forbidsAnything(rule: SodRule): boolean {
  const named = [...new Set(rule.sets.flat())];
  return named.some((one) => named.some((other) => standAgainst(rule, one, other)));
}

/** Whether a rule does not let one account hold both roles: they are two, stand in two different sets, and no exception is for both. */
export function standAgainst({ sets, excused = [] }: SodRule, one: string, other: string): boolean {
  if (one === other || !standApart(sets, one, other)) return false;
  return !excused.some((then) => standApart(then, one, other));
}

function standApart(sets: SodSets, one: string, other: string): boolean {
  return sets.some(
    (set, index) => set.includes(one) && sets.some((against, place) => place !== index && against.includes(other)),
  );
}

/** The rules that roles held together are against, each with those roles; none for roles that may be held together. */
export function conflictsOf(roles: Iterable<string>, rules: readonly SodRule[]): SodConflict[] {
  const held = new Set(roles);
  return rules.flatMap((rule) => {
    const named = rule.sets.flat().filter((role) => held.has(role));
    const concerned = new Set(named.filter((role) => named.some((other) => standAgainst(rule, role, other))));
    if (concerned.size === 0) return [];
    const { policy, version, sets } = rule;
    return [{ policy, version, held: sets.map((set) => set.filter((role) => concerned.has(role))) }];
  });
}

/** The same for one role that is about to be given to an account: what stands against it of the roles that the account holds. */
export function conflictsWith(
  role: string,
  held: Iterable<string>,
  rules: readonly SodRule[],
): { readonly policy: string; readonly held: readonly string[] }[] {
  const others = [...new Set(held)].sort();
  return rules.flatMap((rule) => {
    const against = others.filter((other) => standAgainst(rule, role, other));
    return against.length > 0 ? [{ policy: rule.policy, held: against }] : [];
  });
}
