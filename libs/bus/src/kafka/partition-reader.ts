import type { EachBatchPayload } from 'kafkajs';
import { SealedLogBrokenError } from '../sealed-events.errors.js';
import { MAX_BATCH_EVENTS, type SealedEventsReader, type SealedStoredEvent } from '../sealed-events.port.js';
import { ForeignTopicError } from './kafka.errors.js';
import { advance, bookmarkOf, type Gap, openBookmark, type PartitionStand, standAt } from './partition-stand.js';
import { readRecord, type TopicRecord } from './topic-record.js';

/** What reading a partition needs from around it. */
export interface PartitionSurroundings {
  readonly reader: SealedEventsReader;
  readonly installation: string;
  readonly topic: string;
  /** Goes on at an offset; what was fetched already is given up. */
  readonly seek: (partition: number, offset: number) => void;
  /** Told of events that came again, by number. */
  readonly onDuplicate: (count: number) => void;
  /** Told of records that nobody can use. */
  readonly onTrouble: (error: unknown) => void;
}

type Batch = EachBatchPayload['batch'];

/** What one pass over fetched records came to. */
interface Stretch {
  readonly stand: PartitionStand;
  readonly events: readonly SealedStoredEvent[];
  /** Whether it took the reader on. */
  readonly isNews: boolean;
  /** Index after the last record looked at, and that record's offset. */
  readonly next: number;
  readonly offset: number;
}

/** Offset of the oldest record that a partition can have. Where it is gone, the client goes on at the oldest that is left. */
const FIRST_OFFSET = 0;

/** Whether the reader goes on, wants no more, or the partition must be fetched from elsewhere. */
export type Taken = 'go-on' | 'stop' | 'sought';

/**
 * Reads one partition for as long as it belongs to this reader: finds the reader's place, leaves out what it has, and hands on the rest in
 * batches. Whether something is missing is decided by positions and sequences alone; offsets only spare a search.
 */
export class PartitionReader {
  #stand: PartitionStand | null = null;
  #expectedOffset: number | null = null;
  #fromBeginning = false;
  #storeThrough = -1;

  constructor(
    private readonly partition: number,
    private readonly around: PartitionSurroundings,
  ) {}

  /**
   * Takes what was fetched.
   * @throws {SealedLogBrokenError} when events of the partition are missing for certain
   * @throws {ForeignTopicError} for a record of another installation
   * @throws whatever the reader throws; nothing after its last batch counts as read then
   */
  async read({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<Taken> {
    if (!(await this.#isAtItsPlace(Number(batch.firstOffset())))) return 'sought';
    const end = Number(batch.highWatermark);
    for (let from = 0; from < batch.messages.length; ) {
      if (!isRunning() || isStale()) return 'go-on';
      const stretch = this.#stretch(batch, from, end);
      if (isLost(stretch.stand, stretch.offset)) return this.#lookFromBeginning(stretch.stand.gap as Gap);
      if (stretch.isNews && (await this.#hand(stretch)) === 'stop') return 'stop';
      this.#stand = stretch.stand;
      resolveOffset(String(stretch.offset));
      from = stretch.next;
    }
    return 'go-on';
  }

  /** On the first fetch the reader says where it stands; what was fetched fits, or is fetched again from there. */
  async #isAtItsPlace(fetched: number): Promise<boolean> {
    if (!this.#stand) {
      const place = await this.around.reader.place(this.partition);
      const bookmark = openBookmark(place);
      this.#stand = standAt(place.position, bookmark?.sequence ?? null);
      this.#expectedOffset = bookmark?.offset ?? FIRST_OFFSET;
      this.#fromBeginning = bookmark === null;
      if (fetched !== this.#expectedOffset) {
        this.around.seek(this.partition, this.#expectedOffset);
        return false;
      }
    }
    // The place is gone (too old, or the topic was made anew): from the oldest record on, positions alone decide.
    if (this.#expectedOffset !== null && fetched !== this.#expectedOffset)
      this.#stand = standAt(this.#stand.position, null);
    this.#expectedOffset = null;
    return true;
  }

  /** Records from one on, up to the end of what was fetched, a full batch, or a certain loss. */
  #stretch({ messages }: Batch, from: number, end: number): Stretch {
    const events: SealedStoredEvent[] = [];
    let stand = this.#stand as PartitionStand;
    let [at, offset, isNews, repeated] = [from, 0, false, 0];
    while (at < messages.length && events.length < MAX_BATCH_EVENTS && !isLost(stand, offset)) {
      const message = messages[at++] as Batch['messages'][number];
      const record = this.#readable(message);
      const step = advance(stand, record, end);
      if (step.verdict === 'contradicts') throw contradiction(this.partition, stand);
      if (step.verdict === 'new') this.#note(record, events);
      if (step.verdict === 'repeated' && stand.sequence !== null) repeated += 1;
      isNews ||= step.verdict === 'new';
      stand = step.stand;
      offset = Number(message.offset);
    }
    if (repeated) this.around.onDuplicate(repeated);
    return { stand, events, isNews, next: at, offset };
  }

  #note(record: TopicRecord, events: SealedStoredEvent[]): void {
    if (record.kind === 'event') {
      events.push(record.event);
      this.#storeThrough = Math.max(this.#storeThrough, record.event.storePosition);
    } else if (record.kind === 'tick') this.#storeThrough = Math.max(this.#storeThrough, record.tick.storeThrough);
  }

  #readable(message: Batch['messages'][number]): TopicRecord {
    const record = readRecord(message, this.around.installation);
    if (record.kind === 'foreign')
      throw new ForeignTopicError(this.around.topic, record.installation, this.around.installation);
    if (record.kind === 'unreadable')
      this.around.onTrouble(
        new Error(
          `A record was left out that Gatebook did not publish (partition: ${this.partition}, offset: ${message.offset}).`,
        ),
      );
    return record;
  }

  #hand({ stand, events, offset }: Stretch) {
    return this.around.reader.take({
      partition: this.partition,
      events,
      sealedThrough: stand.position,
      storeThrough: this.#storeThrough,
      bookmark: bookmarkOf(offset + 1, stand),
    });
  }

  /** What is missing may stand before the bookmark, if the topic was made anew or published again; only then is it lost. */
  #lookFromBeginning({ through }: Gap): Taken {
    const { position } = this.#stand as PartitionStand;
    if (this.#fromBeginning)
      throw new SealedLogBrokenError(
        `Kafka lacks events of partition ${this.partition} that were published, some up to position ${through}; "gatebook republish" publishes them again`,
        position,
      );
    this.#fromBeginning = true;
    this.#stand = standAt(position, null);
    this.#expectedOffset = FIRST_OFFSET;
    this.around.seek(this.partition, FIRST_OFFSET);
    return 'sought';
  }
}

/** The partition was read to where it ended when something was found missing, and it is missing still. */
function isLost({ gap }: PartitionStand, offset: number): boolean {
  return gap !== null && offset + 1 >= gap.until;
}

function contradiction(partition: number, { position }: PartitionStand): SealedLogBrokenError {
  const problem = `an event of partition ${partition} on Kafka contradicts what was delivered, so one of the two logs was replaced`;
  return new SealedLogBrokenError(problem, position);
}
