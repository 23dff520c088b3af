import type {
  AccountEvent,
  GrantSource,
  GrantsConfirmed,
  GrantsReduced,
  Profile,
  ProfileUpdated,
  SodConflictPrevented,
  UserProvisioned,
} from '#libs/contracts';
import type { MatchedClaim } from '../connection/conditions.js';
import type { PreventedConflict } from './kept-back.js';

/** A grant as the account's history leaves it. */
export interface Grant {
  readonly id: string;
  readonly role: string;
  readonly source: GrantSource;
  /** Inclusive. */
  readonly from: string;
  /** Exclusive; null while nothing ends it. */
  readonly until: string | null;
  /** What made the rule match; empty for grants by hand. */
  readonly matched: readonly MatchedClaim[];
}

/** A standing decision that rules must not give a role. */
export interface Withholding {
  readonly rules: readonly string[];
  readonly matched: string | null;
  /** From when on; null: at once. Until then rules may give the role, but for no longer. */
  readonly from: string | null;
  /** Id of the last decision of a review that asked for it, also where somebody withheld it by hand since; null where none did. */
  readonly decision: string | null;
  /** Id of the event that recorded it. */
  readonly event: string;
}

/** What the last sign-in through a connection kept back. */
export interface KeptBack {
  readonly conflicts: readonly PreventedConflict[];
  /** Id of the event that recorded it. */
  readonly event: string;
}

/** A subject of a connection. */
type Link = { readonly connection: string; readonly subject: string };

/** An account as a fold of its stream. */
export interface AccountState {
  readonly exists: boolean;
  readonly id: string;
  readonly directory: string;
  readonly status: 'active' | 'deactivated';
  /** Who deactivated: a connection id, or `manual`. */
  readonly deactivatedBy: string | null;
  readonly deactivatedAt: string | null;
  /** When that happened at the source that deactivated; null where it said nothing. */
  readonly deactivationOccurredAt: string | null;
  /** Id of the event that suspended the account, or ended it in a merge. */
  readonly deactivation: string | null;
  /** The account that goes on for its person; null unless this one ended in a merge. */
  readonly mergedInto: string | null;
  /** Accounts whose identities this one took over. */
  readonly absorbed: ReadonlySet<string>;
  readonly expiresAt: string | null;
  readonly profile: Profile | null;
  readonly emailVerified: boolean;
  /** Attribute → the connection that stated its value, or `manual`. */
  readonly attributeSources: ReadonlyMap<string, string>;
  /** Attribute → connections that state another value than the one kept, as far as that is on record. */
  readonly losers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of an account that ended in a merge: those that it had, so that the merge can be repeated. */
  readonly links: readonly Link[];
  /** Links that somebody undid: no rule of linking joins them again, only somebody by hand. */
  readonly separated: readonly Link[];
  /** Every grant that was not revoked, by id; one past its `until` is closed all the same. */
  readonly grants: ReadonlyMap<string, Grant>;
  readonly withheld: ReadonlyMap<string, Withholding>;
  /** Connection → roles that it would give, and that conflict with others; absent where there are none. */
  readonly keptBack: ReadonlyMap<string, KeptBack>;
}

/** An account that was never provisioned. */
export const NO_ACCOUNT: AccountState = {
  exists: false,
  id: '',
  directory: '',
  status: 'active',
  deactivatedBy: null,
  deactivatedAt: null,
  deactivationOccurredAt: null,
  deactivation: null,
  mergedInto: null,
  absorbed: new Set(),
  expiresAt: null,
  profile: null,
  emailVerified: false,
  attributeSources: new Map(),
  losers: new Map(),
  links: [],
  separated: [],
  grants: new Map(),
  withheld: new Map(),
  keptBack: new Map(),
};

/** Whether a grant is open at an instant: begun, not past its end. Ends are exclusive. */
export function isOpen(grant: Grant, at: string): boolean {
  return grant.from <= at && (grant.until === null || at < grant.until);
}

