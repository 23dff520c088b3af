import type { ConnectionSettings, RuleCondition } from '#libs/contracts';
import type { Authentication, Claims } from './claims.js';
import { domainOf } from './email-domain.js';
import type { Groups } from './groups.js';
import { compiled, matchesWhole, WORK_PER_PATTERN, workOfPattern } from './regexps.js';
import { spend, type WorkBudget } from './work-budget.js';

/** One value for a standard attribute, all values for one of the operator's own. */
export type OfferedValue = string | readonly string[] | null;

/** Deepest nesting of a condition; what lies deeper is undecided. */
export const CONDITION_DEPTH_MAX = 10;

/** A claim and those of its values that made a rule match. */
export interface MatchedClaim {
  readonly claim: string;
  readonly values: readonly string[];
}

/** What conditions look at. */
export interface RuleFacts {
  readonly groups: Groups;
  /** Of the profile, as `attributes` of the connection maps them; what rules set is not among them. */
  readonly attributes: ReadonlyMap<string, OfferedValue>;
  /** Attributes that cannot be told: their expressions would have been more work than there may be. */
  readonly untold: ReadonlySet<string>;
  readonly claims: Claims;
  /** The source says itself that the address is not verified: then it is in no domain, and nobody is linked by what the source says. */
  readonly addressDenied: boolean;
  /** Null when it is not to be looked at, or not on record. */
  readonly authentication: Authentication | null;
  readonly groupAttribute: string;
  readonly authenticationContexts: ConnectionSettings['authenticationContexts'];
  /** What conditions may still cost, as in `WorkBudget`. */
  readonly workLeft: number;
}

/** What a condition came to. `holds` null: it cannot be told, because groups are unknown, nothing is on record, or it is too much work. */
export interface Verdict {
  readonly holds: boolean | null;
  /** Which part decided, as a fact about the person; names and values of the connection's settings, none of the claims. */
  readonly why: string;
  readonly matched: readonly MatchedClaim[];
}

type Comparison = {
  readonly equals?: string | undefined;
  readonly in?: readonly string[] | undefined;
  readonly matches?: string | undefined;
  readonly present?: boolean | undefined;
};

const said = (holds: boolean | null, why: string, matched: readonly MatchedClaim[] = []): Verdict => ({
  holds,
  why,
  matched,
});

/**
 * Judges a condition in three values (true, false, cannot be told), after Kleene: a part that cannot be told decides only where no other
 * part does. Total, linear in the claims, and within the budget: what that has no room for cannot be told.
 */
export function judge(when: RuleCondition, facts: RuleFacts, budget: WorkBudget, depth = 1): Verdict {
  if (when === 'always') return said(true, 'for everybody');
  if (depth > CONDITION_DEPTH_MAX) return said(null, 'the condition is nested too deeply');
  const inner = (part: RuleCondition) => judge(part, facts, budget, depth + 1);
  if ('all' in when) return allOf(when.all.map(inner));
  if ('any' in when) return anyOf(when.any.map(inner));
  if ('not' in when) return negated(inner(when.not));
  if ('group' in when) return inGroup(when.group, facts);
  if ('domain' in when) return inDomain(when.domain, facts);
  if ('authenticationContext' in when) return signedInBy(when.authenticationContext, facts);
  if ('attribute' in when) return comparedAttribute(when, facts, budget);
  return compared(`claim ${when.claim}`, when.claim, facts.claims.get(when.claim) ?? [], { comparison: when, budget });
}

/**
 * Whether a condition looks at how a person signed in, which is another thing from one sign-in to the next. What is nested too deeply
 * counts as if it did.
 */
export function asksForAuthentication(when: RuleCondition, depth = 1): boolean {
  if (when === 'always') return false;
  if (depth > CONDITION_DEPTH_MAX) return true;
  const inner = (part: RuleCondition) => asksForAuthentication(part, depth + 1);
  if ('all' in when) return when.all.some(inner);
  if ('any' in when) return when.any.some(inner);
  return 'not' in when ? inner(when.not) : 'authenticationContext' in when;
}

function allOf(parts: readonly Verdict[]): Verdict {
  const decisive = parts.find(({ holds }) => holds === false) ?? parts.find(({ holds }) => holds === null);
  if (decisive) return { ...decisive, matched: [] };
  return said(true, joined(parts), merged(parts));
}

function anyOf(parts: readonly Verdict[]): Verdict {
  const matching = parts.filter(({ holds }) => holds === true);
  if (matching[0]) return said(true, matching[0].why, merged(matching));
  const open = parts.find(({ holds }) => holds === null);
  return open ? { ...open, matched: [] } : said(false, joined(parts));
}

const negated = ({ holds, why }: Verdict): Verdict => said(holds === null ? null : !holds, why);

function inGroup(group: string, { groups, groupAttribute }: RuleFacts): Verdict {
  if (!groups.known) return said(null, 'groups unknown');
  return groups.values.has(group)
    ? said(true, `member of ${group}`, [{ claim: groupAttribute, values: [group] }])
    : said(false, `not a member of ${group}`);
}

