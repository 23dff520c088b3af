import type { ChangeHeld, EmergencyChangeRecorded } from '#libs/contracts';
import type { Command } from '#libs/kernel';

/** Whose word it is: a person, whether by session or through a key that speaks for them. */
interface Said {
  /** Account id. */
  readonly by: string;
  readonly via: 'session' | 'apiKey';
}

/** A change waits for somebody else; what it would do is kept with it. */
export type HoldChange = Command<
  'HoldChange',
  Omit<ChangeHeld['data'], 'validUntil' | 'requestedBy'> & {
    /** The account that asks, where a key speaks for it; null: whoever sends the command. */
    readonly onBehalfOf: string | null;
    /** How long it waits, milliseconds. */
    readonly validForMs: number;
  }
>;

/** Somebody else agrees. */
export type ApproveChange = Command<
  'ApproveChange',
  Said & {
    /** Version of what would change, as it stands now; null where it is not there. */
    readonly targetVersion: number | null;
    readonly reason: string | null;
    /** Those of the people behind former approvals who may approve today, as `kind:id`. */
    readonly administrators: ReadonlySet<string>;
    /** How many approvals the tenant wants for such a change today. */
    readonly approvalsWanted: number;
  }
>;

/** Somebody else refuses, or whoever asked takes the change back. */
export type RefuseChange = Command<
  'RefuseChange',
  Said & {
    /** Whether they could have approved of it. */
    readonly mayAdminister: boolean;
    readonly reason: string;
  }
>;

/** Nobody answered in time. Nothing follows while there is time. */
export type LapseChange = Command<'LapseChange', Record<never, never>>;

/** What would change has moved on since: the change fits no more. Nothing follows while it does. */
export type OutdateChange = Command<'OutdateChange', { readonly targetVersion: number | null }>;

/** A change that was approved of has been made. */
export type MarkApplied = Command<'MarkApplied', { readonly events: readonly string[] }>;

/** A change that should have waited was made at once. */
export type RecordEmergency = Command<
  'RecordEmergency',
  Omit<EmergencyChangeRecorded['data'], 'by'> & { readonly onBehalfOf: string | null }
>;

/** Everything that can be asked of a held change. */
export type HeldChangeCommand =
  | HoldChange
  | ApproveChange
  | RefuseChange
  | LapseChange
  | OutdateChange
  | MarkApplied
  | RecordEmergency;
