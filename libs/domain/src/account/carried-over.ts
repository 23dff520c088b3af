import type { AccountEvent } from '#libs/contracts';
import type { AbsorbAccount, CarriedWithholding } from './account.commands.js';
import { type AccountState, type Grant, standingGrants, type Withholding } from './account.state.js';
import { because, isByRule, reduced, withheld } from './review.decision.js';
import { revoked } from './revocation.js';
import { withholdingOf } from './withholding.js';

/**
 * Lets what is withheld from an account that is absorbed bind the one that goes on: a decision is about a person, and a merge must not wash
 * it off. What rules gave of the role ends, at once or when the withholding begins. Where both accounts have one, the stricter of each
 * part counts; no events where the one that is there is as strict already.
 */
export function carryOver({ data, metadata: { now } }: AbsorbAccount, state: AccountState): AccountEvent[] {
  return data.withheld.flatMap((theirs) => {
    const ours = state.withheld.get(theirs.role);
    if (ours && isAsStrict(ours, theirs)) return [];
    const decision = theirs.decision ?? ours?.decision ?? null;
    const why = { decision, reason: data.reason };
    const from = earlier(theirs, ours, now);
    const given = standingGrants(state, now).filter((grant) => isByRule(grant, theirs.role));
    return [
      ...(from === null
        ? revoked(state.id, given, because(why, now))
        : reduced(state.id, given.filter(goesBeyond(from)), { until: from, ...why })),
      withheld(state, { role: theirs.role, ...rulesOf(theirs, ours, given), from }, why),
    ];
  });
}

const goesBeyond =
  (end: string) =>
  ({ until }: Grant): boolean =>
    until === null || until > end;

function isAsStrict(ours: Withholding, theirs: CarriedWithholding): boolean {
  const asEarly = ours.from === null || (theirs.from !== null && ours.from <= theirs.from);
  const asLong =
    ours.rules.length === 0 || (theirs.rules.length > 0 && theirs.rules.every((rule) => ours.rules.includes(rule)));
  return asEarly && asLong;
}

/** Null: at once, also where it has begun. */
function earlier(theirs: CarriedWithholding, ours: Withholding | undefined, now: string): string | null {
  const begins = [theirs, ...(ours ? [ours] : [])].map(({ from }) => from ?? now);
  const first = begins.reduce((one, other) => (one < other ? one : other));
  return first <= now ? null : first;
}

/** Of a withholding that no rule ends nothing is remembered. Values that matched cannot be compared where rules of both accounts are meant. */
function rulesOf(
  theirs: CarriedWithholding,
  ours: Withholding | undefined,
  given: readonly Grant[],
): { rules: string[]; matched: string | null } {
  if (theirs.rules.length === 0) return { rules: [], matched: null };
  const added = [...(ours?.rules ?? []), ...withholdingOf(given).rules];
  const rules = [...new Set([...theirs.rules, ...added])];
  return { rules, matched: added.length > 0 ? null : theirs.matched };
}
