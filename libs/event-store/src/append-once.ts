import type { Command, CommandMetadata, Decider, DomainEvent } from '#libs/kernel';
import { decideAndAppend, type Outcome, type WritePath } from './decide-and-append.js';
import { WrongExpectedRevisionError } from './event-store.errors.js';
import { NO_STREAM } from './event-store.port.js';

/**
 * Records events as a whole new stream that never grows, such as the evidence of a sign-in. A repeat of the same command gets the
 * outcome of the first time.
 * @throws {WrongExpectedRevisionError} when the stream exists and another command wrote it
 * @throws {IdempotencyKeyReusedError} when the command id was used with another body
 */
export function appendOnce(
  path: WritePath,
  stream: string,
  events: readonly DomainEvent[],
  metadata: CommandMetadata,
): Promise<Outcome<{ readonly length: number }>> {
  const decider: Decider<Command, { readonly length: number }, DomainEvent> = {
    initialState: { length: 0 },
    decide: (_command, { length }) => {
      if (length > 0) throw new WrongExpectedRevisionError(stream, NO_STREAM);
      return events;
    },
    evolve: ({ length }) => ({ length: length + 1 }),
  };
  return decideAndAppend(path, stream, decider, { type: 'AppendOnce', data: null, metadata });
}
