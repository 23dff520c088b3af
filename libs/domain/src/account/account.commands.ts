import type { AccountSource, ConnectionSettings, Profile, UserProvisioned } from '#libs/contracts';
import type { Command } from '#libs/kernel';
import type { Claims } from '../connection/claims.js';
import type { MappedIdentity } from '../connection/identity-mapping.js';
import type { Judgement } from '../connection/rules.js';
import type { SodRule } from '../sod/sod-rules.js';
import type { Withholding } from './account.state.js';
import type { Authority } from './profile-merge.js';

/** A connection as it stood when the decision was made. */
export interface ConnectionSnapshot {
  readonly id: string;
  readonly version: number;
  readonly settings: ConnectionSettings;
  /** Domains that it may vouch for, as `ownedDomains` answers them. */
  readonly ownedDomains: readonly string[];
}

/** A verified sign-in through a connection. */
export type SignIn = Command<
  'SignIn',
  {
    readonly account: string;
    /** How the account was found: known subject, joined by the linking rule, or nobody yet. */
    readonly found: 'link' | 'new' | 'externalId' | 'verifiedEmail' | 'userName';
    readonly connection: ConnectionSnapshot;
    readonly issuer: string;
    readonly identity: MappedIdentity;
    readonly claims: Claims;
    /** Roles that the catalogue of the tenant holds and has not retired. */
    readonly liveRoles: ReadonlySet<string>;
    readonly authority: Authority;
    /** What the account must not hold together: roles that rules would add to a conflict are kept back. */
    readonly sod: readonly SodRule[];
    /** Id of the `SignedIn` event. */
    readonly evidence: string;
  }
>;

/** An administrator makes an account before its person ever signs in. */
export type ProvisionByHand = Command<
  'ProvisionByHand',
  {
    readonly account: string;
    readonly directory: string;
    readonly kind: UserProvisioned['data']['kind'];
    readonly sponsor: string | null;
    readonly expiresAt: string | null;
    readonly profile: Profile;
    readonly links: readonly { readonly connection: string; readonly subject: string }[];
    readonly reason: string;
  }
>;

/** An administrator gives a role. */
export type AssignRole = Command<
  'AssignRole',
  {
    readonly role: string;
    /** The longest that a grant of this role may last, in milliseconds; null for no limit. */
    readonly maxDurationMs: number | null;
    readonly until: string | null;
    /** Gives the role although it is withheld. */
    readonly overrideWithholding: boolean;
    /** What the account must not hold together: refused where this role would be in conflict. */
    readonly sod: readonly SodRule[];
    readonly reason: string;
  }
>;

/** An administrator, or a review, ends one grant. */
export type RevokeGrant = Command<
  'RevokeGrant',
  {
    readonly grant: string;
    /** Whether rules may give the role again; required for a grant that a rule gave. */
    readonly withhold: boolean | null;
    /** Id of the review's decision; null when somebody does it by hand. */
    readonly decision: string | null;
    readonly reason: string;
  }
>;

/** A review decides that a role ends at an instant and is withheld from then on. */
export type ReduceGrants = Command<
  'ReduceGrants',
  {
    /** The grant that was reviewed; every grant of the role by a rule is reduced in any case. */
    readonly grant: string | null;
    readonly role: string;
    /** Exclusive. */
    readonly until: string;
    /** Id of the review's decision. */
    readonly decision: string | null;
    readonly reason: string;
  }
>;

/** A review decides that the account shall not have a role that was kept back from it. */
export type WithholdRole = Command<
  'WithholdRole',
  {
    readonly role: string;
    /** The rules that would have given it, as `connection/rule@version`. */
    readonly rules: readonly string[];
    /** Id of the review's decision. */
    readonly decision: string | null;
    readonly reason: string;
  }
>;

/** A role that was asked for is given for a time, as approved. */
export type GrantElevation = Command<
  'GrantElevation',
  {
    readonly elevation: string;
    /** Id of the grant, as the approval names it. */
    readonly grant: string;
    readonly role: string;
    /** Exclusive. */
    readonly until: string;
    readonly sod: readonly SodRule[];
    /** Gives the role although it is withheld from rules: the approval says so. */
    readonly overrideWithholding: boolean;
    /** Id of the event that approved it. */
    readonly evidence: string | null;
    readonly reason: string;
  }
