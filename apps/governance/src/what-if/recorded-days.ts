import { Inject, Injectable } from '@nestjs/common';
import { type RecordedEventsPage, recordedEvents } from '#libs/configuration';
import type { Database } from '#libs/database';
import { BEFORE_FIRST } from '#libs/event-store';
import { DATABASE, InvalidCursorError, WRITE_PATH, type WritePath } from '#libs/platform';
import { listEvents } from '#libs/read-model';
import type { AskedWhatIf } from './asked-what-if.js';

/** Which events of the days that are replayed. */
export interface OfDays {
  /** Under which it is gone on with. */
  readonly part: string;
  readonly types: ReadonlySet<string>;
  readonly connection: string | null;
}

/** The log of the last days, as it was recorded. */
@Injectable()
export class RecordedDays {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  async *events(asked: AskedWhatIf, { part, ...which }: OfDays): AsyncGenerator<RecordedEventsPage> {
    const { tenant, from, resume } = asked;
    const after = resume?.part === part ? placeOf(resume.at) : await this.#before(asked);
    yield* recordedEvents(this.path, { tenant, from, after, ...which });
  }

  /** Store position right before the first of the tenant's events in those days; the head where the index knows none. */
  async #before({ tenant, from, knownAt }: AskedWhatIf): Promise<number> {
    const { store } = this.path;
    const { items } = await listEvents(this.database, { tenant, from, after: -1, through: knownAt, limit: 1 });
    const [first] = items;
    if (!first) return store.head();
    const [event] = await store.readStream(first.stream, { from: first.revision, limit: 1 });
    return event ? event.storePosition - 1 : BEFORE_FIRST;
  }
}

function placeOf(at: string): number {
  const place = Number(at);
  if (!Number.isSafeInteger(place)) throw new InvalidCursorError();
  return place;
}
