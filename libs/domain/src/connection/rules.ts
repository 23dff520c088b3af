import type { MappingRule } from '#libs/contracts';
import type { Groups } from './identity-mapping.js';

/** A claim and those of its values that made a rule match. */
export interface MatchedClaim {
  readonly claim: string;
  readonly values: readonly string[];
}

/** A role that a rule gives, with what made it match. */
export interface DueRole {
  readonly role: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly matched: readonly MatchedClaim[];
}

/** Names a due role, or a grant, within its connection: one grant for each role that each rule gives. */
export const dueKey = ({ rule, role }: { readonly rule: string | null; readonly role: string }): string =>
  `${rule}/${role}`;

/**
 * Evaluates the rules of a connection. Total and linear in rules × roles; roles that the catalogue lacks or has retired are left out.
 * With unknown groups only rules that do not look at groups match.
 */
export function rolesDue(
  rules: readonly MappingRule[],
  groups: Groups,
  groupAttribute: string,
  live: ReadonlySet<string>,
): Map<string, DueRole> {
  const due = new Map<string, DueRole>();
  for (const rule of rules) {
    const matched = match(rule.when, groups, groupAttribute);
    if (!matched) continue;
    for (const role of rule.grant) {
      if (live.has(role))
        due.set(dueKey({ rule: rule.id, role }), { role, rule: rule.id, ruleVersion: rule.version, matched });
    }
  }
  return due;
}

function match(when: MappingRule['when'], groups: Groups, groupAttribute: string): readonly MatchedClaim[] | null {
  if (when === 'always') return [];
  return groups.known && groups.values.has(when.group) ? [{ claim: groupAttribute, values: [when.group] }] : null;
}
