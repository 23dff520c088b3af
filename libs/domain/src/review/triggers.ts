import type { AccountEvent, ConnectionEvent, ReviewTrigger, RolesAssigned } from '#libs/contracts';
import type { RecordedEvent } from '#libs/kernel';
import { type AccountState, type Grant, openGrants } from '../account/account.state.js';

/** A reason to open a review, with the grants that it is about; never without any. */
export interface FiredTrigger {
  readonly trigger: ReviewTrigger;
  readonly grants: readonly Grant[];
}

/** What else decides whether an event on an account opens a review. */
export interface TriggerContext {
  readonly isPrivileged: (role: string) => boolean;
  /** When a rule of a connection came to have this version; null where that cannot be told. */
  readonly ruleSince: (connection: string, rule: string, version: number) => string | null;
  /** When a connection last said anything about the account before this event's command; null: never. */
  readonly lastWordOf: (connection: string) => string | null;
  /** Connections whose rules had given the account a grant before this event's command. */
  readonly gaveBefore: ReadonlySet<string>;
  /** Whether anybody or anything had given the account a grant before this event's command. */
  readonly hadGrants: boolean;
}

type Recorded = RecordedEvent & AccountEvent;

/**
 * Says which triggers an event on an account fires. Those of the clock (`sodExceptionEnding`, `dormant`) are nobody's event.
 *
 * - `privilegedRoleGranted`: grants of privileged roles, except by elevation, whose approval was the decision.
 * - `roleGrantedByChangedRule`: grants by a rule at a later version than its first, to somebody whom the connection knew and about whom it has
 *   said nothing since that version: so it is the rule that has changed, and not the person. When the version came is unknown only of
 *   what is no longer on record; then the trigger fires.
 * - `departmentChanged`, `managerChanged`, `employeeTypeChanged`: every grant that is open then.
 * - `newConnectionGrant`: the first grants that a connection's rules ever gave the account, if it had been given others before: how people
 *   come by their first access is no news.
 * @param after the account right after the event
 */
export function triggersOf(event: Recorded, after: AccountState, context: TriggerContext): readonly FiredTrigger[] {
  if (event.type === 'RolesAssigned') return grantsFiring(grantsOf(event.data, after), context);
  if (event.type !== 'ProfileUpdated') return [];
  const grants = openGrants(after, event.recordedAt);
  const { changed } = event.data;
  return ATTRIBUTES.flatMap(([attribute, trigger]) =>
    changed.includes(attribute) && grants.length > 0 ? [{ trigger, grants }] : [],
  );
}

const ATTRIBUTES: readonly (readonly [string, ReviewTrigger])[] = [
  ['department', 'departmentChanged'],
  ['manager', 'managerChanged'],
  ['employeeType', 'employeeTypeChanged'],
];

const grantsOf = ({ grants }: RolesAssigned['data'], { grants: held }: AccountState): Grant[] =>
  grants.map(({ id }) => held.get(id)).filter((grant) => grant !== undefined);

function grantsFiring(given: readonly Grant[], context: TriggerContext): FiredTrigger[] {
  const fires: readonly (readonly [ReviewTrigger, (grant: Grant) => boolean])[] = [
    ['privilegedRoleGranted', ({ role, source }) => source.kind !== 'elevation' && context.isPrivileged(role)],
    ['roleGrantedByChangedRule', (grant) => isByChangedRule(grant, context)],
    [
      'newConnectionGrant',
      ({ source }) =>
        context.hadGrants &&
        source.kind === 'rule' &&
        source.connection !== null &&
        !context.gaveBefore.has(source.connection),
    ],
  ];
  return fires.flatMap(([trigger, concerns]) => {
    const grants = given.filter(concerns);
    return grants.length > 0 ? [{ trigger, grants }] : [];
  });
}

function isByChangedRule({ source }: Grant, { ruleSince, lastWordOf }: TriggerContext): boolean {
  const { kind, connection, rule, ruleVersion } = source;
  if (kind !== 'rule' || connection === null || rule === null || ruleVersion === null || ruleVersion === 1)
    return false;
  const lastWord = lastWordOf(connection);
  const since = ruleSince(connection, rule, ruleVersion);
  return lastWord !== null && (since === null || lastWord < since);
}

/**
 * What an account's stream tells about the time before an event: when each connection last spoke about it, and who had given it grants. Other
 * events of the same command belong to the event, not to the time before.
 * @param history the account's events, in order; later ones do not count
 */
export function wentBefore(
  history: readonly Recorded[],
  event: Pick<RecordedEvent, 'revision' | 'metadata'>,
): Pick<TriggerContext, 'lastWordOf' | 'gaveBefore' | 'hadGrants'> {
  const words = new Map<string, string>();
  const gaveBefore = new Set<string>();
  let hadGrants = false;
  for (const earlier of history) {
    if (earlier.revision >= event.revision || earlier.metadata.commandId === event.metadata.commandId) break;
    for (const connection of speakersOf(earlier)) words.set(connection, earlier.recordedAt);
    if (earlier.type !== 'RolesAssigned') continue;
    hadGrants = true;
    for (const connection of giversOf(earlier)) gaveBefore.add(connection);
  }
  return { lastWordOf: (connection) => words.get(connection) ?? null, gaveBefore, hadGrants };
}

/** Connections that an event shows to have judged the account. */
function speakersOf(event: Recorded): readonly string[] {
  switch (event.type) {
    case 'RolesAssigned':
      return giversOf(event);
    case 'UserProvisioned':
    case 'ProfileUpdated':
      return event.data.source.connection === null ? [] : [event.data.source.connection];
    case 'IdentityLinked':
    case 'GrantsConfirmed':
      return [event.data.connection];
    default:
      return [];
  }
}

const giversOf = ({ data }: RolesAssigned): string[] =>
  data.grants.flatMap(({ source }) =>
    source.kind === 'rule' && source.connection !== null ? [source.connection] : [],
  );

/**
 * When a rule of a connection came to have a version; null where the history does not tell.
 * @param history the connection's events, in order
 */
export function ruleVersionSince(
  history: readonly (RecordedEvent & ConnectionEvent)[],
  rule: string,
  version: number,
): string | null {
  const born = history.find(
    (event) =>
      (event.type === 'ConnectionRegistered' || event.type === 'ConnectionChanged') &&
      event.data.settings.rules.some((one) => one.id === rule && one.version === version),
  );
  return born?.recordedAt ?? null;
}