/** An address that the source says it has not verified may be anybody's: it is in no domain. */
function inDomain(domain: string, { attributes, untold, addressDenied }: RuleFacts): Verdict {
  const wanted = domain.toLowerCase();
  const email = attributes.get('email');
  if (untold.has('email')) return said(null, tooMuchWork('the e-mail address'));
  if (addressDenied) return said(false, `no verified e-mail address in ${wanted}`);
  return typeof email === 'string' && domainOf(email) === wanted
    ? said(true, `e-mail address in ${wanted}`, [{ claim: 'email', values: [wanted] }])
    : said(false, `no e-mail address in ${wanted}`);
}

function signedInBy(wanted: string, { authentication, authenticationContexts }: RuleFacts): Verdict {
  if (authentication === null) return said(null, 'authentication context unknown');
  return meetsContext(wanted, authentication, authenticationContexts)
    ? said(true, `authentication context is ${wanted}`)
    : said(false, `authentication context ${shownContext(authentication)} is not ${wanted}`);
}

/** Whether a sign-in was made as asked: by this context or method, or where the connection has an alias of that name, by one that it stands for. */
export function meetsContext(
  wanted: string,
  { context, methods }: Authentication,
  aliases: RuleFacts['authenticationContexts'],
): boolean {
  const accepted = Object.hasOwn(aliases, wanted) ? (aliases[wanted] ?? []) : [wanted];
  return accepted.some((name) => name === context || methods.includes(name));
}

const SHOWN_CONTEXT_MAX = 160;

function shownContext({ context, methods }: Authentication): string {
  const stated = [...(context === null ? [] : [context]), ...methods].join(' ');
  return stated === '' ? '(not stated)' : stated.slice(0, SHOWN_CONTEXT_MAX);
}

/** What it costs to keep a value ready for comparison. */
const WORK_PER_CHOICE = 2;

const tooMuchWork = (what: string): string => `${what} cannot be compared: the claims are too large`;

function comparedAttribute(
  when: Extract<RuleCondition, { readonly attribute: string }>,
  { attributes, untold }: RuleFacts,
  budget: WorkBudget,
): Verdict {
  const what = `attribute ${when.attribute}`;
  if (untold.has(when.attribute)) return said(null, tooMuchWork(what));
  const value = attributes.get(when.attribute) ?? [];
  return compared(what, when.attribute, typeof value === 'string' ? [value] : value, { comparison: when, budget });
}

function compared(
  what: string,
  claim: string,
  stated: readonly string[],
  { comparison, budget }: { readonly comparison: Comparison; readonly budget: WorkBudget },
): Verdict {
  const { equals, in: choices, matches, present } = comparison;
  if (!spend(budget, stated.length + WORK_PER_CHOICE * (choices?.length ?? 1))) return said(null, tooMuchWork(what));
  const values = stated.filter((value) => value !== '');
  if (present !== undefined)
    return said(values.length > 0 === present, `${what} is ${values.length > 0 ? 'present' : 'absent'}`);
  if (values.length === 0) return said(false, `${what} is absent`);
  if (matches !== undefined) return comparedByPattern(what, claim, values, { matches, budget });
  const wanted = new Set(choices ?? (equals === undefined ? [] : [equals]));
  const hits = values.filter((value) => wanted.has(value));
  if (hits.length > 0) return said(true, `${what} is ${hits[0]}`, [{ claim, values: hits }]);
  return said(false, `${what} is not ${[...wanted].join(', ')}`);
}

function comparedByPattern(
  what: string,
  claim: string,
  values: readonly string[],
  { matches, budget }: { readonly matches: string; readonly budget: WorkBudget },
): Verdict {
  if (!spend(budget, WORK_PER_PATTERN)) return said(null, tooMuchWork(what));
  const pattern = compiled(matches);
  if (pattern === null) return said(null, `${what} cannot be compared: the expression is invalid`);
  if (!spend(budget, workOfPattern(pattern, values))) return said(null, tooMuchWork(what));
  const hits = values.filter((value) => matchesWhole(pattern, value));
  return hits.length > 0
    ? said(true, `${what} matches ${matches}`, [{ claim, values: hits }])
    : said(false, `${what} does not match ${matches}`);
}

const joined = (parts: readonly Verdict[]): string => parts.map(({ why }) => why).join('; ');

/** Each claim once, with all its values that matched in any part. */
function merged(parts: readonly Verdict[]): MatchedClaim[] {
  const byClaim = new Map<string, Set<string>>();
  for (const { claim, values } of parts.flatMap(({ matched }) => matched)) {
    const all = byClaim.get(claim) ?? new Set();
    for (const value of values) all.add(value);
    byClaim.set(claim, all);
  }
  return [...byClaim].map(([claim, values]) => ({ claim, values: [...values] }));
}
