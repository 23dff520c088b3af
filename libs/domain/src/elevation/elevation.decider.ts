import type { ElevationEnded, ElevationEvent } from '#libs/contracts';
import {
  type CommandMetadata,
  type Decider,
  instantAfter,
  personBehind,
  type RecordedEvent,
  senderOf,
} from '#libs/kernel';
import { RoleNotFoundError } from '../role/role.decider.js';
import type {
  AbandonElevation,
  ApproveElevation,
  CloseElevation,
  ElevationCommand,
  LapseElevation,
  ProlongElevation,
  RecordElevationOver,
  RefuseElevation,
  RequestElevation,
  SaidBy,
} from './elevation.commands.js';
import {
  AlreadyApprovedError,
  BreakGlassNotAllowedError,
  ElevationAccountInactiveError,
  ElevationNotActiveError,
  ElevationNotExtendableError,
  ElevationNotFoundError,
  ElevationNotRequestedError,
  ElevationTooLongError,
  NoApproversError,
  NotAnApproverError,
  NotYoursToEndError,
  OwnElevationError,
  RoleNotOfferedError,
  SameKeyError,
} from './elevation.errors.js';
import { type ElevationState, evolveElevation, NO_ELEVATION } from './elevation.state.js';
import { approversAmong, type ElevationOffer } from './elevation-offer.js';

/**
 * A role for a time: asked for, approved by as many people as it needs, begun, over. Who approves is fixed when it is asked for; nobody
 * approves of what they get or asked for, nor the key that filed it, nor a key that is the word of one of them. The grants themselves stand on the account's stream, each with its end.
 */
export const elevationDecider: Decider<ElevationCommand, ElevationState, ElevationEvent> = {
  initialState: NO_ELEVATION,
  decide,
  evolve: (state, event) => evolveElevation(state, event as RecordedEvent & ElevationEvent),
};

function decide(command: ElevationCommand, state: ElevationState): readonly ElevationEvent[] {
  if (command.type === 'RequestElevation') return request(command);
  if (state.status === 'absent') throw new ElevationNotFoundError();
  switch (command.type) {
    case 'ApproveElevation':
      return approve(command, state);
    case 'RefuseElevation':
      return refuse(command, state);
    case 'LapseElevation':
      return lapse(command, state);
    case 'AbandonElevation':
      return abandon(command, state);
    case 'ProlongElevation':
      return prolong(command, state);
    case 'CloseElevation':
      return close(command, state);
    case 'RecordElevationOver':
      return over(command, state);
  }
}

/** Break-glass begins at once: nobody is waited for, and the review comes afterwards. */
function request({ data, metadata }: RequestElevation): ElevationEvent[] {
  const { elevation, account, role, durationMs, breakGlass, by, reason } = data;
  const offer = possible(data);
  const { policy, policyVersion, requestValidForMs } = offer;
  const approvalsNeeded = breakGlass ? 0 : offer.approvalsNeeded;
  const approvers = approversAmong(data, {
    needed: Math.max(1, approvalsNeeded),
    not: [account, by.account, ...accountBehind(metadata)],
  });
  if (approvers.length < approvalsNeeded) throw new NoApproversError(policy, approvers.length, approvalsNeeded);
  const requested: ElevationEvent = {
    type: 'ElevationRequested',
    data: {
      elevation,
      account,
      role,
      policy,
      policyVersion,
      durationMs,
      requestedBy: by.account,
      via: by.via,
      filedBy: senderOf(metadata),
      approvers,
      approvalsNeeded,
      breakGlass,
      validUntil: instantAfter(metadata.now, requestValidForMs),
      reason,
    },
  };
  if (!breakGlass) return [requested];
  const nobody = { account: null, via: by.via, apiKey: by.apiKey };
  return [requested, approval({ id: elevation, account, durationMs }, { by: nobody, reason: null }, true, metadata)];
}

