import type { ServerWritableStream } from '@grpc/grpc-js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { type LoggedEvent, type Position, TOMBSTONE_TYPE } from './event-log.js';
import type { Wanted } from './log-pages.js';
import { streamIdentifier, streams, uuidOf } from './protocol.js';

/** A reader's call. */
export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;
/** In which form a reader wants ids. */
export type IdForm = 'text' | 'structured';

/** Created-times count 100 nanoseconds. */
const TICKS_PER_MS = 10_000n;
/** Revision of the event that deletes a stream for ever. */
const TOMBSTONE_REVISION = '9223372036854775807';

/** Sends a message and waits while the reader is slower than the server. False when the reader is gone. */
export async function send(call: ReadCall, message: streams.ReadResp): Promise<boolean> {
  if (call.cancelled || call.destroyed) return false;
  if (call.write(message)) return true;
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const name of ['drain', 'cancelled', 'close']) call.off(name, done);
      resolve();
    };
    for (const name of ['drain', 'cancelled', 'close']) call.once(name, done);
  });
  return !call.cancelled && !call.destroyed;
}

/** A signal that is aborted when the reader goes away. */
export function goneSignal(call: ReadCall): AbortSignal {
  const gone = new AbortController();
  for (const name of ['cancelled', 'close', 'error']) call.once(name, () => gone.abort());
  return gone.signal;
}

/** Which form of ids the request asks for. */
export function idFormIn(options: streams.ReadReq.Options): IdForm {
  return options.getUuidOption()?.hasString() ? 'text' : 'structured';
}

/** The filter of a request: by prefixes or a regular expression, over stream names or event types. */
export function wantedIn(filter: streams.ReadReq.Options.FilterOptions | undefined): Wanted {
  if (!filter) return () => true;
  const subject = filter.hasEventType() ? 'type' : 'stream';
  const expression = filter.getEventType() ?? filter.getStreamIdentifier();
  const regex = expression?.getRegex();
  if (regex) {
    const pattern = new RegExp(regex);
    return (event) => pattern.test(event[subject]);
  }
  const prefixes = expression?.getPrefixList() ?? [];
  return (event) => prefixes.some((prefix) => event[subject].startsWith(prefix));
}

/** An event for a reader. */
export function eventMessage(event: LoggedEvent, form: IdForm): streams.ReadResp {
  const place = String(event.position);
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(uuidOf(event.id, form))
    .setStreamIdentifier(streamIdentifier(event.stream))
    .setStreamRevision(event.type === TOMBSTONE_TYPE ? TOMBSTONE_REVISION : String(event.revision))
    .setCommitPosition(place)
    .setPreparePosition(place)
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', String(BigInt(event.created) * TICKS_PER_MS));
  return new streams.ReadResp().setEvent(new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(place));
}

/** There is no such stream: an answer, not an error. */
export function notFoundMessage(stream: string): streams.ReadResp {
  const identifier = streamIdentifier(stream);
  return new streams.ReadResp().setStreamNotFound(
    new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier),
  );
}

/** The subscription has begun. */
export function confirmationMessage(id: string): streams.ReadResp {
  return new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(id));
}

/** Everything up to here was looked at, also what the filter left out. */
export function checkpointMessage({ commit, prepare }: Position, now: number): streams.ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint()
    .setCommitPosition(String(commit))
    .setPreparePosition(String(prepare))
    .setTimestamp(timestamp.Timestamp.fromDate(new Date(now)));
  return new streams.ReadResp().setCheckpoint(checkpoint);
}

/** History is over; what follows is live. */
export function caughtUpMessage(at: { place?: Position; revision?: number }, now: number): streams.ReadResp {
  const caughtUp = new streams.ReadResp.CaughtUp().setTimestamp(timestamp.Timestamp.fromDate(new Date(now)));
  if (at.place) {
    const { commit, prepare } = at.place;
    const place = new streams.ReadResp.Position().setCommitPosition(String(commit)).setPreparePosition(String(prepare));
    caughtUp.setPosition(place);
  }
  if (at.revision !== undefined && at.revision >= 0) caughtUp.setStreamRevision(String(at.revision));
  return new streams.ReadResp().setCaughtUp(caughtUp);
}
