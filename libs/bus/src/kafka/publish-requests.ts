import type { Message } from 'kafkajs';

/** Records by partition; index = partition. */
export type RecordsByPartition = readonly (readonly Message[])[];

/** Most bytes for one partition in one request, below the broker's limit of 1 MB per batch; a single larger record goes alone. */
export const MAX_PIECE_BYTES = 900_000;
/** Most bytes of one request, over all partitions. One request is under way at a time, so it is what is in flight. */
export const MAX_REQUEST_BYTES = 8_000_000;
/** What a record costs beside its texts, at most. */
const RECORD_OVERHEAD_BYTES = 64;

/** Records of one partition that go in one request. */
interface Piece {
  readonly messages: readonly Message[];
  readonly bytes: number;
}

/**
 * Cuts records into requests of at most `MAX_REQUEST_BYTES`, each with at most one piece per partition, in the order of each partition. A
 * request names the records by partition.
 */
export function* requestsOf(records: RecordsByPartition): Iterable<ReadonlyMap<number, readonly Message[]>> {
  const waiting = records.map((messages) => [...piecesOf(messages)]);
  while (waiting.some((pieces) => pieces.length > 0)) {
    const request = new Map<number, readonly Message[]>();
    let bytes = 0;
    for (const [partition, pieces] of waiting.entries()) {
      const [next] = pieces;
      if (!next || (request.size > 0 && bytes + next.bytes > MAX_REQUEST_BYTES)) continue;
      pieces.shift();
      request.set(partition, next.messages);
      bytes += next.bytes;
    }
    yield request;
  }
}

function* piecesOf(all: readonly Message[]): Iterable<Piece> {
  let messages: Message[] = [];
  let bytes = 0;
  for (const message of all) {
    const size = sizeOf(message);
    if (messages.length > 0 && bytes + size > MAX_PIECE_BYTES) {
      yield { messages, bytes };
      [messages, bytes] = [[], 0];
    }
    messages.push(message);
    bytes += size;
  }
  if (messages.length > 0) yield { messages, bytes };
}

function sizeOf({ key, value, headers = {} }: Message): number {
  const texts = [key ?? '', value ?? '', ...Object.entries(headers).flat()];
  return texts.reduce((sum: number, text) => sum + Buffer.byteLength(String(text)), RECORD_OVERHEAD_BYTES * 2);
}
