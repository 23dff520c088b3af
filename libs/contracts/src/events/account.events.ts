import { z } from 'zod';
import { event } from '../event-entry.js';
import {
  ATTRIBUTES_PER_EVENT_MAX,
  accountSource,
  claims,
  claimValue,
  GRANTS_PER_EVENT_MAX,
  grant,
  instant,
  name,
  profile,
  reason,
  uuid,
} from '../vocabulary.js';

const matched = z.array(z.strictObject({ claim: z.string().max(512), values: z.array(claimValue).max(5000) })).max(20);
const link = z.strictObject({ connection: name, subject: claimValue });
const evidence = uuid.nullable();

export const userProvisioned = event(
  'account',
  'UserProvisioned',
  'an account comes into being: at a first sign-in, or by an administrator beforehand',
  z.strictObject({
    account: uuid,
    directory: name,
    kind: z.enum(['person', 'external', 'service', 'breakGlass']),
    /** Who answers for an account that is not a person of the company. */
    sponsor: claimValue.nullable(),
    expiresAt: instant.nullable(),
    source: accountSource,
    /** Id of the `SignedIn` event that led to it; null when made by hand. */
    evidence,
    claims: claims.nullable(),
    /** Rules that ran, as `rule@version`, whether or not they matched. */
    ruleVersions: z.array(z.string().max(80)).max(1000),
    profile,
    emailVerified: z.boolean(),
    links: z.array(link).max(20),
    reason: reason.nullable(),
  }),
  [
    { path: 'sponsor', subject: 'account' },
    { path: 'claims', subject: 'account' },
    { path: 'profile', subject: 'account' },
    { path: 'links[].subject', subject: 'account' },
    { path: 'reason', subject: 'account' },
  ],
);

export const identityLinked = event(
  'account',
  'IdentityLinked',
  'a subject of a connection is joined to an account, by the linking rule or by an administrator',
  z.strictObject({
    account: uuid,
    connection: name,
    subject: claimValue,
    how: z.enum(['externalId', 'verifiedEmail', 'userName', 'manual']),
    evidence,
    reason: reason.nullable(),
  }),
  [
    { path: 'subject', subject: 'account' },
    { path: 'reason', subject: 'account' },
  ],
);

export const identityUnlinked = event(
  'account',
  'IdentityUnlinked',
  'a subject of a connection is separated from an account',
  z.strictObject({ account: uuid, connection: name, subject: claimValue, reason: reason.nullable() }),
  [
    { path: 'subject', subject: 'account' },
    { path: 'reason', subject: 'account' },
  ],
);

export const profileUpdated = event(
  'account',
  'ProfileUpdated',
  'attributes of an account change, or a source lost an attribute to another one',
  z.strictObject({
    account: uuid,
    source: accountSource,
    evidence,
    /** Names of the attributes that changed. */
    changed: z.array(z.string().max(64)).max(ATTRIBUTES_PER_EVENT_MAX),
    /** The whole profile after the change. */
    profile,
    emailVerified: z.boolean(),
    /** Attributes that this source stated and another source kept. */
    lost: z
      .array(z.strictObject({ attribute: z.string().max(64), to: z.string().max(80) }))
      .max(ATTRIBUTES_PER_EVENT_MAX),
    reason: reason.nullable(),
  }),
  [
    { path: 'profile', subject: 'account' },
    { path: 'reason', subject: 'account' },
  ],
);

export const rolesAssigned = event(
  'account',
  'RolesAssigned',
  'an account is given roles, each by one grant with its source',
  z.strictObject({
    account: uuid,
    grants: z.array(grant).min(1).max(GRANTS_PER_EVENT_MAX),
    evidence,
    /** Per grant, in the same order: the claims whose values matched the rule. */
    because: z.array(matched).max(GRANTS_PER_EVENT_MAX),
    reason: reason.nullable(),
  }),
  [
    { path: 'because', subject: 'account' },
    { path: 'reason', subject: 'account' },
  ],
);

/** Why grants ended. */
export const revocationCode = z.enum([
  'rule-no-longer-matches',
  'rule-changed',
  'by-hand',
  'role-retired',
  'connection-removed',
  'reactivated-late',
  'expired',
  'lease-expired',
  'identity-unlinked',
  'account-merged',
  'elevation-ended',
  'review',
]);

export const accessRevoked = event(
  'account',
  'AccessRevoked',
  'grants of an account end',
  z.strictObject({
    account: uuid,
    grants: z
      .array(z.strictObject({ id: uuid, role: name }))
      .min(1)
      .max(GRANTS_PER_EVENT_MAX),
    code: revocationCode,
    effectiveAt: instant,
    evidence,
    reason: reason.nullable(),
  }),
  [{ path: 'reason', subject: 'account' }],
);

