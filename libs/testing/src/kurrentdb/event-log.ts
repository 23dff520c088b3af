/** Names of streams and types that the server itself writes. */
export const METADATA_TYPE = '$metadata';
export const TOMBSTONE_TYPE = '$streamDeleted';
const EPOCH_STREAM = '$epoch-information';

/** What a record takes in the log besides its contents, bytes. Positions are addresses: never dense, never evenly spaced. */
const RECORD_OVERHEAD = 73;
const RAGGED = 17;

/** An event as a client proposes it. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

/** An event in the log. */
export interface LoggedEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: number;
  /** Where it begins in the log: commit and prepare position alike. */
  readonly position: number;
  /** Where the next one begins. */
  readonly end: number;
  /** When it was appended, milliseconds since 1970. */
  readonly created: number;
}

/** A place in the log. */
export interface Position {
  readonly commit: number;
  readonly prepare: number;
}

/** The beginning of the log. */
export const LOG_START: Position = { commit: 0, prepare: 0 };

/**
 * The log in memory. Events are staged first and become visible to readers with `publish`, once they are durable; the rules of
 * appending see staged events too, as the server's do.
 */
export class EventLog {
  readonly #events: LoggedEvent[] = [];
  readonly #streams = new Map<string, LoggedEvent[]>();
  /** Revision of an event id in a stream, for appends that do not say where they belong. */
  readonly #revisions = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #visible = 0;
  #visibleEnd = 0;

  /** Adds events to the end of a stream. Nobody can read them yet. */
  stage(stream: string, proposed: readonly ProposedEvent[], created: number): readonly LoggedEvent[] {
    const ofStream = this.#ofStream(stream);
    return proposed.map((event) => {
      const position = this.#events.at(-1)?.end ?? 0;
      const size = RECORD_OVERHEAD + ((this.#events.length * 7) % RAGGED) + bytesOf(stream, event);
      const logged = { ...event, stream, revision: ofStream.length, position, end: position + size, created };
      this.#events.push(logged);
      ofStream.push(logged);
      this.#revisions.set(`${stream}\n${event.id}`, logged.revision);
      return logged;
    });
  }

  /** Shows readers everything that was staged. */
  publish(): void {
    this.#visible = this.#events.length;
    this.#visibleEnd = this.#events.at(-1)?.end ?? 0;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Waits until there is something visible at or after a place, or the signal is aborted. */
  async grown(beyond: number, signal: AbortSignal): Promise<void> {
    while (this.#visibleEnd <= beyond && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener('abort', wake);
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }

  /** Number of events, staged ones included. */
  get length(): number {
    return this.#events.length;
  }

  /** Where the next event would begin, as readers see it. */
  get end(): number {
    return this.#visibleEnd;
  }

  /** Last event of a stream, staged ones included. */
  last(stream: string): LoggedEvent | undefined {
    return this.#streams.get(stream)?.at(-1);
  }

  /** An event of a stream, staged ones included. */
  at(stream: string, revision: number): LoggedEvent | undefined {
    return this.#streams.get(stream)?.[revision];
  }

  /** Where an event stands in a stream, staged ones included. */
  find(stream: string, id: string): LoggedEvent | undefined {
    const revision = this.#revisions.get(`${stream}\n${id}`);
    return revision === undefined ? undefined : this.at(stream, revision);
  }

  /** Visible events of a stream; its array index is the revision. */
  visibleIn(stream: string): readonly LoggedEvent[] {
    const all = this.#streams.get(stream) ?? [];
    if ((all.at(-1)?.end ?? 0) <= this.#visibleEnd) return all;
    return all.filter(({ end }) => end <= this.#visibleEnd);
  }

  /** Visible event by its index in the log. */
  visibleAt(index: number): LoggedEvent | undefined {
    return index >= 0 && index < this.#visible ? this.#events[index] : undefined;
  }

  /** Index of the first visible event at or after a position; the number of visible events when there is none. */
  indexFrom(position: number): number {
    let [low, high] = [0, this.#visible];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as LoggedEvent).position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether a record begins at this position, or the log ends there. */
  isBoundary(position: number): boolean {
    return position === this.#visibleEnd || this.visibleAt(this.indexFrom(position))?.position === position;
  }

  #ofStream(stream: string): LoggedEvent[] {
    const known = this.#streams.get(stream);
    if (known) return known;
    const created: LoggedEvent[] = [];
    this.#streams.set(stream, created);
    return created;
  }
}

function bytesOf(stream: string, { type, data, metadata }: ProposedEvent): number {
  return Buffer.byteLength(stream) + Buffer.byteLength(type) + data.length + metadata.length;
}

/** Whether a reader of the whole log is shown an event; only the server's own bookkeeping is never shown. */
export function isShown({ stream }: LoggedEvent): boolean {
  return stream !== EPOCH_STREAM && !stream.startsWith('$persistentsubscription-$all::');
}

/** What the server writes for itself as often as it likes; readers of the whole log have to live with it. */
export function systemEvents(serial: number): readonly { readonly stream: string; readonly event: ProposedEvent }[] {
  const event = (type: string, index: number, data: object): ProposedEvent => ({
    id: `00000000-0000-4000-8000-${(serial * 10 + index).toString(16).padStart(12, '0')}`,
    type,
    contentType: 'application/json',
    data: Buffer.from(JSON.stringify(data)),
    metadata: Buffer.alloc(0),
  });
  return [
    { stream: EPOCH_STREAM, event: event('$epoch-information', 0, { epochNumber: serial }) },
    { stream: '$$$stats-127.0.0.1:2113', event: event(METADATA_TYPE, 1, { $maxAge: 86_400 }) },
    { stream: '$stats-127.0.0.1:2113', event: event('$statsCollected', 2, { serial }) },
  ];
}
