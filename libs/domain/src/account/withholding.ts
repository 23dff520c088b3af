import type { MatchedClaim } from '../connection/conditions.js';
import type { DueRole, Judgement } from '../connection/rules.js';
import type { ConnectionSnapshot } from './account.commands.js';
import type { AccountState, Grant, Withholding } from './account.state.js';

/** What a withholding remembers of the grants that it takes away: their rules at their versions, and the values that matched. */
export function withholdingOf(grants: readonly Grant[]): { rules: string[]; matched: string | null } {
  const byRule = grants.filter(({ source }) => source.kind === 'rule');
  return {
    rules: byRule.map(({ source }) => ruleName(source.connection ?? '', source.rule ?? '', source.ruleVersion ?? 0)),
    matched: byRule.length > 0 ? canonical(byRule.flatMap(({ matched }) => matched)) : null,
  };
}

/** Whether a role is withheld at some instant of a stretch of time, `until` exclusive; null: for good. */
export function withheldWithin(
  { withheld }: AccountState,
  role: string,
  { now, until }: { readonly now: string; readonly until: string | null },
): boolean {
  const decision = withheld.get(role);
  return decision !== undefined && (withholdsAt(decision, now) || until === null || (decision.from ?? now) < until);
}

/** Whether a withholding is in force at an instant. */
export const withholdsAt = ({ from }: Withholding, at: string): boolean => from === null || from <= at;

/** What a sign-in knows about a role that is withheld. */
export interface WithheldRole {
  readonly role: string;
  readonly withholding: Withholding;
  readonly connection: ConnectionSnapshot;
  /** Of the connection's rules, at this sign-in. */
  readonly judgements: readonly Judgement[];
  /** What the connection's rules would give now. */
  readonly due: readonly DueRole[];
  /** Whether the connection knows the person by one subject only. By several, one of them cannot tell what the others would say. */
  readonly soleSubject: boolean;
}

/**
 * Whether what a withholding was about has changed, seen from a sign-in through one connection. Null while it stands.
 * It ends when a rule that gave the role gives it at another version; when the same rules match by other values; and when it is
 * certain that none of those rules matches any more, however the person may have signed in: somebody who signs in more weakly for once has
 * not changed, and must not shake off a decision by it, nor must somebody who comes by another of their subjects. A rule that did not
 * give the role then, and another connection, cannot end it: the decision was about the role, and nothing that it rested on has changed.
 */
export function endedWithholding(withheld: WithheldRole): 'rule-changed' | 'attributes-changed' | null {
  const { withholding, connection } = withheld;
  if (withholding.rules.length === 0) return null;
  const again = withheld.due.filter(
    ({ role, rule }) =>
      role === withheld.role && withholding.rules.some((name) => name.startsWith(`${connection.id}/${rule}@`)),
  );
  const nameOf = ({ rule, ruleVersion }: DueRole) => ruleName(connection.id, rule, ruleVersion);
  if (again.some((candidate) => !withholding.rules.includes(nameOf(candidate)))) return 'rule-changed';
  if (!withheld.soleSubject) return null;
  const changed =
    again.length === 0
      ? noLongerMatches(withheld)
      : withholding.matched !== null &&
        again.length === withholding.rules.length &&
        canonical(again.flatMap(({ matched }) => matched)) !== withholding.matched;
  return changed ? 'attributes-changed' : null;
}

/** The rules stand as they were, and the person is certainly not meant by them any more: then the person has changed. */
function noLongerMatches({ withholding, connection, judgements }: WithheldRole): boolean {
  const fail = new Set(
    judgements
      .filter(({ certainlyNot }) => certainlyNot)
      .map(({ rule, version }) => ruleName(connection.id, rule, version)),
  );
  return withholding.rules.every((name) => fail.has(name));
}

const ruleName = (connection: string, rule: string, version: number): string => `${connection}/${rule}@${version}`;

function canonical(matched: readonly MatchedClaim[]): string {
  return JSON.stringify(matched.map(({ claim, values }) => [claim, [...values].sort()]).sort());
}
