/** No answer came in time. What was asked may or may not have happened. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  constructor(readonly afterMs: number) {
    super(`The event store did not answer within ${afterMs} ms.`);
  }
}

/**
 * What a failed call means:
 * - `conflict` the stream stands elsewhere;
 * - `absent` there is no such stream;
 * - `too-large` the server does not take that many bytes at once;
 * - `denied` user or password are wrong, or may not do this;
 * - `deleted` somebody has deleted the stream on the server;
 * - `unavailable` nobody answered, or not the one who decides: outcome unknown, the client finds its way by itself;
 * - `unreachable` the same for the part of the client that reads, which gives up for good if it has never found a server;
 * - `unclear` anything else: outcome unknown, and the client may have remembered something wrong.
 */
export type Failure =
  | 'conflict'
  | 'absent'
  | 'too-large'
  | 'denied'
  | 'deleted'
  | 'unavailable'
  | 'unreachable'
  | 'unclear';

/** Failures come as errors of the client with a `type` or, while there is no connection, as bare gRPC errors with a `code`. */
const MEANING: ReadonlyMap<unknown, Failure> = new Map<unknown, Failure>([
  ['wrong-expected-version', 'conflict'],
  ['stream-not-found', 'absent'],
  ['no-stream', 'absent'],
  ['maximum-append-size-exceeded', 'too-large'],
  ['append-record-size-exceeded', 'too-large'],
  ['transaction-max-size-exceeded', 'too-large'],
  ['access-denied', 'denied'],
  ['stream-deleted', 'deleted'],
  ['stream-tombstoned', 'deleted'],
  ['unavailable', 'unavailable'],
  ['not-leader', 'unavailable'],
  ['timeout', 'unavailable'],
  ['deadline-exceeded', 'unavailable'],
  ['cancelled', 'unavailable'],
  [1, 'unavailable'], // CANCELLED
  [4, 'unavailable'], // DEADLINE_EXCEEDED
  [7, 'denied'], // PERMISSION_DENIED
  [13, 'unavailable'], // INTERNAL
  [14, 'unavailable'], // UNAVAILABLE
  [16, 'denied'], // UNAUTHENTICATED
]);

/** Tells what a failed call means. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NoAnswerError) return 'unavailable';
  if (typeof error !== 'object' || error === null) return 'unclear';
  const type = 'type' in error ? error.type : undefined;
  const code = 'code' in error ? error.code : undefined;
  if (type === 'unavailable' && code === undefined) return 'unreachable';
  return MEANING.get(type ?? code) ?? 'unclear';
}
