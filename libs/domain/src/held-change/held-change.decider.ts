import type { ChangeRefused, HeldChangeEvent } from '#libs/contracts';
import {
  type CommandMetadata,
  type Decider,
  instantAfter,
  personBehind,
  type RecordedEvent,
  senderOf,
} from '#libs/kernel';
import type {
  ApproveChange,
  HeldChangeCommand,
  HoldChange,
  LapseChange,
  MarkApplied,
  OutdateChange,
  RecordEmergency,
  RefuseChange,
} from './held-change.commands.js';
import {
  ApproverNotAdminError,
  ChangeAlreadyApprovedError,
  ChangeApproverGoneError,
  HeldChangeNotFoundError,
  HeldChangeNotOpenError,
  OwnChangeError,
} from './held-change.errors.js';
import { evolveHeldChange, type HeldChangeState, NO_HELD_CHANGE } from './held-change.state.js';

/**
 * A change of the configuration that others must agree to, each another person. Whoever asked does not approve of it, neither in person nor
 * through a key that is their word; who approved must still be one who may; what would change must still be as it was then. An emergency change did not wait and is only recorded.
 */
export const heldChangeDecider: Decider<HeldChangeCommand, HeldChangeState, HeldChangeEvent> = {
  initialState: NO_HELD_CHANGE,
  decide,
  evolve: (state, event) => evolveHeldChange(state, event as RecordedEvent & HeldChangeEvent),
};

function decide(command: HeldChangeCommand, state: HeldChangeState): readonly HeldChangeEvent[] {
  if (command.type === 'HoldChange') return hold(command);
  if (command.type === 'RecordEmergency') return recordEmergency(command);
  if (state.status === 'absent') throw new HeldChangeNotFoundError();
  switch (command.type) {
    case 'ApproveChange':
      return approve(command, state);
    case 'RefuseChange':
      return refuse(command, state);
    case 'LapseChange':
      return lapse(command, state);
    case 'OutdateChange':
      return outdate(command, state);
    case 'MarkApplied':
      return markApplied(command, state);
  }
}

function hold({ data: { onBehalfOf, validForMs, ...data }, metadata }: HoldChange): HeldChangeEvent[] {
  const requestedBy = askerOf(onBehalfOf, metadata);
  const validUntil = instantAfter(metadata.now, validForMs);
  return [
    {
      type: 'ChangeHeld',
      data: { ...data, changed: [...data.changed], people: [...data.people], requestedBy, validUntil },
    },
  ];
}

function recordEmergency({ data: { onBehalfOf, ...data }, metadata }: RecordEmergency): HeldChangeEvent[] {
  return [{ type: 'EmergencyChangeRecorded', data: { ...data, by: askerOf(onBehalfOf, metadata) } }];
}

/** An approval of what has moved on meanwhile ends the wait: nobody has seen what it would come to now. */
function approve({ data, metadata }: ApproveChange, state: HeldChangeState): HeldChangeEvent[] {
  requireWaiting(state, metadata.now);
  const by = `account:${data.by}`;
  const behind = (sender: string) => personBehind(metadata, sender);
  const answering = [by, senderOf(metadata)].map(behind);
  const askers = [state.requestedBy, state.filedBy].map(behind);
  if (askers.some((asker) => answering.includes(asker))) throw new OwnChangeError();
  const approvals = state.approvals.map(behind);
  if (approvals.some((one) => !data.administrators.has(one) || askers.includes(one)))
    throw new ChangeApproverGoneError();
  const needed = Math.max(state.approvalsNeeded, data.approvalsWanted);
  const approvers = new Set([...approvals, ...state.approvedThrough.map(behind).filter(isAccount)]);
  if (answering.filter(isAccount).some((person) => approvers.has(person)))
    throw new ChangeAlreadyApprovedError(needed - approvals.length);
  if (data.targetVersion !== state.ofVersion) return [refusal(state, { by: SYSTEM, via: 'system', code: 'outdated' })];
  const complete = new Set(approvals).size + 1 >= needed;
  return [{ type: 'ChangeApproved', data: { change: state.id, by, via: data.via, complete, reason: data.reason } }];
}

function refuse({ data, metadata }: RefuseChange, state: HeldChangeState): HeldChangeEvent[] {
  requireWaiting(state, metadata.now);
  const by = `account:${data.by}`;
  const askers = [state.requestedBy, state.filedBy].map((asker) => personBehind(metadata, asker));
  const own = askers.includes(personBehind(metadata, by)) || senderOf(metadata) === state.filedBy;
  if (!own && !data.mayAdminister) throw new ApproverNotAdminError();
  return [refusal(state, { by, via: data.via, code: own ? 'withdrawn' : 'refused', reason: data.reason })];
}

function lapse({ metadata }: LapseChange, state: HeldChangeState): HeldChangeEvent[] {
  if (state.status !== 'held' || !isLate(state, metadata.now)) return [];
  return [refusal(state, { by: SYSTEM, via: 'system', code: 'lapsed' })];
}

function outdate({ data }: OutdateChange, state: HeldChangeState): HeldChangeEvent[] {
  const waits = state.status === 'held' || state.status === 'approved';
  if (!waits || data.targetVersion === state.ofVersion) return [];
  return [refusal(state, { by: SYSTEM, via: 'system', code: 'outdated' })];
}

function markApplied({ data }: MarkApplied, state: HeldChangeState): HeldChangeEvent[] {
  if (state.status === 'applied') return [];
  if (state.status !== 'approved') throw new HeldChangeNotOpenError(state.status);
  return [{ type: 'ChangeApplied', data: { change: state.id, events: [...data.events] } }];
}

function refusal(
  { id }: HeldChangeState,
  data: Omit<ChangeRefused['data'], 'change' | 'reason'> & { readonly reason?: string },
): HeldChangeEvent {
  return { type: 'ChangeRefused', data: { change: id, reason: null, ...data } };
}

/** The part of the system that ends what nobody answered, or what fits no more. */
const SYSTEM = 'system:governance';

const isAccount = (person: string): boolean => person.startsWith('account:');

const askerOf = (account: string | null, metadata: CommandMetadata): string =>
  account === null ? senderOf(metadata) : `account:${account}`;

const isLate = ({ validUntil }: HeldChangeState, now: string): boolean => validUntil !== null && validUntil <= now;

function requireWaiting(state: HeldChangeState, now: string): void {
  if (state.status !== 'held') throw new HeldChangeNotOpenError(state.status);
  if (isLate(state, now)) throw new HeldChangeNotOpenError('lapsed');
}
