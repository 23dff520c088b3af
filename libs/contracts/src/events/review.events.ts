import { z } from 'zod';
import { event } from '../event-entry.js';
import { REVIEW_PRINCIPALS, REVIEW_TRIGGERS, reviewPolicy } from '../policy-settings.js';
import { grantSource, instant, name, reason, uuid } from '../vocabulary.js';

/** Why a review was opened. */
export const REVIEW_CAUSES = [
  ...REVIEW_TRIGGERS,
  'schedule',
  'adHoc',
  'sodConflict',
  'breakGlass',
  'emergencyChange',
  'finding',
] as const;

/** What opened it: the event where one did, else null. */
const trigger = z.strictObject({ reason: z.enum(REVIEW_CAUSES), event: uuid.nullable() });

/** Whose decision it is, and through what it came. */
export const decidedVia = z.enum(['session', 'apiKey', 'system']);
const accounts = z.array(uuid).max(50);
/** Sentences about an item that its reviewers and the report must know. */
const flag = z.enum(['ownGrant', 'approvedByReviewer']);

export const accessReviewOpened = event(
  'accessReview',
  'AccessReviewOpened',
  'an access review begins: by an event, a schedule or a person',
  z.strictObject({
    review: uuid,
    /** As whoever opened it calls it: it may name somebody. */
    title: z.string().min(1).max(200),
    /** Null for one that no policy asks for. */
    policy: name.nullable(),
    policyVersion: z.int().positive().nullable(),
    trigger,
    /** What holds for this review, as the policy was then. */
    terms: reviewPolicy,
    /** Id of the account concerned, where it is one. */
    account: uuid.nullable(),
    /** Position of the sealed log as of which grants were looked for; null where an event named them. */
    knownAt: z.int().nonnegative().nullable(),
    dueAt: instant,
    reason: reason.nullable(),
  }),
  [
    ...REVIEW_PRINCIPALS.map((path) => ({ path: `terms.${path}`, subject: 'principal' as const })),
    { path: 'title', subject: 'stream' },
    { path: 'reason', subject: 'stream' },
  ],
);

export const accessReviewPopulated = event(
  'accessReview',
  'AccessReviewPopulated',
  'every item of an access review is there',
  z.strictObject({
    review: uuid,
    items: z.int().nonnegative(),
    /** Of those, closed at once because they had been decided not long ago. */
    carriedForward: z.int().nonnegative(),
    /** From the opening of the review. */
    tookMs: z.int().nonnegative(),
  }),
);

export const accessReviewHeld = event(
  'accessReview',
  'AccessReviewHeld',
  'silence would revoke more than the policy lets it; it waits for confirmation',
  z.strictObject({
    review: uuid,
    revocations: z.int().positive(),
    items: z.int().positive(),
    limit: z.int().nonnegative(),
    /** SHA-256 over the items concerned; closing the review with it confirms. */
    confirm: z.string().max(64),
  }),
);

export const accessReviewClosed = event(
  'accessReview',
  'AccessReviewClosed',
  'an access review ends: everything is decided, its time is over, or somebody closed it',
  z.strictObject({
    review: uuid,
    code: z.enum(['complete', 'overdue', 'by-hand']),
    /** What its items came to. */
    outcomes: z.record(z.string().max(40), z.int().nonnegative()),
    reason: reason.nullable(),
  }),
  [{ path: 'reason', subject: 'stream' }],
);

export const accessReviewSignedOff = event(
  'accessReview',
  'AccessReviewSignedOff',
  'somebody who decided nothing in a finished review says that it was done properly',
  z.strictObject({ review: uuid, by: uuid, via: decidedVia, apiKey: uuid.nullable(), reason }),
  [{ path: 'reason', subject: 'stream' }],
);

