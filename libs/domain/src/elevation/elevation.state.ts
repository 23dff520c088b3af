import type { ElevationEvent, ElevationRequested } from '#libs/contracts';
import { type RecordedEvent, senderOf } from '#libs/kernel';

/** An elevation as a fold of its stream. */
export interface ElevationState {
  readonly id: string;
  /** `active`: approved and begun; whether its time is over shows `until`. */
  readonly status: 'absent' | 'requested' | 'active' | 'refused' | 'ended';
  readonly account: string;
  readonly role: string;
  readonly policy: string;
  readonly policyVersion: number;
  readonly durationMs: number;
  /** The account that asked in person, or for which a key asked. */
  readonly requestedBy: string | null;
  /** `kind:id` of who sent the request. */
  readonly filedBy: string;
  readonly requestedAt: string;
  /** Exclusive: the request is open before it. */
  readonly validUntil: string;
  readonly breakGlass: boolean;
  readonly reason: string;
  readonly approvers: readonly string[];
  readonly approvalsNeeded: number;
  /** Accounts that have approved. */
  readonly approvals: readonly string[];
  /** `kind:id` of who sent each of these approvals, in the same order. */
  readonly approvedThrough: readonly string[];
  /** Ids of its grants, one for the beginning and one for each extension. */
  readonly grants: readonly string[];
  /** Id of the event that named each grant, in the same order. */
  readonly because: readonly string[];
  readonly from: string | null;
  /** Exclusive. */
  readonly until: string | null;
  /** When it ceased to count; null while it does, and where it never began. */
  readonly endedAt: string | null;
  /** How it came to its end. */
  readonly endCode: string | null;
}

/** An elevation that nobody asked for. */
export const NO_ELEVATION: ElevationState = {
  id: '',
  status: 'absent',
  account: '',
  role: '',
  policy: '',
  policyVersion: 0,
  durationMs: 0,
  requestedBy: null,
  filedBy: '',
  requestedAt: '',
  validUntil: '',
  breakGlass: false,
  reason: '',
  approvers: [],
  approvalsNeeded: 0,
  approvals: [],
  approvedThrough: [],
  grants: [],
  because: [],
  from: null,
  until: null,
  endedAt: null,
  endCode: null,
};

/** Folds one fact into an elevation. Exhaustive: a fact that it does not know is an error, never skipped. */
export function evolveElevation(state: ElevationState, event: RecordedEvent & ElevationEvent): ElevationState {
  switch (event.type) {
    case 'ElevationRequested':
      return requested(event.data, event.recordedAt);
    case 'ElevationApproved': {
      const { by, complete, grant, effectiveAt, until } = event.data;
      const begun = complete && grant !== null;
      return {
        ...state,
        ...(by === null ? {} : withApproval(state, by, senderOf(event.metadata))),
        ...(begun ? { status: 'active', grants: [grant], because: [event.id], from: effectiveAt, until } : {}),
      };
    }
    case 'ElevationRefused':
      return { ...state, status: 'refused', endCode: event.data.code };
    case 'ElevationExtended': {
      const { grant, until } = event.data;
      return { ...state, grants: [...state.grants, grant], because: [...state.because, event.id], until };
    }
    case 'ElevationEnded':
      return { ...state, status: 'ended', endedAt: event.data.effectiveAt, endCode: event.data.code };
    default:
      throw new TypeError(`An elevation cannot fold ${(event as { type: string }).type}.`);
  }
}

const withApproval = ({ approvals, approvedThrough }: ElevationState, by: string, sender: string) => ({
  approvals: [...approvals, by],
  approvedThrough: [...approvedThrough, sender],
});

function requested(data: ElevationRequested['data'], requestedAt: string): ElevationState {
  const { elevation, via: _via, ...rest } = data;
  return { ...NO_ELEVATION, ...rest, id: elevation, status: 'requested', requestedAt };
}
