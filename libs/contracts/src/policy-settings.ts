import { z } from 'zod';
import { claimValue, name } from './vocabulary.js';

/** ISO-8601, as it was written. */
const duration = z.string().max(32);

/** A person named in a policy: userName or verified e-mail address, resolved when used. */
const principal = claimValue;
const principals = z.array(principal).max(20);
const roles = z.array(name).max(1000);

/** What may open an access review by itself. */
export const REVIEW_TRIGGERS = [
  'privilegedRoleGranted',
  'roleGrantedByChangedRule',
  'departmentChanged',
  'managerChanged',
  'employeeTypeChanged',
  'newConnectionGrant',
  'sodExceptionEnding',
  'dormant',
] as const;

/** Everything that findings can be about. */
export const FINDING_KINDS = [
  'dormant',
  'orphan',
  'unused',
  'sod',
  'conformance',
  'insight',
  'unresolved',
  'unknownGroups',
  'unsponsored',
] as const;

/** Kinds of findings for which a policy says no more than how long and what then. */
export const WATCHED_KINDS = [
  'dormant',
  'orphan',
  'unused',
  'unresolved',
  'unknownGroups',
  'unsponsored',
  'insight',
] as const;

/** Who is asked: a part that somebody plays towards the account or the role, or a person by name. */
const reviewer = z.strictObject({
  kind: z.enum(['manager', 'roleOwner', 'applicationOwner', 'self', 'named']),
  /** Only for `named`. */
  principal: principal.nullable(),
});

/** In this order of preference: the first that leads to somebody who may decide is asked, else the fallback. */
const reviewers = z.array(reviewer).min(1).max(20);

const action = z.enum(['finding', 'review', 'deactivate']);

/** Which grants a review is about; empty lists and nulls leave nothing out. Of every part something must fit. */
const scope = z.strictObject({
  roles,
  applications: z.array(name).max(100),
  /** Whose grants. */
  people: principals,
  /** Grants by rules of these connections. */
  connections: z.array(name).max(100),
  /** Only roles that are privileged. */
  privileged: z.boolean(),
  /** Only accounts whose source is gone, disabled or silent. */
  orphans: z.boolean(),
});

/** When, about what, by whom and until when access is reviewed. */
export const reviewPolicy = z.strictObject({
  kind: z.literal('review'),
  triggers: z.array(z.enum(REVIEW_TRIGGERS)).max(REVIEW_TRIGGERS.length),
  /** Cron, five fields; null: not by the clock. */
  schedule: z.string().max(100).nullable(),
  /** Of the schedule; null: the tenant's. */
  timeZone: z.string().max(64).nullable(),
  scope,
  /** One after the other; certified is what every stage certified, one revocation ends it. */
  stages: z
    .array(z.strictObject({ reviewers, fallback: principals }))
    .min(1)
    .max(5),
  /** From opening to the end of the last stage; every stage has an equal share. */
  due: duration,
  /** How long before the end of a stage those who have not decided are reminded. */
  reminders: z.array(duration).max(10),
  /** Who is asked as well when that long is left; null: nobody. */
  escalation: z.strictObject({ before: duration, to: principals }).nullable(),
  noResponse: z.enum(['keep', 'revoke', 'recommendation']),
  /** More revocations by silence than the greater of these wait for confirmation. */
  maxRevocations: z.strictObject({ percent: z.number().min(0).max(100), atLeast: z.int().nonnegative() }),
  /** Null: everything is asked again. */
  carryForward: z.strictObject({ validFor: duration }).nullable(),
  /** The control that the review is evidence for. */
  control: z.string().max(200).nullable(),
  /** Whether people may decide about what they hold or approved themselves; it is flagged then. */
  selfReview: z.boolean(),
  /** Decisions that need a reason; `revoke` always does. */
  reasons: z.array(z.enum(['certify', 'revoke', 'reduce', 'abstain', 'reassign', 'delegate'])).max(6),
  /** Who signs the finished review off. */
  signOff: principal.nullable(),
});

/** Roles that one account must not hold together. */
export const sodPolicy = z.strictObject({
  kind: z.literal('sod'),
  /** Holding roles of two of these sets is a violation. */
  roles: z.array(z.array(name).min(1).max(100)).min(2).max(20),
  mode: z.enum(['detective', 'preventive']),
  /** Who answers for violations. */
  owner: principal.nullable(),
});

/** Roles that people may be given for a time, on request. */
export const elevationPolicy = z.strictObject({
  kind: z.literal('elevation'),
  roles: z.array(name).min(1).max(100),
  maxDuration: duration,
  approvers: reviewers,
  fallback: principals,
  /** How many must approve; null: one, or two where the role's risk is high. */
  approvals: z.int().min(1).max(5).nullable(),
  /** Whether it may be had at once, to be reviewed afterwards. */
  breakGlass: z.boolean(),
  /** An unanswered request ends after this time. */
  requestValidFor: duration,
});

/** What becomes of accounts and grants that stand out. */
export const watchPolicy = z.strictObject({
  kind: z.enum(WATCHED_KINDS),
  /** How long it may last; for `unknownGroups` beside the five sign-ins. Null where time has no part in it. */
  after: duration.nullable(),
  action,
  /** Most accounts on which one run acts; the others stay findings until the next. */
  maxPerRun: z.int().min(1).max(10_000),
  owner: principal.nullable(),
});

/** What must be true of an event of one type; one condition of these. */
const requirement = z.union([
  z.strictObject({ authenticationContext: z.string().min(1).max(1024) }),
  z.strictObject({ attribute: z.string().min(1).max(64), present: z.boolean() }),
  z.strictObject({ field: z.string().min(1).max(200), equals: z.string().max(1024) }),
]);

/** Conditions on events, each of which must hold. */
export const conformancePolicy = z.strictObject({
  kind: z.literal('conformance'),
  /** A type of event on accounts or sign-ins. */
  event: z.string().min(1).max(64),
  require: z.array(requirement).min(1).max(20),
  action,
  maxPerRun: z.int().min(1).max(10_000),
  owner: principal.nullable(),
});

/** A policy, defaults filled in. */
export const policySettings = z.discriminatedUnion('kind', [
  reviewPolicy,
  sodPolicy,
  elevationPolicy,
  watchPolicy,
  conformancePolicy,
]);

/** Dot paths of the people that the terms of a review name. */
export const REVIEW_PRINCIPALS = [
  'scope.people[]',
  'stages[].reviewers[].principal',
  'stages[].fallback[]',
  'escalation.to[]',
  'signOff',
] as const;

/** Dot paths of the people that settings of a policy name. */
export const POLICY_PRINCIPALS = [...REVIEW_PRINCIPALS, 'approvers[].principal', 'fallback[]', 'owner'] as const;

/** Dot paths of texts in settings of a policy that may say something of a person without naming one: what conditions compare with. */
export const POLICY_COMPARED = ['require[].equals'] as const;

/** The shapes above as types. */
export type PolicySettings = z.infer<typeof policySettings>;
export type ReviewPolicy = z.infer<typeof reviewPolicy>;
export type ReviewScope = ReviewPolicy['scope'];
export type SodPolicy = z.infer<typeof sodPolicy>;
export type ElevationPolicy = z.infer<typeof elevationPolicy>;
export type WatchPolicy = z.infer<typeof watchPolicy>;
export type ConformancePolicy = z.infer<typeof conformancePolicy>;
export type Reviewer = z.infer<typeof reviewer>;
export type ReviewTrigger = (typeof REVIEW_TRIGGERS)[number];
export type FindingKind = (typeof FINDING_KINDS)[number];
export type FindingAction = z.infer<typeof action>;
