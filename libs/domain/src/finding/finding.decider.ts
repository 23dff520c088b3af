import type { FindingEvent } from '#libs/contracts';
import { type CommandMetadata, type Decider, personBehind, type RecordedEvent, senderOf } from '#libs/kernel';
import { sameJson } from '../changed-paths.js';
import type {
  AcceptFinding,
  AssignFinding,
  FindingCommand,
  FindingDecider,
  RecordFindingAction,
  ResolveFinding,
} from './finding.commands.js';
import {
  ACCEPTANCE_DAYS_MAX,
  AcceptanceEndError,
  FindingNotFoundError,
  FindingNotYoursError,
  FindingResolvedError,
  OwnFindingError,
} from './finding.errors.js';
import { evolveFinding, type FindingState, heldOf, NO_FINDING, type Shown, shownBy } from './finding.state.js';

const MS_PER_DAY = 86_400_000;

/**
 * Something that stands out, from being raised to being resolved, as often as it comes back. Raising what is known changes nothing; what
 * somebody closed by hand stays closed until something else shows it; what was accepted is raised again when that time is over. Whom it is
 * about has no say in it.
 */
export const findingDecider: Decider<FindingCommand, FindingState, FindingEvent> = {
  initialState: NO_FINDING,
  decide(command, state) {
    const { metadata } = command;
    switch (command.type) {
      case 'RaiseFinding':
        return isNews(state, shownBy(command.data), metadata) ? [{ type: 'FindingRaised', data: command.data }] : [];
      case 'RaiseSodViolation':
        return isNews(state, heldOf(command.data), metadata)
          ? [{ type: 'SodViolationDetected', data: command.data }]
          : [];
      case 'AssignFinding':
        return assign(command.data, mine(state, command));
      case 'AcceptFinding':
        return accept(command, mine(state, command));
      case 'RecordFindingAction':
        return recordAction(command.data, known(state));
      case 'ResolveFinding':
        return resolve(command, known(state));
    }
  },
  evolve: (state, event) => evolveFinding(state, event as RecordedEvent & FindingEvent),
};

/** A violation is news also while it is known, where other grants make it up: both chains of why must be those of today. */
function isNews(state: FindingState, shown: Shown, { now }: CommandMetadata): boolean {
  const same = sameJson(state.shown, shown);
  if (state.status === 'absent') return true;
  if (state.status === 'open') return 'held' in shown && !same;
  if (state.status === 'accepted')
    return (state.acceptedUntil ?? now) <= now || ('held' in shown && beyond(state, shown));
  return !(state.closedByHand && same);
}

/** What was accepted are roles, not the grants that happen to give them. */
function beyond({ shown }: FindingState, { held }: { readonly held: readonly string[] }): boolean {
  const accepted = new Set(shown && 'held' in shown ? shown.held.map(roleOf) : []);
  return held.some((each) => !accepted.has(roleOf(each)));
}

const roleOf = (held: string): string => held.split(' ', 1)[0] as string;

function assign({ owner, by, via, reason }: AssignFinding['data'], state: FindingState): FindingEvent[] {
  if (owner !== null && owner === state.account) throw new OwnFindingError();
  if (state.assigned && state.owner === owner) return [];
  return [{ type: 'FindingAssigned', data: { finding: state.id, account: state.account, owner, by, via, reason } }];
}

function accept({ data, metadata }: AcceptFinding, state: FindingState): FindingEvent[] {
  const { until, by, via, reason } = data;
  const ahead = Date.parse(until) - Date.parse(metadata.now);
  if (!(ahead > 0 && ahead <= ACCEPTANCE_DAYS_MAX * MS_PER_DAY)) throw new AcceptanceEndError();
  return [{ type: 'FindingAccepted', data: { finding: state.id, account: state.account, by, via, until, reason } }];
}

/** Acted upon once, as often as it is raised. The deed comes first and may itself end what was found: it is recorded then, too. */
function recordAction({ action, review, event }: RecordFindingAction['data'], state: FindingState): FindingEvent[] {
  if (state.actions.has(action)) return [];
  return [{ type: 'FindingActedUpon', data: { finding: state.id, action, review, event } }];
}

function resolve(command: ResolveFinding, state: FindingState): FindingEvent[] {
  const { code, by, via, event, reason } = command.data;
  if (code === 'by-hand') mine(state, command);
  else if (state.status === 'resolved') return [];
  return [
    { type: 'FindingResolved', data: { finding: state.id, account: state.account, code, by, via, event, reason } },
  ];
}

function known(state: FindingState): FindingState {
  if (state.status === 'absent') throw new FindingNotFoundError();
  return state;
}

/** What somebody decides, with what is known of who stands behind them. */
interface Decided {
  readonly data: FindingDecider;
  readonly metadata: CommandMetadata;
}

/** @throws unless the finding is there, not resolved, theirs to change, and about somebody else */
function mine(state: FindingState, { data, metadata }: Decided): FindingState {
  const { by, mayAdminister } = data;
  const { owner, status, account } = known(state);
  const deciding = [...(by === null ? [] : [`account:${by}`]), senderOf(metadata)];
  const about = personBehind(metadata, `account:${account}`);
  if (account !== null && deciding.some((sender) => personBehind(metadata, sender) === about))
    throw new OwnFindingError();
  if (!mayAdminister && (by === null || owner !== by)) throw new FindingNotYoursError();
  if (status === 'resolved') throw new FindingResolvedError();
  return state;
}
