import type { ReviewDecisionRecorded, ReviewItemAssigned, ReviewItemOpened, ReviewPolicy } from '#libs/contracts';
import type { Command } from '#libs/kernel';

/** Whom an item asks, how they were found, and what must be known about them. */
export interface Assignment {
  /** Account ids; any of them may decide. At most `REVIEWERS_MAX`; empty when nobody could be found. */
  readonly reviewers: readonly string[];
  readonly reviewersAs: ReviewItemAssigned['data']['reviewersAs'];
  readonly flags: readonly ReviewItemAssigned['data']['flags'][number][];
}

/** Most reviewers of one item. */
export const REVIEWERS_MAX = 50;

/** What a review's terms say about single decisions. */
export interface DecisionTerms {
  readonly selfReview: boolean;
  readonly reasons: readonly ReviewPolicy['reasons'][number][];
}

/** What is true of the grant in question at the moment of the decision, folded from the account's own stream. */
export interface DecisionFacts {
  /** Whether the question stands: the grant is open; for an item without a grant, the role is still kept back. */
  readonly grantOpen: boolean;
  /** Id of the event that ended it; null where none did, or time alone. */
  readonly endedBy: string | null;
  /** When the grant ends by itself; null for never. */
  readonly grantUntil: string | null;
  /** HMAC of what `fingerprintOf` answers. */
  readonly fingerprint: string;
  readonly accountRevision: number;
}

/** Who decides about an item, and on which ground. */
interface ByReviewer {
  /** Account id. */
  readonly by: string;
  readonly via: Exclude<ReviewDecisionRecorded['data']['decidedVia'], 'system'>;
  readonly apiKey: string | null;
  readonly reason: string | null;
  /** Whether several items are decided at once. */
  readonly bulk: boolean;
  /** From when it was shown to now, milliseconds; null where nobody measured. */
  readonly tookMs: number | null;
  /** The stage (0-based) that was looked at. */
  readonly stage: number;
  readonly terms: DecisionTerms;
  readonly facts: DecisionFacts;
  /** Accounts that gave or approved the grant. */
  readonly approvedBy: ReadonlySet<string>;
}

/** Puts a question. */
export type OpenItem = Command<
  'OpenItem',
  ReviewItemOpened['data'] & {
    /** Id of the decision that answers it already; null: it is really asked. */
    readonly carriedForward: string | null;
  }
>;

/** A reviewer answers, or says that they cannot. */
export type DecideItem = Command<
  'DecideItem',
  ByReviewer & {
    readonly decision: 'certify' | 'revoke' | 'reduce' | 'abstain';
    /** When the grant shall end, for `reduce`; null elsewhere. */
    readonly until: string | null;
    /** Who is asked in the next stage, and until when; needed to certify while stages remain. */
    readonly next: (Assignment & { readonly stageDueAt: string }) | null;
    /** Who is asked when the last reviewer abstains; null: nobody can be found. */
    readonly fallback: Assignment | null;
  }
>;

/** A reviewer passes the question on: for good (`reassign`), or to somebody beside them (`delegate`). */
export type PassOnItem = Command<
  'PassOnItem',
  ByReviewer & {
    readonly decision: 'reassign' | 'delegate';
    /** Id of an active account. */
    readonly to: string;
  }
>;

/**
 * The system asks others: as well (`escalated`, once in a stage), instead of somebody who cannot decide any more, or because nobody could be
 * found before (`reviewer-found`).
 */
export type AssignItem = Command<
  'AssignItem',
  {
    readonly why: 'escalated' | 'reviewer-gone' | 'reviewer-found';
    readonly stage: number;
    readonly assignment: Assignment;
    readonly reason: string | null;
  }
>;

/** The system reminds those who have not decided. */
export type RemindItem = Command<
  'RemindItem',
  {
    readonly stage: number;
    /** The instant at which the reminder was due, as `deadlinesOf` answers it. */
    readonly due: string;
  }
>;

/** Nobody answered: the policy does. */
export type ExpireItem = Command<
  'ExpireItem',
  {
    readonly stage: number;
    readonly outcome: 'keep' | 'revoke';
    /** Whether a notice of this item reached somebody. */
    readonly delivered: boolean;
    readonly facts: DecisionFacts;
    readonly reason: string | null;
  }
>;

/** What was decided has taken effect on the account. */
export type ConfirmItemEffect = Command<
  'ConfirmItemEffect',
  {
    /** Id of the event on the account. */
    readonly because: string;
    /** When it was recorded. */
    readonly effectiveAt: string;
  }
>;

/** The grant has ended otherwise. */
export type CloseItemAsMoot = Command<
  'CloseItemAsMoot',
  {
    /** Id of the event that ended it; null where time alone did. */
    readonly because: string | null;
    /** Whether the account is gone for good, so that not even what was decided can take effect. */
    readonly accountEnded: boolean;
  }
>;

/** What was certified has changed: the question is put again, from the first stage on. */
export type ReopenItem = Command<
  'ReopenItem',
  {
    readonly changed: readonly ('grant' | 'rule' | 'department' | 'title' | 'manager' | 'employeeType')[];
    /** Id of the event that changed it. */
    readonly event: string | null;
    readonly fingerprint: string;
    readonly assignment: Assignment;
    readonly stageDueAt: string;
    readonly dueAt: string;
  }
>;

/** Everything that is asked of a review item. */
export type ReviewItemCommand =
  | OpenItem
  | DecideItem
  | PassOnItem
  | AssignItem
  | RemindItem
  | ExpireItem
  | ConfirmItemEffect
  | CloseItemAsMoot
  | ReopenItem;
