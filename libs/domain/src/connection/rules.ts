import type { MappingRule, RuleCondition } from '#libs/contracts';
import { asksForAuthentication, judge, type MatchedClaim, type RuleFacts } from './conditions.js';
import { type WorkBudget, workBudget } from './work-budget.js';

/** Longest reason of a judgement, in characters; longer ones are cut. */
export const WHY_LENGTH_MAX = 500;
/** Most claims that a judgement names. */
const MATCHED_CLAIMS_MAX = 20;

/** How a rule was judged. */
export interface Judgement {
  readonly rule: string;
  readonly version: number;
  readonly matched: boolean;
  /** It cannot be told whether the rule is for this person: it gives nothing then, and takes nothing back. */
  readonly undecided: boolean;
  /** It does not match, and would not however the person had signed in. */
  readonly certainlyNot: boolean;
  /** Which part of its condition decided. At most `WHY_LENGTH_MAX` characters. */
  readonly why: string;
  /** What made it match; empty when it did not, or is for everybody. How the person signed in is not among it. */
  readonly matchedClaims: readonly MatchedClaim[];
}

/** A role that a rule gives, with what made it match. */
export interface DueRole {
  readonly role: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly matched: readonly MatchedClaim[];
}

/** What rules are judged by when nothing is on record about a person any more. */
export type NothingKnown = 'unknown';

type Judged = Pick<MappingRule, 'id' | 'version'> & { readonly when: RuleCondition };

/**
 * Judges every rule of a connection, in order. Total; each condition is linear in the claims, and all of them together stay within what the
 * facts leave of the budget. What lies beyond a limit is undecided.
 */
export function judgeRules(
  rules: readonly Judged[],
  facts: RuleFacts | NothingKnown,
  budget: WorkBudget = workBudget(facts === 'unknown' ? 0 : facts.workLeft),
): Judgement[] {
  return rules.map(({ id, version, when }) => {
    const verdict =
      facts === 'unknown' && when !== 'always' ? NOTHING_ON_RECORD : judge(when, facts as RuleFacts, budget);
    return {
      rule: id,
      version,
      matched: verdict.holds === true,
      undecided: verdict.holds === null,
      certainlyNot: verdict.holds === false && failsHowever(when, facts as RuleFacts, budget),
      why: verdict.why.length > WHY_LENGTH_MAX ? `${verdict.why.slice(0, WHY_LENGTH_MAX - 1)}…` : verdict.why,
      matchedClaims: verdict.holds === true ? verdict.matched.slice(0, MATCHED_CLAIMS_MAX) : [],
    };
  });
}

const failsHowever = (when: RuleCondition, facts: RuleFacts, budget: WorkBudget): boolean =>
  !asksForAuthentication(when) || judge(when, { ...facts, authentication: null }, budget).holds === false;

const NOTHING_ON_RECORD = { holds: null, why: 'nothing is on record about the person', matched: [] };

/** Names a due role, or a grant, within its connection: one grant for each role that each rule gives. */
export const dueKey = ({ rule, role }: { readonly rule: string | null; readonly role: string }): string =>
  `${rule}/${role}`;

/** The roles that the rules judged to match give; those that the catalogue lacks or has retired are left out. */
export function rolesDue(
  rules: readonly MappingRule[],
  judgements: readonly Judgement[],
  live: ReadonlySet<string>,
): Map<string, DueRole> {
  const matching = new Map(judgements.filter(({ matched }) => matched).map((judged) => [judged.rule, judged]));
  const due = new Map<string, DueRole>();
  for (const { id, version, grant } of rules) {
    const judged = matching.get(id);
    if (!judged) continue;
    for (const role of grant) {
      if (live.has(role))
        due.set(dueKey({ rule: id, role }), { role, rule: id, ruleVersion: version, matched: judged.matchedClaims });
    }
  }
  return due;
}

/** The grants (by `dueKey`) of which it cannot be told whether they are due: their rules still give the role, and are undecided. */
export function undecidedGrants(rules: readonly MappingRule[], judgements: readonly Judgement[]): Set<string> {
  const open = new Set(judgements.filter(({ undecided }) => undecided).map(({ rule }) => rule));
  return new Set(
    rules.filter(({ id }) => open.has(id)).flatMap(({ id, grant }) => grant.map((role) => dueKey({ rule: id, role }))),
  );
}
