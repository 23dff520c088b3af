import { randomUUID } from 'node:crypto';
import { LOG_START, type LoggedEvent, type Position } from './event-log.js';
import { callFailure } from './grpc-errors.js';
import { backwardFrom, forwardFrom, isReadableFrom } from './log-pages.js';
import { fail, type NodeState } from './node-state.js';
import { streamNameIn, streams } from './protocol.js';
import { eventMessage, goneSignal, idFormIn, notFoundMessage, type ReadCall, send, wantedIn } from './read-messages.js';
import { readable } from './stream-rules.js';
import { followLog, followStream } from './subscribe.calls.js';

/** The one call behind reads of a stream, reads of the whole log, and subscriptions to both. */
export function readCalls(state: NodeState) {
  return { read: (call: ReadCall) => void serve(state, call) };
}

async function serve(state: NodeState, call: ReadCall): Promise<void> {
  const options = call.request.getOptions();
  const refusal = options ? state.refusal(call) : callFailure.invalidArgument('The read has no options.');
  if (refusal || !options) return fail(call, refusal ?? callFailure.unknown());
  const { faults } = state.settings;
  const fate = await faults.meet(options.hasSubscription() ? 'subscribe' : 'read');
  if (fate.kind === 'failed') return fail(call, fate.failure);
  if (fate.kind !== 'served' || call.cancelled) return;
  if (!options.hasSubscription())
    return options.hasAll() ? readLog(state, call, options) : readStream(state, call, options);
  faults.noteSubscription(1);
  const request = { call, options, id: randomUUID(), gone: goneSignal(call) };
  try {
    await (options.hasAll() ? followLog(state, request) : followStream(state, request));
  } finally {
    faults.noteSubscription(-1);
  }
}

async function readStream(state: NodeState, call: ReadCall, options: streams.ReadReq.Options): Promise<void> {
  const stream = streamNameIn(options.getStream()?.getStreamIdentifier());
  const found = readable(state.log, stream, state.settings.now());
  if (found.kind === 'deleted') return fail(call, callFailure.streamDeleted(stream));
  if (found.kind === 'not-found') {
    await send(call, notFoundMessage(stream));
    return void call.end();
  }
  const { events, first } = found;
  const from = options.getStream();
  const backward = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  const last = events.length - 1;
  const begin = from?.hasStart() ? 0 : from?.hasEnd() ? (backward ? last : events.length) : Number(from?.getRevision());
  const chosen = function* (): Generator<LoggedEvent> {
    if (backward) for (let at = Math.min(begin, last); at >= first; at -= 1) yield events[at] as LoggedEvent;
    else for (let at = Math.max(begin, first); at <= last; at += 1) yield events[at] as LoggedEvent;
  };
  if (!(await sendAll(state, call, chosen(), options))) return;
  if ((options.getControlOption()?.getCompatibility() ?? 0) >= 1) {
    await send(call, new streams.ReadResp().setLastStreamPosition(String(last)));
  }
  call.end();
}

async function readLog(state: NodeState, call: ReadCall, options: streams.ReadReq.Options): Promise<void> {
  const { log } = state;
  const wanted = wantedIn(options.getFilter());
  const backward = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  const place = placeIn(options.getAll(), log.end);
  if (backward ? !log.isBoundary(place.commit) : !isReadableFrom(log, place)) {
    return fail(call, callFailure.invalidPosition());
  }
  const chosen = backward ? backwardFrom(log, place.commit, wanted) : forwardFrom(log, place, wanted);
  if (await sendAll(state, call, chosen, options)) call.end();
}

/** Where a read or a subscription of the whole log begins. */
export function placeIn(all: streams.ReadReq.Options.AllOptions | undefined, end: number): Position {
  if (all?.hasEnd()) return { commit: end, prepare: end };
  const position = all?.getPosition();
  if (!position) return LOG_START;
  return { commit: Number(position.getCommitPosition()), prepare: Number(position.getPreparePosition()) };
}

async function sendAll(
  state: NodeState,
  call: ReadCall,
  events: Iterable<LoggedEvent>,
  options: streams.ReadReq.Options,
): Promise<boolean> {
  const form = idFormIn(options);
  let left = BigInt(options.getCount());
  for (const event of events) {
    if (left-- <= 0n) break;
    if (!(await send(call, eventMessage(event, form)))) return false;
    await state.settings.faults.passing();
  }
  return !call.cancelled;
}
