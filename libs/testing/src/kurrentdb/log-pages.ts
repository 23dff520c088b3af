import { type EventLog, isShown, type LoggedEvent, type Position } from './event-log.js';

/** Events in one page of the whole log, at most. */
const PAGE_EVENTS = 32;
/** Records that a page looks at when the reader sets no window. */
export const DEFAULT_WINDOW = 32;

/** Which events a reader of the whole log wants. */
export type Wanted = (event: LoggedEvent) => boolean;

/** A page of the whole log, as the server reads it: it ends at so many events found, or so many looked at. */
export interface Page {
  readonly events: readonly LoggedEvent[];
  /** Where the page began, and where the next one begins. */
  readonly current: Position;
  readonly next: Position;
  /** Records looked at. */
  readonly considered: number;
  readonly end: boolean;
}

/** Whether one place lies before another. */
export function isBefore(one: Position, other: Position): boolean {
  return one.commit === other.commit ? one.prepare < other.prepare : one.commit < other.commit;
}

/** The place of an event. */
export function placeOf({ position }: LoggedEvent): Position {
  return { commit: position, prepare: position };
}

/** Whether a forward reader may begin here: at a record, or anywhere behind the end, where it finds nothing. */
export function isReadableFrom(log: EventLog, { commit }: Position): boolean {
  return commit >= log.end || log.isBoundary(commit);
}

/** Reads on from a place, inclusive. */
export function pageForward(log: EventLog, from: Position, wanted: Wanted, window: number): Page {
  const events: LoggedEvent[] = [];
  let [next, considered, index] = [from, 0, log.indexFrom(from.commit)];
  for (; events.length < PAGE_EVENTS && considered < window; index += 1) {
    const event = log.visibleAt(index);
    if (!event) return { events, current: from, next, considered, end: true };
    if (isBefore(placeOf(event), from)) continue;
    considered += 1;
    if (isShown(event) && wanted(event)) events.push(event);
    next = { commit: event.end, prepare: 0 };
  }
  return { events, current: from, next, considered, end: false };
}

/** Everything before a place, newest first. */
export function* backwardFrom(log: EventLog, before: number, wanted: Wanted): Generator<LoggedEvent> {
  for (let index = log.indexFrom(before) - 1; index >= 0; index -= 1) {
    const event = log.visibleAt(index) as LoggedEvent;
    if (isShown(event) && wanted(event)) yield event;
  }
}

/** Everything from a place on, inclusive, up to the end as it is when the reader gets there. */
export function* forwardFrom(log: EventLog, from: Position, wanted: Wanted): Generator<LoggedEvent> {
  let page: Page;
  let place = from;
  do {
    page = pageForward(log, place, wanted, Number.POSITIVE_INFINITY);
    yield* page.events;
    place = page.next;
  } while (!page.end);
}