/** Grants open at an instant, in the order in which they were given. */
export function openGrants(state: AccountState, at: string): Grant[] {
  return [...state.grants.values()].filter((grant) => isOpen(grant, at));
}

/**
 * Grants that nothing has ended yet, in the order in which they were given. What decisions go by: when two servers decide about one
 * account at once, a grant may have been given a moment after the instant that the later decision calls now.
 */
export function standingGrants(state: AccountState, at: string): Grant[] {
  return [...state.grants.values()].filter(({ until }) => until === null || at < until);
}

/** Whether an account counts at an instant: it is there, active, and not past its end date. */
export function countsAt({ exists, status, expiresAt }: AccountState, at: string): boolean {
  return exists && status === 'active' && (expiresAt === null || at < expiresAt);
}

/** Grants that count at an instant: open ones, while the account counts. */
export function grantsHeld(state: AccountState, at: string): Grant[] {
  return countsAt(state, at) ? openGrants(state, at) : [];
}

/** Roles of the grants that count at an instant. */
export function rolesHeld(state: AccountState, at: string): string[] {
  return [...new Set(grantsHeld(state, at).map((grant) => grant.role))];
}

type Recorded = AccountEvent & { readonly id: string; readonly recordedAt: string };

/** Folds one fact into an account. Exhaustive: a fact that it does not know is an error, never skipped. */
export function evolveAccount(state: AccountState, event: Recorded): AccountState {
  switch (event.type) {
    case 'UserProvisioned':
      return provisioned(event.data);
    case 'IdentityLinked':
      return joined(state, [event.data]);
    case 'IdentityUnlinked':
      return unlinked(state, event.data);
    case 'ProfileUpdated':
      return {
        ...state,
        profile: event.data.profile,
        emailVerified: event.data.emailVerified,
        attributeSources: statedBy(state.attributeSources, event.data.changed, event.data.source.connection),
        losers: losersAfter(state.losers, event.data),
      };
    case 'RolesAssigned':
      return { ...state, grants: withGrants(state.grants, event.data) };
    case 'AccessRevoked': {
      const grants = new Map(state.grants);
      for (const { id } of event.data.grants) grants.delete(id);
      return { ...state, grants };
    }
    case 'RoleWithheld': {
      const { role, rules, matched, from } = event.data;
      const decision = event.data.decision ?? state.withheld.get(role)?.decision ?? null;
      const withholding = { rules, matched, from, decision, event: event.id };
      return { ...state, withheld: new Map(state.withheld).set(role, withholding) };
    }
    case 'RoleWithholdingLifted': {
      const withheld = new Map(state.withheld);
      withheld.delete(event.data.role);
      return { ...state, withheld };
    }
    case 'UserDeactivated':
      return {
        ...state,
        status: 'deactivated',
        deactivatedBy: event.data.source.connection ?? 'manual',
        deactivatedAt: event.recordedAt,
        deactivationOccurredAt: event.data.occurredAt,
        deactivation: event.id,
      };
    case 'UserReactivated':
      return {
        ...state,
        status: 'active',
        deactivatedBy: null,
        deactivatedAt: null,
        deactivationOccurredAt: null,
        deactivation: null,
      };
    case 'GrantsConfirmed':
      return { ...state, grants: confirmed(state.grants, event.data) };
    case 'GrantsReduced':
      return { ...state, grants: reduced(state.grants, event.data) };
    case 'SodConflictPrevented':
      return { ...state, keptBack: keptBackAfter(state.keptBack, event.data, event.id) };
    case 'AccountMerged':
      return { ...state, mergedInto: event.data.into, deactivation: event.id };
    case 'AccountAbsorbed':
      return {
        ...joined(state, event.data.links),
        absorbed: new Set(state.absorbed).add(event.data.from),
      };
    default:
      throw new TypeError(`An account cannot fold ${(event as { type: string }).type}.`);
  }
}

