import { readAggregate, type WritePath } from '#libs/event-store';
import type { RecordedEvent } from '#libs/kernel';

/**
 * Whether a command was carried out on a stream before. Its repeat, or its misuse with another body, must not claim anything: what it
 * claimed would never be recorded.
 */
export async function wasCarriedOut(path: WritePath, stream: string, commandId: string): Promise<boolean> {
  const seen = { initialState: false, evolve: (yes: boolean, event: RecordedEvent) => yes || isOf(commandId, event) };
  return (await readAggregate(path, stream, seen)).state;
}

const isOf = (commandId: string, { metadata }: RecordedEvent): boolean => metadata.commandId === commandId;
