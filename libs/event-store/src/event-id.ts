import { v5 as uuidv5 } from 'uuid';
import type { EventMetadata } from '#libs/kernel';

/**
 * Derives a stable uuid (v5, RFC 9562 §5.5) from a command id and a name: the same command always makes the same ids.
 * @param commandId uuid
 * @throws {TypeError} when `commandId` is not a uuid
 */
export function deriveId(commandId: string, name: string): string {
  return uuidv5(Buffer.from(`id:${name}`), commandId);
}

/**
 * Derives the id of the event that a command appends to a stream as its `index`-th (0-based).
 * The digest takes part so that two requests that share a command id but not a body can never pass for each other's repeat,
 * and the stream, because one command may leave events in two streams (a sign-in: the evidence and the account).
 */
export function eventId(
  { commandId, commandDigest }: Pick<EventMetadata, 'commandId' | 'commandDigest'>,
  stream: string,
  index: number,
): string {
  return uuidv5(Buffer.from(`event:${index}:${commandDigest}:${stream}`), commandId);
}
