import type { ChangeHeld, EmergencyChangeRecorded, HeldChangeEvent } from '#libs/contracts';
import { type RecordedEvent, senderOf } from '#libs/kernel';
import type { ChangeArea } from './change-areas.js';

/** A change that waits, or waited, for a second person, as a fold of its stream. */
export interface HeldChangeState {
  readonly id: string;
  /** `approved`: by as many as needed, not made yet. */
  readonly status: 'absent' | 'held' | 'approved' | 'applied' | 'refused';
  readonly area: ChangeArea | null;
  readonly kind: 'connection' | 'role' | 'policy' | null;
  readonly target: string;
  /** Version of the target that the change was made from; null for something new. */
  readonly ofVersion: number | null;
  readonly changed: readonly string[];
  /** The command in canonical JSON; null once it was made without waiting. */
  readonly command: string | null;
  /** Whom the command names, in the order of its numbers. */
  readonly people: readonly string[];
  /** `kind:id` of who asked, and of who sent that: a key may speak for somebody. */
  readonly requestedBy: string;
  readonly filedBy: string;
  readonly approvalsNeeded: number;
  /** `kind:id` of those who approved. */
  readonly approvals: readonly string[];
  /** `kind:id` of who sent each of these approvals, in the same order. */
  readonly approvedThrough: readonly string[];
  /** Exclusive. */
  readonly validUntil: string | null;
  readonly emergency: boolean;
  readonly refusal: string | null;
  /** Ids of the events that the change was made by. */
  readonly events: readonly string[];
}

/** A change that nobody asked for. */
export const NO_HELD_CHANGE: HeldChangeState = {
  id: '',
  status: 'absent',
  area: null,
  kind: null,
  target: '',
  ofVersion: null,
  changed: [],
  command: null,
  people: [],
  requestedBy: '',
  filedBy: '',
  approvalsNeeded: 0,
  approvals: [],
  approvedThrough: [],
  validUntil: null,
  emergency: false,
  refusal: null,
  events: [],
};

/** Folds one fact into a held change. Exhaustive: a fact that it does not know is an error, never skipped. */
export function evolveHeldChange(state: HeldChangeState, event: RecordedEvent & HeldChangeEvent): HeldChangeState {
  switch (event.type) {
    case 'ChangeHeld':
      return held(event.data, senderOf(event.metadata));
    case 'ChangeApproved': {
      const approvals = [...state.approvals, event.data.by];
      const approvedThrough = [...state.approvedThrough, senderOf(event.metadata)];
      return { ...state, approvals, approvedThrough, status: event.data.complete ? 'approved' : state.status };
    }
    case 'ChangeRefused':
      return { ...state, status: 'refused', refusal: event.data.code };
    case 'ChangeApplied':
      return { ...state, status: 'applied', events: event.data.events };
    case 'EmergencyChangeRecorded':
      return emergency(event.data, senderOf(event.metadata));
    default:
      throw new TypeError(`A held change cannot fold ${(event as { type: string }).type}.`);
  }
}

function held({ change, reason: _why, ...data }: ChangeHeld['data'], filedBy: string): HeldChangeState {
  return { ...NO_HELD_CHANGE, ...data, id: change, status: 'held', filedBy };
}

function emergency(data: EmergencyChangeRecorded['data'], filedBy: string): HeldChangeState {
  const { change, by, reason: _why, ...rest } = data;
  return { ...NO_HELD_CHANGE, ...rest, id: change, status: 'applied', emergency: true, requestedBy: by, filedBy };
}