export const reviewItemOpened = event(
  'reviewItem',
  'ReviewItemOpened',
  'somebody is asked whether one grant should go on',
  z.strictObject({
    item: uuid,
    review: uuid,
    policy: name.nullable(),
    trigger,
    account: uuid,
    /** Null where a role was kept back, and the question is whether the account should have it. */
    grant: uuid.nullable(),
    role: name,
    source: grantSource.nullable(),
    privileged: z.boolean(),
    /** SHA-256 of grant, rule and the person's department, title, manager and employee type under the look-up key: what is certified. */
    fingerprint: z.string().max(64),
    /** Accounts, any of which may decide; never empty unless nobody could be found. */
    reviewers: accounts,
    /** How they were found. */
    reviewersAs: z.enum(['manager', 'roleOwner', 'applicationOwner', 'self', 'named', 'fallback', 'nobody']),
    flags: z.array(flag).max(5),
    recommendation: z.strictObject({
      decision: z.enum(['certify', 'revoke', 'none']),
      because: z.array(z.string().max(300)).max(10),
    }),
    stage: z.int().nonnegative(),
    stages: z.int().positive(),
    /** When the stage ends. */
    stageDueAt: instant,
    dueAt: instant,
  }),
);

export const reviewItemAssigned = event(
  'reviewItem',
  'ReviewItemAssigned',
  'others are asked: the next stage begins, somebody passed it on, was added, was found at last, or cannot decide any more',
  z.strictObject({
    item: uuid,
    review: uuid,
    account: uuid,
    stage: z.int().nonnegative(),
    reviewers: accounts,
    reviewersAs: z.enum(['manager', 'roleOwner', 'applicationOwner', 'self', 'named', 'fallback', 'nobody']),
    flags: z.array(flag).max(5),
    why: z.enum(['next-stage', 'reassigned', 'delegated', 'escalated', 'reviewer-gone', 'reviewer-found', 'reopened']),
    /** Who passed it on; null for the system. */
    by: uuid.nullable(),
    stageDueAt: instant,
    reason: reason.nullable(),
  }),
  [{ path: 'reason', subject: 'account' }],
);

export const reviewItemReminded = event(
  'reviewItem',
  'ReviewItemReminded',
  'those who have not decided are told again',
  z.strictObject({ item: uuid, review: uuid, account: uuid, stage: z.int().nonnegative(), reviewers: accounts }),
);

export const reviewDecisionRecorded = event(
  'reviewItem',
  'ReviewDecisionRecorded',
  'somebody decides about a grant, or the policy does because nobody did',
  z.strictObject({
    item: uuid,
    review: uuid,
    account: uuid,
    grant: uuid.nullable(),
    role: name,
    stage: z.int().nonnegative(),
    decision: z.enum(['certify', 'revoke', 'reduce', 'abstain', 'reassign', 'delegate']),
    /** When the grant ends, for `reduce`. */
    until: instant.nullable(),
    /** Whom it was passed on to. */
    to: uuid.nullable(),
    /** The account that decided; null for the system. */
    by: uuid.nullable(),
    decidedVia,
    apiKey: uuid.nullable(),
    /** Whether several items were decided at once. */
    bulk: z.boolean(),
    /** From when it was shown to when it was decided, where a page could tell. */
    tookMs: z.int().nonnegative().nullable(),
    flags: z.array(flag).max(5),
    /** Revision of the account as of which it was decided. */
    accountRevision: z.int().nonnegative(),
    fingerprint: z.string().max(64),
    reason: reason.nullable(),
  }),
  [{ path: 'reason', subject: 'account' }],
);

export const reviewItemClosed = event(
  'reviewItem',
  'ReviewItemClosed',
  'the question is answered: what was decided has taken effect, or there is nothing left to decide',
  z.strictObject({
    item: uuid,
    review: uuid,
    account: uuid,
    outcome: z.enum(['certified', 'revoked', 'reduced', 'carriedForward', 'moot', 'expired']),
    /** Id of the event that made it so: what took effect, ended the grant, or was decided before. */
    because: uuid.nullable(),
    /** From the decision to its effect on the account; null where nothing had to take effect. */
    effectAfterMs: z.int().nonnegative().nullable(),
    fingerprint: z.string().max(64),
  }),
);

export const reviewItemReopened = event(
  'reviewItem',
  'ReviewItemReopened',
  'what was certified has changed since: the question is put again',
  z.strictObject({
    item: uuid,
    review: uuid,
    account: uuid,
    /** What changed. */
    changed: z.array(z.enum(['grant', 'rule', 'department', 'title', 'manager', 'employeeType'])).max(6),
    event: uuid.nullable(),
    fingerprint: z.string().max(64),
    stageDueAt: instant,
    dueAt: instant,
  }),
);
