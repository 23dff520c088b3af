import {
  EVERY_PARTITION,
  PARTITIONS,
  partitionOf,
  type SealedBatch,
  type SealedEvents,
  type SealedEventsReader,
  type SealedStoredEvent,
} from '#libs/bus';
import type { SealedLogAtHand } from './catch-up.js';

/** Which events a carrier brings in a partition, and how it says so. */
export const inPartition = (events: readonly SealedStoredEvent[], partition: number): SealedStoredEvent[] =>
  events.filter(({ stream }) => partitionOf(stream) === partition);

/** A batch of one partition. */
export function partitionBatch(
  partition: number,
  events: readonly SealedStoredEvent[],
  sealedThrough = events.at(-1)?.position ?? -1,
): SealedBatch {
  return { partition, events, sealedThrough, storeThrough: sealedThrough, bookmark: `after ${sealedThrough}` };
}

/** A sealed log in memory that is at hand to readers of a carrier. */
export function logAtHand(events: readonly SealedStoredEvent[], over: Partial<SealedLogAtHand> = {}): SealedLogAtHand {
  return {
    events: wholeLog(events, 3),
    head: async () => events.at(-1)?.position ?? -1,
    exclusively: (work, signal) => work({ guard: async () => {} }, signal),
    ...over,
  };
}

interface Member {
  readonly reader: SealedEventsReader;
  readonly partitions: Map<number, AbortController>;
  readonly signal: AbortSignal;
  readonly fail: (error: unknown) => void;
  readonly stop: () => void;
}

/**
 * Carries a log in twelve partitions, in memory; for specs of readers only. Members share the partitions; whenever one comes or goes they
 * are shared out anew, and who loses a partition may still be taking its last batch.
 */
export class PartitionedLog implements SealedEvents {
  readonly shared = true;
  readonly #members: Member[] = [];
  /** How often somebody began to follow. */
  follows = 0;

  /** @param batchSize most events of one batch */
  constructor(
    private readonly events: readonly SealedStoredEvent[],
    private readonly batchSize = 4,
  ) {}

  async follow(reader: SealedEventsReader, signal: AbortSignal): Promise<void> {
    this.follows += 1;
    if (signal.aborted) return;
    await new Promise<void>((resolve, reject) => {
      const member: Member = { reader, partitions: new Map(), signal, fail: reject, stop: resolve };
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.#members.push(member);
      this.shareOut();
    }).finally(() => {
      const index = this.#members.findIndex((member) => member.reader === reader);
      const [gone] = this.#members.splice(index, 1);
      for (const lost of gone?.partitions.values() ?? []) lost.abort();
      this.shareOut();
    });
  }

  /** Shares the partitions out anew; each turn gives every one to another member. */
  shareOut(turn = 0): void {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const owner = this.#members[(partition + turn) % this.#members.length];
      for (const member of this.#members) {
        if (member === owner) continue;
        member.partitions.get(partition)?.abort();
        member.partitions.delete(partition);
      }
      if (owner && !owner.partitions.has(partition)) this.#give(owner, partition);
    }
  }

  #give(member: Member, partition: number): void {
    const lost = new AbortController();
    member.partitions.set(partition, lost);
    this.#deliver(member, partition, AbortSignal.any([lost.signal, member.signal])).catch(member.fail);
  }

  async #deliver({ reader, stop }: Member, partition: number, ended: AbortSignal): Promise<void> {
    const { position } = await reader.place(partition);
    const due = inPartition(this.events, partition).filter((event) => event.position > position);
    const end = this.events.at(-1)?.position ?? -1;
    for (let at = 0; !ended.aborted; at += this.batchSize) {
      const events = due.slice(at, at + this.batchSize);
      const isLast = at + this.batchSize >= due.length;
      const batch = partitionBatch(partition, events, isLast ? end : events.at(-1)?.position);
      if ((await reader.take(batch)) === 'stop') return stop();
      if (isLast) return;
    }
  }
}

/** The log as a whole, in memory, at hand for those who lag behind. */
export function wholeLog(events: readonly SealedStoredEvent[], batchSize = 50): SealedEvents {
  return {
    shared: false,
    follow: async ({ place, take }, signal) => {
      const { position } = await place(EVERY_PARTITION);
      const due = events.filter((event) => event.position > position);
      for (let at = 0; at < due.length && !signal.aborted; at += batchSize) {
        const some = due.slice(at, at + batchSize);
        const sealedThrough = some.at(-1)?.position ?? -1;
        const batch = { partition: EVERY_PARTITION, events: some, sealedThrough, storeThrough: sealedThrough };
        if ((await take({ ...batch, bookmark: null })) === 'stop') return;
      }
    },
  };
}