function provisioned(data: UserProvisioned['data']): AccountState {
  return {
    ...NO_ACCOUNT,
    exists: true,
    id: data.account,
    directory: data.directory,
    expiresAt: data.expiresAt,
    profile: data.profile,
    emailVerified: data.emailVerified,
    attributeSources: statedBy(new Map(), attributesPresent(data.profile), data.source.connection),
    links: data.links,
  };
}

const sameLink = (a: Link, b: Link): boolean => a.connection === b.connection && a.subject === b.subject;

/** Whether a subject of a connection is joined to an account. */
export const isLinked = ({ links }: Pick<AccountState, 'links'>, link: Link): boolean =>
  links.some((known) => sameLink(known, link));

/** Each link once; one that had been undone is undone no more. */
function joined(state: AccountState, links: readonly Link[]): AccountState {
  const fresh = links.filter((link) => !isLinked(state, link));
  return {
    ...state,
    links: [...state.links, ...fresh.map(({ connection, subject }) => ({ connection, subject }))],
    separated: state.separated.filter((known) => !links.some((link) => sameLink(known, link))),
  };
}

/** A source that knows the person no more has no authority over their attributes: the next one that states them decides. */
function unlinked(state: AccountState, { connection, subject }: Link): AccountState {
  const link = { connection, subject };
  const links = state.links.filter((known) => !sameLink(known, link));
  const separated = [...state.separated.filter((known) => !sameLink(known, link)), link];
  if (links.some((known) => known.connection === connection)) return { ...state, links, separated };
  const attributeSources = new Map([...state.attributeSources].filter(([, source]) => source !== connection));
  return { ...state, links, separated, attributeSources };
}

/** A grant that was revoked meanwhile stays so. */
function confirmed(held: AccountState['grants'], { grants, until }: GrantsConfirmed['data']): AccountState['grants'] {
  const all = new Map(held);
  for (const { id } of grants) {
    const grant = held.get(id);
    if (grant) all.set(id, { ...grant, until });
  }
  return all;
}

/** No end moves on by this. */
function reduced(held: AccountState['grants'], { grants, until }: GrantsReduced['data']): AccountState['grants'] {
  const all = new Map(held);
  for (const { id } of grants) {
    const grant = held.get(id);
    if (grant && (grant.until === null || until < grant.until)) all.set(id, { ...grant, until });
  }
  return all;
}

function keptBackAfter(
  before: AccountState['keptBack'],
  { connection, conflicts }: SodConflictPrevented['data'],
  event: string,
): AccountState['keptBack'] {
  const all = new Map(before);
  all.delete(connection);
  return conflicts.length > 0 ? all.set(connection, { conflicts, event }) : all;
}

function withGrants(
  held: AccountState['grants'],
  { grants, because }: Extract<AccountEvent, { type: 'RolesAssigned' }>['data'],
): AccountState['grants'] {
  const all = new Map(held);
  grants.forEach(({ id, role, source, effectiveAt, until }, index) => {
    // an erased person's reasons read as text: nothing matched that could be compared
    const matched = Array.isArray(because) ? (because[index] ?? []) : [];
    all.set(id, { id, role, source, from: effectiveAt, until, matched });
  });
  return all;
}

function attributesPresent(profile: Profile): string[] {
  if (typeof profile !== 'object') return [];
  const { attributes, ...standard } = profile;
  return [
    ...Object.keys(attributes),
    ...Object.keys(standard).filter((name) => standard[name as keyof typeof standard] !== null),
  ];
}

/** A new value of an attribute makes every source's next word about it news again. */
function losersAfter(
  losers: AccountState['losers'],
  { changed, lost, source }: ProfileUpdated['data'],
): AccountState['losers'] {
  const all = new Map(losers);
  for (const attribute of changed) all.delete(attribute);
  for (const { attribute } of lost) {
    all.set(attribute, new Set(all.get(attribute)).add(source.connection ?? 'manual'));
  }
  return all;
}

function statedBy(
  sources: ReadonlyMap<string, string>,
  attributes: readonly string[],
  connection: string | null,
): Map<string, string> {
  const all = new Map(sources);
  for (const attribute of attributes) all.set(attribute, connection ?? 'manual');
  return all;
}
