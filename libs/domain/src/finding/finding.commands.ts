import type { FindingAssigned, FindingRaised, FindingResolved, SodViolationDetected } from '#libs/contracts';
import type { Command } from '#libs/kernel';

/** Who decides about a finding, and through what. */
export interface FindingDecider {
  /** The account; null for a key that acts for nobody, and for the system. */
  readonly by: string | null;
  readonly via: FindingAssigned['data']['via'];
  /** Whether they may change anybody's findings; others may change those they answer for. */
  readonly mayAdminister: boolean;
}

/** Something stands out. Raised again it changes nothing, unless something new shows it or its time of acceptance is over. */
export type RaiseFinding = Command<'RaiseFinding', FindingRaised['data']>;

/** An account holds roles that it must not hold together. */
export type RaiseSodViolation = Command<'RaiseSodViolation', SodViolationDetected['data']>;

/** Somebody else is to answer for a finding. */
export type AssignFinding = Command<
  'AssignFinding',
  FindingDecider & { readonly owner: string | null; readonly reason: string | null }
>;

/** A finding is known and may stay for a time. */
export type AcceptFinding = Command<
  'AcceptFinding',
  FindingDecider & { readonly until: string; readonly reason: string }
>;

/** A policy has acted on a finding. */
export type RecordFindingAction = Command<
  'RecordFindingAction',
  { readonly action: 'review' | 'deactivate'; readonly review: string | null; readonly event: string | null }
>;

/** A finding holds no more, its policy ended, or somebody closes it. */
export type ResolveFinding = Command<
  'ResolveFinding',
  FindingDecider & {
    readonly code: FindingResolved['data']['code'];
    /** Id of the event that ended it; null where none did. */
    readonly event: string | null;
    readonly reason: string | null;
  }
>;

/** Everything that can be asked of a finding. */
export type FindingCommand =
  | RaiseFinding
  | RaiseSodViolation
  | AssignFinding
  | AcceptFinding
  | RecordFindingAction
  | ResolveFinding;