/** @throws whichever rule stands against the request, the plainest first */
function possible(data: RequestElevation['data']): ElevationOffer {
  if (!data.roleLive) throw new RoleNotFoundError();
  if (!data.accountActive) throw new ElevationAccountInactiveError();
  if (data.offer === null) throw new RoleNotOfferedError(data.role);
  const { policy, maxDurationMs } = data.offer;
  if (!(data.durationMs > 0 && data.durationMs <= maxDurationMs))
    throw new ElevationTooLongError(policy, maxDurationMs);
  if (data.breakGlass && !data.offer.breakGlass) throw new BreakGlassNotAllowedError(policy);
  return data.offer;
}

function approve({ data, metadata }: ApproveElevation, state: ElevationState): ElevationEvent[] {
  requireOpen(state, metadata.now);
  const { approvals, approvalsNeeded } = state;
  const by = data.by.account;
  requireApprover(by, metadata, state);
  const behind = (sender: string) => personBehind(metadata, sender);
  const people = [...approvals.map(accountOf), ...state.approvedThrough].map(behind).filter(isAccount);
  if (answering(by, metadata).some((person) => people.includes(person)))
    throw new AlreadyApprovedError(approvalsNeeded - approvals.length);
  return [approval(state, data, approvals.length + 1 >= approvalsNeeded, metadata)];
}

/** @throws unless the account is asked, and neither it nor whoever stands behind the key that it comes through has asked */
function requireApprover(by: string, metadata: CommandMetadata, state: ElevationState): void {
  const behind = (sender: string) => personBehind(metadata, sender);
  const asking = [state.account, state.requestedBy].filter((account) => account !== null).map(accountOf);
  const askers = [...asking, state.filedBy].map(behind);
  if (answering(by, metadata).some((person) => askers.includes(person))) throw new OwnElevationError();
  if (behind(senderOf(metadata)) === behind(state.filedBy)) throw new SameKeyError();
  if (!state.approvers.includes(by)) throw new NotAnApproverError();
}

/** The people whose word an answer is: the account, and whoever made the key that it comes through. */
const answering = (by: string, metadata: CommandMetadata): string[] =>
  [accountOf(by), senderOf(metadata)].map((sender) => personBehind(metadata, sender)).filter(isAccount);

/** The account whose word a request is, if it is anybody's. */
const accountBehind = (metadata: CommandMetadata): string[] =>
  [personBehind(metadata, senderOf(metadata))].filter(isAccount).map((person) => person.slice(ACCOUNT.length));

const ACCOUNT = 'account:';
const accountOf = (account: string): string => `${ACCOUNT}${account}`;
const isAccount = (person: string): boolean => person.startsWith(ACCOUNT);

function approval(
  { id, account, durationMs }: Pick<ElevationState, 'id' | 'account' | 'durationMs'>,
  { by, reason }: { readonly by: SaidBy; readonly reason: string | null },
  complete: boolean,
  { now, deriveId }: CommandMetadata,
): ElevationEvent {
  const begun = { grant: deriveId('grant:elevation'), effectiveAt: now, until: instantAfter(now, durationMs) };
  return {
    type: 'ElevationApproved',
    data: {
      elevation: id,
      account,
      ...said(by),
      complete,
      ...(complete ? begun : { grant: null, effectiveAt: null, until: null }),
      reason,
    },
  };
}

/** An answer by somebody who is asked is a refusal; by who asked, or gets the role, the request is taken back. */
function refuse({ data, metadata }: RefuseElevation, state: ElevationState): ElevationEvent[] {
  requireOpen(state, metadata.now);
  const { by, mayAdminister, reason } = data;
  const own = isOneOf(by, [state.account, state.requestedBy]) || senderOf(metadata) === state.filedBy;
  if (!own && !mayAdminister && !isOneOf(by, state.approvers)) throw new NotAnApproverError();
  return [refusal(state, { ...said(by), code: own ? 'withdrawn' : 'refused', reason })];
}

function lapse({ metadata }: LapseElevation, state: ElevationState): ElevationEvent[] {
  if (state.status !== 'requested' || metadata.now < state.validUntil) return [];
  return [refusal(state, { ...said(SYSTEM), code: 'lapsed', reason: null })];
}

