import { type EventLog, isShown, type LoggedEvent, type Position } from './event-log.js';
import { callFailure } from './grpc-errors.js';
import { DEFAULT_WINDOW, isBefore, isReadableFrom, pageForward, placeOf, type Wanted } from './log-pages.js';
import { fail, type NodeState } from './node-state.js';
import { streamNameIn, streams } from './protocol.js';
import {
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
  type IdForm,
  idFormIn,
  type ReadCall,
  send,
  wantedIn,
} from './read-messages.js';
import { readable } from './stream-rules.js';

/** A subscription that was asked for. */
export interface Subscription {
  readonly call: ReadCall;
  readonly options: streams.ReadReq.Options;
  readonly id: string;
  readonly gone: AbortSignal;
}

/** Where a subscription to the whole log stands. */
interface Cursor {
  /** What the reader was last told: an event or a checkpoint. Null before anything. */
  told: Position | null;
  /** The last checkpoint sent; the same one is not sent twice. */
  checkpoint: Position | null;
  /** Records looked at since the last checkpoint. */
  counted: number;
}

interface LogSubscription extends Subscription {
  readonly form: IdForm;
  readonly wanted: Wanted;
  readonly window: number;
  /** Records between two checkpoints; undefined without a filter, then there are none. */
  readonly interval?: number;
}

/**
 * Follows the whole log: confirmation, history, caught up, then live. The start is exclusive. With a filter there are checkpoints:
 * in history at the end of a page when enough was looked at and once when history is over, later at every so many records.
 */
export async function followLog(state: NodeState, subscription: Subscription): Promise<void> {
  const { call, options, id, gone } = subscription;
  const { log, settings } = state;
  const filter = options.getFilter();
  const window = filter?.hasMax() ? filter.getMax() : DEFAULT_WINDOW;
  const interval = filter ? window * filter.getCheckpointintervalmultiplier() : undefined;
  const request = { ...subscription, form: idFormIn(options), wanted: wantedIn(filter), window, interval };
  await send(call, confirmationMessage(id));
  const cursor: Cursor = { told: startOf(options, log), checkpoint: null, counted: 0 };
  if (cursor.told && !isReadableFrom(log, cursor.told)) return fail(call, callFailure.invalidPosition());
  await catchUp(state, request, cursor);
  if (gone.aborted) return;
  await send(call, caughtUpMessage({ place: cursor.told ?? undefined }, settings.now()));
  await goLive(state, request, cursor);
}

function startOf(options: streams.ReadReq.Options, log: EventLog): Position | null {
  const all = options.getAll();
  const last = log.visibleAt(log.indexFrom(log.end) - 1);
  if (all?.hasEnd()) return last ? placeOf(last) : null;
  const position = all?.getPosition();
  if (!position) return null;
  return { commit: Number(position.getCommitPosition()), prepare: Number(position.getPreparePosition()) };
}

async function catchUp(state: NodeState, request: LogSubscription, cursor: Cursor): Promise<void> {
  const { log } = state;
  let from = cursor.told ?? { commit: 0, prepare: 0 };
  while (!request.gone.aborted) {
    const page = pageForward(
      log,
      from,
      request.wanted,
      request.interval === undefined ? DEFAULT_WINDOW : request.window,
    );
    for (const event of page.events) {
      if (!cursor.told || isBefore(cursor.told, placeOf(event))) await tell(state, request, cursor, event);
    }
    if ((!cursor.told || isBefore(cursor.told, page.current)) && isBefore(page.current, page.next)) {
      cursor.told = page.current;
    }
    cursor.counted += page.considered;
    const due = request.interval !== undefined && (page.end || cursor.counted >= request.interval);
    if (due) await checkpoint(state, request, cursor);
    if (page.end) return;
    from = page.next;
  }
}

async function goLive(state: NodeState, request: LogSubscription, cursor: Cursor): Promise<void> {
  const { log } = state;
  let next = log.indexFrom(cursor.told?.commit ?? 0);
  let position = log.end;
  for (cursor.counted = 0; !request.gone.aborted; await log.grown(position, request.gone)) {
    for (let event = log.visibleAt(next); event && !request.gone.aborted; event = log.visibleAt(next)) {
      next += 1;
      position = event.end;
      if (cursor.told && !isBefore(cursor.told, placeOf(event))) continue;
      if (isShown(event) && request.wanted(event)) await tell(state, request, cursor, event);
      cursor.counted += 1;
      if (request.interval === undefined || cursor.counted < request.interval) continue;
      cursor.told = placeOf(event);
      await checkpoint(state, request, cursor);
    }
  }
}

async function tell(state: NodeState, request: LogSubscription, cursor: Cursor, event: LoggedEvent): Promise<void> {
  await state.settings.faults.passing();
  await send(request.call, eventMessage(event, request.form));
  cursor.told = placeOf(event);
}

async function checkpoint(state: NodeState, request: LogSubscription, cursor: Cursor): Promise<void> {
  cursor.counted = 0;
  const place = cursor.told;
  if (!place || (cursor.checkpoint && !isBefore(cursor.checkpoint, place))) return;
  cursor.checkpoint = place;
  await state.settings.faults.passing();
  await send(request.call, checkpointMessage(place, state.settings.now()));
}

/** Follows one stream: confirmation, history, caught up, then live. A stream that does not exist yet is waited for. */
export async function followStream(state: NodeState, { call, options, id, gone }: Subscription): Promise<void> {
  const { log, settings } = state;
  const stream = streamNameIn(options.getStream()?.getStreamIdentifier());
  const from = options.getStream();
  const form = idFormIn(options);
  await send(call, confirmationMessage(id));
  let told = from?.hasStart() ? -1 : from?.hasEnd() ? log.visibleIn(stream).length - 1 : Number(from?.getRevision());
  let live = false;
  while (!gone.aborted) {
    const end = log.end;
    const found = readable(log, stream, settings.now());
    if (found.kind === 'deleted') return fail(call, callFailure.streamDeleted(stream));
    const events = found.kind === 'found' ? found.events.slice(Math.max(told + 1, found.first)) : [];
    for (const event of events) {
      await settings.faults.passing();
      if (!(await send(call, eventMessage(event, form)))) return;
      told = event.revision;
    }
    if (!live) await send(call, caughtUpMessage({ revision: told }, settings.now()));
    live = true;
    await log.grown(end, gone);
  }
}
