import type { ConnectionSettings, MappingRule } from '#libs/contracts';
import type { Judgement } from '../connection/rules.js';
import { type AccountState, type Grant, rolesHeld } from './account.state.js';
import { withholdsAt } from './withholding.js';

/** One reason why an account does not hold a role. */
export interface WhyNot {
  /**
   * `rule`: a rule that gives the role, as it was judged. `withheld`: a standing decision. `sod`: a policy of segregation of duties.
   * `inactive`: nothing that the account was given counts. `unknown`: what would give the role is not there, or nothing is on record.
   */
  readonly kind: 'rule' | 'withheld' | 'sod' | 'inactive' | 'unknown';
  /** `connection/rule`; null where no rule is concerned. */
  readonly rule: string | null;
  readonly version: number | null;
  /** Whether the rule matched at the last sign-in; null where that is not known. */
  readonly matched: boolean | null;
  readonly reviewItem: string | null;
  readonly text: string;
  /** The event that shows it; null where there is none. */
  readonly event: string | null;
}

/** A connection, and how its rules were judged when the person came through it last. */
export interface ConnectionForWhyNot {
  readonly id: string;
  readonly enabled: boolean;
  readonly settings: ConnectionSettings;
  /** Null when the person never came, or nothing is known of it any more. */
  readonly lastSignIn: {
    /** Id of the `SignedIn` event. */
    readonly event: string;
    readonly judgements: readonly Pick<Judgement, 'rule' | 'version' | 'matched' | 'why'>[];
  } | null;
}

/** What the answer goes by, beside the account. */
export interface WhyNotFacts {
  /** Connections that were not removed. */
  readonly connections: readonly ConnectionForWhyNot[];
  readonly liveRoles: ReadonlySet<string>;
  /** Decision of a review (id of its event) → the review item. */
  readonly reviewItems: ReadonlyMap<string, string>;
}

/**
 * Says why an account does not hold a role at an instant: first what concerns the account as a whole, then the role, then every rule that
 * could give it. Empty when it holds the role. Goes by facts alone: the account's history, and the judgements recorded at sign-ins.
 */
export function whyNot(
  state: AccountState,
  role: string,
  { connections, liveRoles, reviewItems }: WhyNotFacts,
  now: string,
): WhyNot[] {
  if (!state.exists) return [unknown('There is no such account.')];
  if (rolesHeld(state, now).includes(role)) return [];
  const rules = connections.flatMap((connection) =>
    connection.settings.rules.filter(({ grant }) => grant.includes(role)).map((rule) => ({ connection, rule })),
  );
  return [
    ...inactivity(state, now),
    ...(liveRoles.has(role) ? [] : [unknown('The catalogue has no such role, or it was retired.')]),
    ...withholding(state, role, reviewItems, now),
    ...keptBack(state, role),
    ...rules.map(({ connection, rule }) => judged(connection, rule, lapsedGrant(state, connection, rule, role, now))),
    ...(rules.length > 0
      ? []
      : [unknown('No rule of any connection gives this role, and nobody has given it by hand.')]),
  ];
}

const because = (kind: WhyNot['kind'], text: string, over: Partial<WhyNot> = {}): WhyNot => ({
  kind,
  rule: null,
  version: null,
  matched: null,
  reviewItem: null,
  text,
  event: null,
  ...over,
});

const unknown = (text: string): WhyNot => because('unknown', text);

function inactivity(state: AccountState, now: string): WhyNot[] {
  const event = state.deactivation;
  if (state.mergedInto !== null)
    return [because('inactive', `The account was merged into another one (account: ${state.mergedInto}).`, { event })];
  if (state.status === 'deactivated')
    return [because('inactive', 'The account is deactivated: what it was given does not count.', { event })];
  if (state.expiresAt !== null && state.expiresAt <= now)
    return [because('inactive', `The account ended at ${state.expiresAt}: what it was given does not count.`)];
  return [];
}

/** A decision counts from its instant on; until then rules may give the role. */
function withholding(
  { withheld }: AccountState,
  role: string,
  reviewItems: WhyNotFacts['reviewItems'],
  now: string,
): WhyNot[] {
  const found = withheld.get(role);
  if (!found || !withholdsAt(found, now)) return [];
  const { decision, from, event } = found;
  const whose = decision === null ? 'A standing decision' : `The decision of a review (${decision})`;
  const since = from === null ? '' : ` since ${from}`;
  const text = `${whose} keeps rules from giving this role to the account${since}.`;
  return [because('withheld', text, { event, reviewItem: (decision && reviewItems.get(decision)) ?? null })];
}

/** What the last sign-in through each connection kept back of the role. */
function keptBack(state: AccountState, role: string): WhyNot[] {
  return [...state.keptBack].flatMap(([connection, { conflicts, event }]) =>
    conflicts.flatMap(({ policy, policyVersion, keptBack: kept, held }) =>
      kept
        .filter((each) => each.role === role)
        .map(({ rule, ruleVersion: version }) => {
          const others = kept.map((each) => each.role).filter((each) => each !== role);
          const against =
            held.length > 0
              ? `${held.join(', ')}, which the account held at the last sign-in through ${connection}`
              : `${others.join(', ')}, which that sign-in would have given too`;
          const text = `The policy ${policy}, at version ${policyVersion}, keeps the role back beside ${against}.`;
          return because('sod', text, { rule: `${connection}/${rule}`, version, matched: true, event });
        }),
    ),
  );
}

/** A grant of the rule that ran out and is not written down as ended yet. */
function lapsedGrant(
  { grants }: AccountState,
  { id }: ConnectionForWhyNot,
  rule: MappingRule,
  role: string,
  now: string,
): Grant | undefined {
  return [...grants.values()].find(
    ({ source, until, ...grant }) =>
      grant.role === role && source.connection === id && source.rule === rule.id && until !== null && until <= now,
  );
}

function judged(
  { id, enabled, lastSignIn }: ConnectionForWhyNot,
  rule: MappingRule,
  lapsed: Grant | undefined,
): WhyNot {
  const named = { rule: `${id}/${rule.id}`, version: rule.version };
  const judgement = lastSignIn?.judgements.find((each) => each.rule === rule.id);
  const closed = enabled ? '' : ' The connection is disabled and admits nobody.';
  if (!lastSignIn) return because('unknown', `The person has not signed in through ${id}.${closed}`, named);
  const { event } = lastSignIn;
  if (!judgement || judgement.version !== rule.version) {
    const text = `The rule is newer than the last sign-in through ${id}: the next one judges it.${closed}`;
    return because('rule', text, { ...named, event });
  }
  const { matched, why } = judgement;
  if (!matched) return because('rule', `At the last sign-in: ${why}.${closed}`, { ...named, matched, event });
  const since = lapsed
    ? `its grant ran out at ${lapsed.until}, since no later sign-in confirmed it, or a decision had it end then`
    : 'its grant has ended since, or was kept from being given';
  return because('rule', `The rule matched at the last sign-in (${why}); ${since}.${closed}`, {
    ...named,
    matched,
    event,
  });
}
