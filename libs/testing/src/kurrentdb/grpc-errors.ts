import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { shared, statuses, streamIdentifier } from './protocol.js';
import type { Expected } from './stream-rules.js';

/** How a call fails: a gRPC status whose trailers tell the client which exception it is. */
export type CallFailure = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

function failure(code: status, details: string, trailers: Readonly<Record<string, string>> = {}): CallFailure {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details, metadata };
}

/** The ways in which calls fail. */
export const callFailure = {
  accessDenied: () => failure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' }),
  unauthenticated: () => failure(status.UNAUTHENTICATED, 'The credentials are not right'),
  invalidPosition: () => failure(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.'),
  invalidArgument: (what: string) => failure(status.INVALID_ARGUMENT, what),
  notLeader: (host: string, port: number) =>
    failure(status.NOT_FOUND, 'Leader info available', {
      exception: 'not-leader',
      'leader-endpoint-host': host,
      'leader-endpoint-port': String(port),
    }),
  streamDeleted: (stream: string) =>
    failure(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
      exception: 'stream-deleted',
      'stream-name': stream,
    }),
  timeout: () => failure(status.ABORTED, 'Operation timed out'),
  tooLarge: (limit: number) =>
    failure(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(limit),
    }),
  unavailable: () => failure(status.UNAVAILABLE, 'Server Is Not Ready'),
  unknown: () => failure(status.UNKNOWN, 'Unexpected OperationResult'),
  withCode: (code: status) => failure(code, 'A fault that the test asked for'),
  wrongExpectedVersion: (stream: string, expected: Expected, current: number) =>
    failure(status.FAILED_PRECONDITION, `Delete failed due to WrongExpectedVersion. Stream: ${stream}`, {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': { any: '-2', no_stream: '-1', stream_exists: '-4' }[String(expected)] ?? String(expected),
      'actual-version': String(current),
    }),
} as const;

/** The one detail that a failed batch append carries, and its code and name. */
function detailed(code: statuses.Status.AsObject['code'], name: string, message: { serializeBinary(): Uint8Array }) {
  const details = new any.Any();
  details.pack(message.serializeBinary(), `event_store.client.${name}`);
  return new statuses.Status().setCode(code).setMessage(name).setDetails(details);
}

/** The ways in which one append of a batch stream fails while the stream goes on. */
export const appendFailure = {
  accessDenied: () => detailed(status.PERMISSION_DENIED as number, 'AccessDenied', new shared.AccessDenied()),
  badRequest: (what: string) =>
    detailed(status.INVALID_ARGUMENT as number, 'BadRequest', new shared.BadRequest().setMessage(what)),
  streamDeleted: (stream: string) =>
    detailed(
      status.NOT_FOUND as number,
      'StreamDeleted',
      new shared.StreamDeleted().setStreamIdentifier(streamIdentifier(stream)),
    ),
  timeout: () => detailed(status.DEADLINE_EXCEEDED as number, 'Timeout', new shared.Timeout()),
  tooLarge: (limit: number) =>
    detailed(
      status.INVALID_ARGUMENT as number,
      'MaximumAppendSizeExceeded',
      new shared.MaximumAppendSizeExceeded().setMaxappendsize(limit),
    ),
  unknown: () => detailed(status.UNKNOWN as number, 'Unknown', new shared.Unknown()),
  wrongExpectedVersion: (expected: Expected, current: number) =>
    detailed(status.ALREADY_EXISTS as number, 'WrongExpectedVersion', wrongExpectedVersion(expected, current)),
} as const;

function wrongExpectedVersion(expected: Expected, current: number): shared.WrongExpectedVersion {
  const told = new shared.WrongExpectedVersion();
  if (current < 0) told.setCurrentNoStream(new empty.Empty());
  else told.setCurrentStreamRevision(String(current));
  if (expected === 'any') return told.setExpectedAny(new empty.Empty());
  if (expected === 'no_stream') return told.setExpectedNoStream(new empty.Empty());
  if (expected === 'stream_exists') return told.setExpectedStreamExists(new empty.Empty());
  return told.setExpectedStreamPosition(String(expected));
}
