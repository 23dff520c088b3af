import { EVERY_PARTITION, type SealedStoredEvent } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { type Database, migrate } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import { type EventReader, PROJECTIONS, ProjectionRunner, readModelMigrations } from './index.js';

/** Takes every row and every checkpoint away. */
export async function emptyReadModel(database: Database): Promise<void> {
  const tables = PROJECTIONS.flatMap((projection) => projection.tables.map(({ name }) => name));
  await database.query(`truncate ${tables.join(', ')}, read_model.checkpoints, read_model.parked`);
}

/** A read model that holds what a test says. */
export interface ProjectedHistory {
  readonly database: Database;
  /** Takes events in, on top of those taken in before. */
  project(events: readonly SealedEvent[]): Promise<void>;
}

/** Opens a read model for the tests of the present suite, and empties it before each. @param reader reads what is stored in clear */
export function projectedHistory(
  open: () => Promise<{ readonly database: Database; drop(): Promise<void> }>,
  reader: EventReader,
): ProjectedHistory {
  let test: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    test = await open();
    await migrate(test.database, readModelMigrations);
  });
  afterAll(() => test?.drop());
  beforeEach(() => emptyReadModel(test.database));
  return {
    get database() {
      return test.database;
    },
    project: (events) => takeIn(test.database, reader, events),
  };
}

async function takeIn(database: Database, reader: EventReader, history: readonly SealedEvent[]): Promise<void> {
  const events = history.map(
    (event): SealedStoredEvent => ({ ...event, data: event.data as never, storePosition: event.position }),
  );
  const runner = new ProjectionRunner({
    database,
    sealedEvents: { shared: false, follow: async () => {} },
    store: { readStream: async (stream) => events.filter((event) => event.stream === stream) },
    reader,
    catalogue,
    projections: PROJECTIONS,
  });
  const through = events.at(-1)?.position ?? -1;
  const batch = { partition: EVERY_PARTITION, events, sealedThrough: through, storeThrough: through, bookmark: null };
  await runner.take(batch, { guard: async () => {} });
}
