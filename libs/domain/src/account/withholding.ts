import type { DueRole, MatchedClaim } from '../connection/rules.js';
import type { Grant, Withholding } from './account.state.js';

/** What a withholding remembers of the grants that it takes away: their rules at their versions, and the values that matched. */
export function withholdingOf(grants: readonly Grant[]): { rules: string[]; matched: string | null } {
  const byRule = grants.filter(({ source }) => source.kind === 'rule');
  return {
    rules: byRule.map(({ source }) => ruleName(source.connection ?? '', source.rule ?? '', source.ruleVersion ?? 0)),
    matched: byRule.length > 0 ? canonical(byRule.flatMap(({ matched }) => matched)) : null,
  };
}

/**
 * Whether what a withholding was about has changed, seen from one connection: the rule that gave the role has another version,
 * a rule gives it that did not then, or other values match. Null while it stands.
 */
export function endedWithholding(
  withholding: Withholding,
  connection: string,
  due: readonly DueRole[],
): 'rule-changed' | 'attributes-changed' | null {
  if (due.length === 0 || withholding.rules.length === 0) return null;
  const now = due.map(({ rule, ruleVersion }) => ruleName(connection, rule, ruleVersion));
  if (now.some((name) => !withholding.rules.includes(name))) return 'rule-changed';
  const matched = canonical(due.flatMap((candidate) => candidate.matched));
  const knownMatch = withholding.rules.length === due.length ? withholding.matched : null;
  return knownMatch !== null && knownMatch !== matched ? 'attributes-changed' : null;
}

const ruleName = (connection: string, rule: string, version: number): string => `${connection}/${rule}@${version}`;

function canonical(matched: readonly MatchedClaim[]): string {
  return JSON.stringify(matched.map(({ claim, values }) => [claim, [...values].sort()]).sort());
}