>;

/** An elevation under way goes on for longer, by a further grant. */
export type ExtendElevation = Command<'ExtendElevation', Omit<GrantElevation['data'], 'overrideWithholding'>>;

/** An elevation is over, now or since a while. */
export type EndElevation = Command<
  'EndElevation',
  {
    /** Every grant of the elevation. */
    readonly grants: readonly string[];
    /** When it ended; null: now. A grant that ended before that by itself ended then. */
    readonly effectiveAt: string | null;
    readonly reason: string | null;
  }
>;

/** A withholding ends by hand: rules may give the role again. */
export type LiftWithholding = Command<'LiftWithholding', { readonly role: string; readonly reason: string }>;

/** An administrator, or a source, suspends an account. */
export type Deactivate = Command<
  'Deactivate',
  {
    readonly source: AccountSource;
    readonly reason: string;
    /** When it happened at a source; null: now. */
    readonly occurredAt: string | null;
  }
>;

/** An administrator, or the source that suspended an account, lets it count again. */
export type Reactivate = Command<
  'Reactivate',
  {
    readonly source: AccountSource;
    readonly restoreWithinMs: number;
    readonly reason: string;
    /** When it happened at a source; null: now. */
    readonly occurredAt: string | null;
  }
>;

/** An administrator joins a subject of a connection to an account. */
export type LinkIdentity = Command<
  'LinkIdentity',
  { readonly connection: string; readonly subject: string; readonly reason: string }
>;

/** An administrator separates a subject of a connection from an account: what the connection gave ends. */
export type UnlinkIdentity = Command<
  'UnlinkIdentity',
  { readonly connection: string; readonly subject: string; readonly reason: string }
>;

/**
 * An administrator says that another account is of the same person: this one takes over its identities. Given first, and again whenever
 * it is not known whether `MergeInto` came through: repeating both changes nothing.
 */
export type AbsorbAccount = Command<
  'AbsorbAccount',
  {
    /** The account that ends. */
    readonly from: string;
    /** Its identities, as its history has them. */
    readonly links: readonly { readonly connection: string; readonly subject: string }[];
    /** What is withheld from it: that goes on with its person. */
    readonly withheld: readonly CarriedWithholding[];
    readonly reason: string;
  }
>;

/** A withholding of an account, as another one takes it over. */
export type CarriedWithholding = Pick<Withholding, 'rules' | 'matched' | 'from' | 'decision'> & {
  readonly role: string;
};

/** The other half of a merge: this account ends for good, its person goes on with another one that has absorbed it. */
export type MergeInto = Command<'MergeInto', { readonly into: string; readonly reason: string }>;

/** Grants whose lease has run out are written down as ended, at the instant at which they ended. Nothing is recorded when there are none. */
export type ExpireLeases = Command<'ExpireLeases', Record<never, never>>;

/** The rules of a connection changed: what they no longer give over the last recorded claims is taken back, nothing is given. */
export type ReevaluateRules = Command<
  'ReevaluateRules',
  {
    readonly connection: ConnectionSnapshot;
    /** Of the connection's rules, over what the person's last sign-in through it said. */
    readonly judgements: readonly Judgement[];
    readonly liveRoles: ReadonlySet<string>;
    /** Id of the event that changed the rules. */
    readonly evidence: string;
  }
>;

/** A role was retired or a connection removed: every grant of it, or from it, that began by then ends. */
export type RevokeAllOf = Command<
  'RevokeAllOf',
  {
    readonly of: { readonly role: string } | { readonly connection: string };
    /** When that was recorded: grants that began later stand, since the role may have been defined again. */
    readonly before: string;
    /** Id of the event that retired or removed it. */
    readonly evidence: string;
  }
>;

/** Everything that can be asked of an account. */
export type AccountCommand =
  | SignIn
  | ProvisionByHand
  | AssignRole
  | RevokeGrant
  | ReduceGrants
  | WithholdRole
  | GrantElevation
  | ExtendElevation
  | EndElevation
  | LiftWithholding
  | Deactivate
  | Reactivate
  | LinkIdentity
  | UnlinkIdentity
  | AbsorbAccount
  | MergeInto
  | ExpireLeases
  | ReevaluateRules
  | RevokeAllOf;