export const roleWithheld = event(
  'account',
  'RoleWithheld',
  'someone decides that rules and imports must not give a role to an account',
  z.strictObject({
    account: uuid,
    role: name,
    /** The rules that gave the role, as `connection/rule@version`; another version ends the withholding. */
    rules: z.array(z.string().max(160)).max(GRANTS_PER_EVENT_MAX),
    /** The claims that matched, in canonical JSON; other values end the withholding. */
    matched: z.string().max(100_000).nullable(),
    /** From when on; null: at once. Until then no rule gives the role for longer. */
    from: instant.nullable(),
    /** Id of the decision of a review that asked for it; null where somebody did by hand. */
    decision: uuid.nullable(),
    reason,
  }),
  [
    { path: 'matched', subject: 'account' },
    { path: 'reason', subject: 'account' },
  ],
  [(first) => ({ ...(first as object), from: null, decision: null })],
);

export const roleWithholdingLifted = event(
  'account',
  'RoleWithholdingLifted',
  'a withholding ends: the rule or the matching attributes changed, or someone lifted it',
  z.strictObject({
    account: uuid,
    role: name,
    why: z.enum(['rule-changed', 'attributes-changed', 'by-hand']),
    reason: reason.nullable(),
  }),
  [{ path: 'reason', subject: 'account' }],
);

export const userDeactivated = event(
  'account',
  'UserDeactivated',
  'an account is suspended: its grants stay recorded and cease to count',
  z.strictObject({
    account: uuid,
    source: accountSource,
    reason: reason.nullable(),
    /** When it happened at the source, as that says; null where Gatebook was where it happened. */
    occurredAt: instant.nullable(),
  }),
  [{ path: 'reason', subject: 'account' }],
  [(first) => ({ ...(first as object), occurredAt: null })],
);

export const userReactivated = event(
  'account',
  'UserReactivated',
  'a suspended account counts again',
  z.strictObject({ account: uuid, source: accountSource, reason: reason.nullable() }),
  [{ path: 'reason', subject: 'account' }],
);

export const grantsConfirmed = event(
  'account',
  'GrantsConfirmed',
  'a sign-in confirms grants that lapse unless they are confirmed: their end moves on',
  z.strictObject({
    account: uuid,
    connection: name,
    grants: z
      .array(z.strictObject({ id: uuid, role: name }))
      .min(1)
      .max(GRANTS_PER_EVENT_MAX),
    /** The new end, exclusive; null: they do not lapse any more. */
    until: instant.nullable(),
    evidence,
  }),
);

export const accountMerged = event(
  'account',
  'AccountMerged',
  'an administrator says that this account and another one are of the same person; the other one goes on, this one ends',
  z.strictObject({ account: uuid, into: uuid, reason }),
  [{ path: 'reason', subject: 'account' }],
);

export const accountAbsorbed = event(
  'account',
  'AccountAbsorbed',
  'this account goes on for a person who had another one as well: it takes over the identities of that one',
  z.strictObject({ account: uuid, from: uuid, links: z.array(link).max(100), reason }),
  [
    { path: 'links[].subject', subject: 'account' },
    { path: 'reason', subject: 'account' },
  ],
);

export const grantsReduced = event(
  'account',
  'GrantsReduced',
  'a review decides that grants end earlier than they would, or at all',
  z.strictObject({
    account: uuid,
    grants: z
      .array(z.strictObject({ id: uuid, role: name }))
      .min(1)
      .max(GRANTS_PER_EVENT_MAX),
    /** The new end, exclusive. */
    until: instant,
    /** Id of the decision. */
    decision: uuid.nullable(),
    reason,
  }),
  [{ path: 'reason', subject: 'account' }],
);

export const sodConflictPrevented = event(
  'account',
  'SodConflictPrevented',
  'a sign-in does not give roles that the account must not hold beside others; recorded when that changes',
  z.strictObject({
    account: uuid,
    conflicts: z
      .array(
        z.strictObject({
          policy: name,
          policyVersion: z.int().positive(),
          /** Roles that were kept back, each with the rule that would have given it. */
          keptBack: z
            .array(z.strictObject({ role: name, rule: name, ruleVersion: z.int().positive() }))
            .min(1)
            .max(100),
          /** Roles that the account holds and that stand against them; empty where the roles kept back stand against each other. */
          held: z.array(name).max(100),
        }),
      )
      .max(100),
    connection: name,
    evidence,
  }),
);
