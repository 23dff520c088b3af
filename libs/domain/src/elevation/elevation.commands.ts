import type { Command } from '#libs/kernel';
import type { ElevationOffer } from './elevation-offer.js';

/** Whose word it is: an account, whether in person or through a key that speaks for it; null where a key, or the system, speaks for nobody. */
export interface SaidBy {
  readonly account: string | null;
  readonly via: 'session' | 'apiKey' | 'system';
  readonly apiKey: string | null;
}

/** A role is asked for, for a time. */
export type RequestElevation = Command<
  'RequestElevation',
  {
    readonly elevation: string;
    /** The account that gets the role. */
    readonly account: string;
    readonly accountActive: boolean;
    readonly role: string;
    readonly roleLive: boolean;
    /** What the policies of the tenant offer for the role; null: nothing. */
    readonly offer: ElevationOffer | null;
    readonly durationMs: number;
    /** Whether it has to be had at once, to be reviewed afterwards. */
    readonly breakGlass: boolean;
    readonly by: SaidBy;
    /** Accounts that each part in the policy leads to, in order of preference. */
    readonly preferred: readonly (readonly string[])[];
    /** Accounts asked where the others are too few. */
    readonly fallback: readonly string[];
    readonly reason: string;
  }
>;

/** An approver agrees. With the last agreement that is needed the elevation begins. */
export type ApproveElevation = Command<
  'ApproveElevation',
  { readonly by: SaidBy & { readonly account: string }; readonly reason: string | null }
>;

/** An approver refuses, or whoever asked takes the request back. */
export type RefuseElevation = Command<
  'RefuseElevation',
  {
    readonly by: SaidBy;
    /** Whether the caller may end requests of others. */
    readonly mayAdminister: boolean;
    readonly reason: string;
  }
>;

/** Nobody answered in time. Nothing follows while there is time. */
export type LapseElevation = Command<'LapseElevation', Record<never, never>>;

/** The role cannot be given: the account, the role or a decision stands against it. */
export type AbandonElevation = Command<'AbandonElevation', { readonly why: string }>;

/** An approver lets an elevation under way go on for longer. */
export type ProlongElevation = Command<
  'ProlongElevation',
  {
    readonly by: SaidBy & { readonly account: string };
    /** How much longer than until now, milliseconds. */
    readonly durationMs: number;
    /** The longest that it may last from now on, milliseconds. */
    readonly maxDurationMs: number;
    readonly reason: string;
  }
>;

/** Somebody ends an elevation before its time. Given once its grants have ended. */
export type CloseElevation = Command<
  'CloseElevation',
  {
    readonly by: SaidBy;
    /** Whether the caller may end elevations of others. */
    readonly mayAdminister: boolean;
    /** When the last grant ceased to count; null: now, since none did or they do with this. */
    readonly endedAt: string | null;
    readonly reason: string;
  }
>;

/** The grants of an elevation have ended: their time is over, or something else ended them. Given once they have. */
export type RecordElevationOver = Command<
  'RecordElevationOver',
  { readonly code: 'time-over' | 'by-hand' | 'revoked'; readonly effectiveAt: string; readonly by: SaidBy }
>;

/** Everything that can be asked of an elevation. */
export type ElevationCommand =
  | RequestElevation
  | ApproveElevation
  | RefuseElevation
  | LapseElevation
  | AbandonElevation
  | ProlongElevation
  | CloseElevation
  | RecordElevationOver;
