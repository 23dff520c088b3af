import type { SodConflictPrevented } from '#libs/contracts';
import { type DueRole, dueKey } from '../connection/rules.js';
import { type SodRule, standAgainst } from '../sod/sod-rules.js';

/** What is recorded of one policy that keeps roles back. */
export type PreventedConflict = SodConflictPrevented['data']['conflicts'][number];

/** Most conflicts, and most roles in each, that one event names; more are kept back all the same. */
export const CONFLICTS_PER_EVENT_MAX = 100;

/** What a sign-in has to choose from. */
export interface GivingUnderSod {
  readonly rules: readonly SodRule[];
  /** Roles that the account goes on holding, whatever gave them. */
  readonly held: ReadonlySet<string>;
  /** What the connection's rules would give and have not given yet. */
  readonly due: readonly DueRole[];
  /** What was kept back before, and of which it cannot be told at this sign-in whether it is still due. */
  readonly undecided: readonly DueRole[];
}

/** What is given of that, and what is not. */
export interface GivenUnderSod {
  readonly given: readonly DueRole[];
  readonly conflicts: readonly PreventedConflict[];
}

/**
 * Keeps back what an account must not be given beside what it holds: held roles stay; a new one that stands against a held one is not given;
 * of new ones that stand against each other none is. The order of rules and roles does not matter, and asked again after the others
 * were given, the answer is the same.
 */
export function keepBack({ rules, held, due, undecided }: GivingUnderSod): GivenUnderSod {
  const named = new Set(rules.flatMap(({ sets }) => sets.flat()));
  const clash = (one: string, other: string) => rules.some((rule) => standAgainst(rule, one, other));
  const standing = [...held].filter((role) => named.has(role));
  const wanted = rolesOf(due).filter((role) => named.has(role));
  const free = wanted.filter((role) => !standing.some((other) => clash(role, other)));
  const freeOfEachOther = free.filter((role) => !free.some((other) => clash(role, other)));
  const kept = new Set(wanted.filter((role) => !freeOfEachOther.includes(role)));
  const given = due.filter(({ role }) => !kept.has(role));
  const back = [...due.filter(({ role }) => kept.has(role)), ...undecided.filter(({ role }) => named.has(role))];
  return { given, conflicts: conflictsAmong(rules, [...standing, ...freeOfEachOther], back) };
}

/** Per policy: what is kept back because of roles held, and what is kept back because both were new. In an order of its own. */
function conflictsAmong(
  rules: readonly SodRule[],
  held: readonly string[],
  back: readonly DueRole[],
): PreventedConflict[] {
  const blocked = (role: string) => held.some((other) => rules.some((rule) => standAgainst(rule, role, other)));
  const onlyNew = back.filter(({ role }) => !blocked(role));
  return rules
    .flatMap((rule) => [prevented(rule, back, held), prevented(rule, onlyNew, null)])
    .filter((conflict) => conflict !== null)
    .sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
    .slice(0, CONFLICTS_PER_EVENT_MAX);
}

/** @param held null: of roles that stand against each other */
function prevented(rule: SodRule, back: readonly DueRole[], held: readonly string[] | null): PreventedConflict | null {
  const against = held ?? rolesOf(back);
  const kept = back.filter(({ role }) => against.some((other) => standAgainst(rule, role, other)));
  if (kept.length === 0) return null;
  const standing = (held ?? []).filter((role) => kept.some((each) => standAgainst(rule, role, each.role)));
  return {
    policy: rule.policy,
    policyVersion: rule.version,
    keptBack: [...kept]
      .sort((one, other) => (dueOrder(one) < dueOrder(other) ? -1 : 1))
      .slice(0, CONFLICTS_PER_EVENT_MAX)
      .map(({ role, rule: id, ruleVersion }) => ({ role, rule: id, ruleVersion })),
    held: [...new Set(standing)].sort().slice(0, CONFLICTS_PER_EVENT_MAX),
  };
}

/** What was kept back before, as if it were due, where `stillOpen` says that it cannot be told. */
export function undecidedAmong(
  conflicts: readonly PreventedConflict[],
  stillOpen: (key: string) => boolean,
): DueRole[] {
  const all = conflicts.flatMap(({ keptBack }) => keptBack).filter((each) => stillOpen(dueKey(each)));
  const byKey = new Map(all.map((each) => [dueKey(each), { ...each, matched: [] }]));
  return [...byKey.values()];
}

const rolesOf = (due: readonly DueRole[]): string[] => [...new Set(due.map(({ role }) => role))];
const dueOrder = ({ role, rule }: DueRole): string => `${role}\n${rule}`;
const orderOf = ({ policy, held, keptBack }: PreventedConflict): string =>
  JSON.stringify([policy, held, keptBack.map(({ role, rule }) => [role, rule])]);
