import { type AccountEvent, GRANTS_PER_EVENT_MAX, type GrantsReduced, type RoleWithheld } from '#libs/contracts';
import type { ReduceGrants, RevokeGrant, WithholdRole } from './account.commands.js';
import { GrantNotFoundError, InvalidGrantEndError, WithholdRequiredError } from './account.errors.js';
import { type AccountState, type Grant, standingGrants } from './account.state.js';
import { inParts } from './in-parts.js';
import { type Revocation, revoked } from './revocation.js';
import { withholdingOf } from './withholding.js';

type Reasoned = Pick<RoleWithheld['data'], 'decision' | 'reason'>;

/**
 * Ends a grant by hand, or because a review decided so. Where the role is to be withheld, every grant of it by a rule ends as well, and
 * of an elevation every grant by which it goes on.
 * @throws {GrantNotFoundError} when it has ended already
 * @throws {WithholdRequiredError} when a rule gave it and would give it again
 */
export function revokeGrant({ data, metadata }: RevokeGrant, state: AccountState): AccountEvent[] {
  const open = standingGrants(state, metadata.now);
  const grant = open.find(({ id }) => id === data.grant);
  if (!grant) throw new GrantNotFoundError();
  if (grant.source.kind === 'rule' && data.withhold === null) throw new WithholdRequiredError();
  if (!data.withhold) return revoked(state.id, [grant], because(data, metadata.now));
  const concerned = open.filter((each) => isSameAs(grant, each) || isByRule(each, grant.role));
  return [
    ...revoked(state.id, concerned, because(data, metadata.now)),
    withheld(state, { role: grant.role, ...withholdingOf(concerned), from: null }, data),
  ];
}

/** Withholds a role that was kept back from being given, and takes back what rules gave of it since. */
export function withholdRole({ data, metadata }: WithholdRole, state: AccountState): AccountEvent[] {
  const concerned = standingGrants(state, metadata.now).filter((grant) => isByRule(grant, data.role));
  const { rules, matched } = withholdingOf(concerned);
  const others = data.rules.filter((rule) => !rules.includes(rule));
  return [
    ...revoked(state.id, concerned, because(data, metadata.now)),
    // what would have matched for the others is not known: then only another version of a rule ends the withholding
    withheld(
      state,
      { role: data.role, rules: [...rules, ...others], matched: others.length > 0 ? null : matched, from: null },
      data,
    ),
  ];
}

/**
 * Sets an end that no rule can move: to a grant, with it to the others of its elevation, to every grant of the role by a rule, and to all
 * that rules give of it until then.
 * What ends earlier anyway, and a withholding that is stricter, stay as they are; no events when nothing changes.
 * @throws {InvalidGrantEndError} when the end does not lie in the future
 * @throws {GrantNotFoundError} when the grant has ended already
 */
export function reduceGrants({ data, metadata }: ReduceGrants, state: AccountState): AccountEvent[] {
  const { grant, role, until, decision, reason } = data;
  if (until <= metadata.now) throw new InvalidGrantEndError(null);
  const open = standingGrants(state, metadata.now);
  const asked = open.find(({ id }) => id === grant);
  if (grant !== null && asked === undefined) throw new GrantNotFoundError();
  const byRules = open.filter((each) => isByRule(each, role));
  const beyond = open.filter(
    (each) => ((asked && isSameAs(asked, each)) || isByRule(each, role)) && (each.until === null || each.until > until),
  );
  const stricter = state.withheld.get(role);
  const withhold = stricter === undefined || (stricter.from !== null && stricter.from > until);
  return [
    ...reduced(state.id, beyond, { until, decision, reason }),
    ...(withhold ? [withheld(state, { role, ...withholdingOf(byRules), from: until }, data)] : []),
  ];
}

/** Lets grants end earlier; no events for no grants. */
export function reduced(
  account: string,
  grants: readonly Grant[],
  how: Pick<GrantsReduced['data'], 'until' | 'decision' | 'reason'>,
): GrantsReduced[] {
  return inParts(grants, GRANTS_PER_EVENT_MAX).map((part) => ({
    type: 'GrantsReduced',
    data: { account, grants: part.map(({ id, role }) => ({ id, role })), ...how },
  }));
}

/** A withholding that no change of a rule ends is not made weaker by a later one. */
export function withheld(
  state: AccountState,
  what: Pick<RoleWithheld['data'], 'role' | 'rules' | 'matched' | 'from'>,
  { decision, reason }: Reasoned,
): RoleWithheld {
  const former = state.withheld.get(what.role);
  const absolute = former?.rules.length === 0 ? { rules: [], matched: null } : {};
  return { type: 'RoleWithheld', data: { account: state.id, ...what, ...absolute, decision, reason } };
}

/** How grants end because somebody, or a review, decided so. */
export const because = ({ decision, reason }: Reasoned, at: string): Revocation => ({
  code: decision === null ? 'by-hand' : 'review',
  at,
  evidence: decision,
  reason,
});

/** Whether a rule gave a grant of a role. */
export const isByRule = (grant: Grant, role: string): boolean => grant.role === role && grant.source.kind === 'rule';

/** Whether a decision about one grant is about another: it is that one, or a further grant of the same elevation. */
const isSameAs = (grant: Grant, each: Grant): boolean =>
  each.id === grant.id ||
  (grant.source.kind === 'elevation' && each.source.kind === 'elevation' && each.source.actor === grant.source.actor);
