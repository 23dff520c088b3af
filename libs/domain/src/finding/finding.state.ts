import type { FindingEvent, FindingKind } from '#libs/contracts';

/** What shows a finding. It is news again only where this differs. */
export type Shown =
  | { readonly event: string | null; readonly since: string | null; readonly details: object | null }
  | { readonly held: readonly string[] };

/** A finding as a fold of its stream. */
export interface FindingState {
  readonly id: string;
  readonly status: 'absent' | 'open' | 'accepted' | 'resolved';
  readonly kind: FindingKind | null;
  readonly policy: string | null;
  readonly account: string | null;
  /** Account of who answers for it. */
  readonly owner: string | null;
  /** Whether somebody chose who answers for it. */
  readonly assigned: boolean;
  /** Exclusive end of the acceptance; null unless accepted. */
  readonly acceptedUntil: string | null;
  readonly shown: Shown | null;
  /** Somebody closed it, although it may still hold. */
  readonly closedByHand: boolean;
  /** What the policy has done about it since it was raised. */
  readonly actions: ReadonlySet<'review' | 'deactivate'>;
}

/** A finding that nobody raised. */
export const NO_FINDING: FindingState = {
  id: '',
  status: 'absent',
  kind: null,
  policy: null,
  account: null,
  owner: null,
  assigned: false,
  acceptedUntil: null,
  shown: null,
  closedByHand: false,
  actions: new Set(),
};

/** Folds one fact into a finding. @throws {TypeError} for a fact that it does not know */
export function evolveFinding(state: FindingState, event: FindingEvent): FindingState {
  switch (event.type) {
    case 'FindingRaised':
      return raised(state, { ...event.data, shown: shownBy(event.data) });
    case 'SodViolationDetected':
      return raised(state, { ...event.data, kind: 'sod', shown: heldOf(event.data) });
    case 'FindingAssigned':
      return { ...state, owner: event.data.owner, assigned: true };
    case 'FindingAccepted':
      return { ...state, status: 'accepted', acceptedUntil: event.data.until };
    case 'FindingActedUpon':
      return { ...state, actions: new Set(state.actions).add(event.data.action) };
    case 'FindingResolved':
      return { ...state, status: 'resolved', acceptedUntil: null, closedByHand: event.data.code === 'by-hand' };
    default:
      throw new TypeError(`A finding cannot fold ${(event as { type: string }).type}.`);
  }
}

type Raised = Pick<FindingState, 'kind' | 'policy' | 'account' | 'owner'> & {
  readonly finding: string;
  readonly shown: Shown;
};

function raised(state: FindingState, { finding, kind, policy, account, owner, shown }: Raised): FindingState {
  const chosen = state.assigned && state.status !== 'resolved';
  return {
    id: finding,
    status: 'open',
    kind,
    policy,
    account,
    owner: chosen ? state.owner : owner,
    assigned: chosen,
    acceptedUntil: null,
    shown,
    closedByHand: false,
    actions: new Set(),
  };
}

/** Where an event or an instant shows a finding, its details add nothing to that. */
export function shownBy({
  event,
  since,
  details,
}: {
  readonly event: string | null;
  readonly since: string | null;
  readonly details: object;
}): Shown {
  return { event, since, details: event === null && since === null ? details : null };
}

/** Roles with the grants that give them, in one order. */
export function heldOf({ held }: { readonly held: readonly { readonly role: string; readonly grant: string }[] }): {
  readonly held: readonly string[];
} {
  return { held: held.map(({ role, grant }) => `${role} ${grant}`).sort() };
}