/** Also of one that was approved a moment ago: it has no grant then. */
function abandon({ data }: AbandonElevation, state: ElevationState): ElevationEvent[] {
  if (state.status !== 'requested' && state.status !== 'active') return [];
  return [refusal(state, { ...said(SYSTEM), code: 'not-possible', reason: data.why })];
}

function refusal(
  { id, account }: ElevationState,
  data: Omit<Extract<ElevationEvent, { type: 'ElevationRefused' }>['data'], 'elevation' | 'account'>,
): ElevationEvent {
  return { type: 'ElevationRefused', data: { elevation: id, account, ...data } };
}

/** The further grant begins now and overlaps the one before: there is no instant without the role. */
function prolong({ data, metadata }: ProlongElevation, state: ElevationState): ElevationEvent[] {
  const { by, durationMs, maxDurationMs, reason } = data;
  const { now } = metadata;
  if (state.status !== 'active' || state.until === null || state.until <= now)
    throw new ElevationNotActiveError(statusAt(state, now));
  requireApprover(by.account, metadata, state);
  if (state.approvalsNeeded !== 1) throw new ElevationNotExtendableError();
  const until = instantAfter(state.until, durationMs);
  if (!(durationMs > 0) || until > instantAfter(now, maxDurationMs))
    throw new ElevationTooLongError(state.policy, maxDurationMs);
  const grant = metadata.deriveId('grant:elevation');
  return [
    {
      type: 'ElevationExtended',
      data: { elevation: state.id, account: state.account, grant, until, ...said(by), by: by.account, reason },
    },
  ];
}

function close({ data, metadata }: CloseElevation, state: ElevationState): ElevationEvent[] {
  const { by, mayAdminister, endedAt, reason } = data;
  const part = [state.account, state.requestedBy, ...state.approvers];
  if (!mayAdminister && !isOneOf(by, part) && senderOf(metadata) !== state.filedBy) throw new NotYoursToEndError();
  if (state.status !== 'active' || state.until === null) throw new ElevationNotActiveError(state.status);
  const { now } = metadata;
  const effectiveAt = [state.until, endedAt ?? now].reduce((one, other) => (one < other ? one : other), now);
  if (state.until <= now) return [ended(state, { effectiveAt, code: 'time-over', by: SYSTEM, reason: null })];
  return [ended(state, { effectiveAt, code: 'by-hand', by, reason })];
}

/** Nothing follows where it is over already, or where its time was thought over and it has been extended meanwhile. */
function over({ data, metadata }: RecordElevationOver, state: ElevationState): ElevationEvent[] {
  const { code, effectiveAt, by } = data;
  if (state.status !== 'active' || state.until === null) return [];
  if (code === 'time-over' && metadata.now < state.until) return [];
  const end = effectiveAt < state.until ? effectiveAt : state.until;
  return [ended(state, { effectiveAt: end, code, by, reason: null })];
}

function ended(
  { id, account, grants }: ElevationState,
  { by, ...end }: { by: SaidBy } & Pick<ElevationEnded['data'], 'effectiveAt' | 'code' | 'reason'>,
): ElevationEvent {
  const grant = grants.at(-1);
  if (grant === undefined) throw new TypeError('An elevation under way has a grant.');
  return { type: 'ElevationEnded', data: { elevation: id, account, grant, ...said(by), ...end } };
}

const SYSTEM: SaidBy = { account: null, via: 'system', apiKey: null };

const said = ({ account, via, apiKey }: SaidBy) => ({ by: account, via, apiKey });

const isOneOf = ({ account }: SaidBy, accounts: readonly (string | null)[]): boolean =>
  account !== null && accounts.includes(account);

function requireOpen(state: ElevationState, now: string): void {
  if (state.status !== 'requested' || now >= state.validUntil)
    throw new ElevationNotRequestedError(statusAt(state, now));
}

/** The status as somebody sees it who looks now, whether or not it was written down yet. */
function statusAt(state: ElevationState, now: string): string {
  if (state.status === 'requested' && now >= state.validUntil) return 'lapsed';
  return state.status === 'active' && state.until !== null && now >= state.until ? 'ended' : state.status;
}
