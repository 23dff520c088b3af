import type { AccountEvent, GrantSource, Profile, ProfileUpdated } from '#libs/contracts';
import type { MatchedClaim } from '../connection/rules.js';

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
}

/** An account as a fold of its stream. */
export interface AccountState {
  readonly exists: boolean;
  readonly id: string;
  readonly directory: string;
  readonly status: 'active' | 'deactivated';
  /** Who deactivated: a connection id, or `manual`. */
  readonly deactivatedBy: string | null;
  readonly deactivatedAt: string | null;
  readonly expiresAt: string | null;
  readonly profile: Profile | null;
  readonly emailVerified: boolean;
  /** Attribute → the connection that stated its value, or `manual`. */
  readonly attributeSources: ReadonlyMap<string, string>;
  /** Attribute → connections that state another value than the one kept, as far as that is on record. */
  readonly losers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly links: readonly { readonly connection: string; readonly subject: string }[];
  /** Every grant that was not revoked, by id; one past its `until` is closed all the same. */
  readonly grants: ReadonlyMap<string, Grant>;
  readonly withheld: ReadonlyMap<string, Withholding>;
}

/** An account that was never provisioned. */
export const NO_ACCOUNT: AccountState = {
  exists: false,
  id: '',
  directory: '',
  status: 'active',
  deactivatedBy: null,
  deactivatedAt: null,
  expiresAt: null,
  profile: null,
  emailVerified: false,
  attributeSources: new Map(),
  losers: new Map(),
  links: [],
  grants: new Map(),
  withheld: new Map(),
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

/** Grants that count at an instant: open ones, while the account is active and not past its end date. */
export function grantsHeld(state: AccountState, at: string): Grant[] {
  if (!state.exists || state.status !== 'active' || (state.expiresAt !== null && state.expiresAt <= at)) return [];
  return openGrants(state, at);
}

/** Roles of the grants that count at an instant. */
export function rolesHeld(state: AccountState, at: string): string[] {
  return [...new Set(grantsHeld(state, at).map((grant) => grant.role))];
}

type Dated = AccountEvent & { readonly recordedAt: string };

/** Folds one fact into an account. Exhaustive: a fact that it does not know is an error, never skipped. */
export function evolveAccount(state: AccountState, event: Dated): AccountState {
  switch (event.type) {
    case 'UserProvisioned':
      return {
        ...NO_ACCOUNT,
        exists: true,
        id: event.data.account,
        directory: event.data.directory,
        expiresAt: event.data.expiresAt,
        profile: event.data.profile,
        emailVerified: event.data.emailVerified,
        attributeSources: statedBy(new Map(), attributesPresent(event.data.profile), event.data.source.connection),
        links: event.data.links,
      };
    case 'IdentityLinked':
      return { ...state, links: [...state.links, { connection: event.data.connection, subject: event.data.subject }] };
    case 'IdentityUnlinked':
      return { ...state, links: state.links.filter((link) => !sameLink(link, event.data)) };
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
    case 'RoleWithheld':
      return {
        ...state,
        withheld: new Map(state.withheld).set(event.data.role, {
          rules: event.data.rules,
          matched: event.data.matched,
        }),
      };
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
      };
    case 'UserReactivated':
      return { ...state, status: 'active', deactivatedBy: null, deactivatedAt: null };
    default:
      throw new TypeError(`An account cannot fold ${(event as { type: string }).type}.`);
  }
}

function sameLink(a: { connection: string; subject: string }, b: { connection: string; subject: string }): boolean {
  return a.connection === b.connection && a.subject === b.subject;
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
