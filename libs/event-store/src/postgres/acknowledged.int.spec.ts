import { databaseMigrations, migrate, openDatabase } from '#libs/database';
import { onEveryDatabase, silent, startScript } from '#libs/testing';
import { everythingIn } from '../contract/log-readers.js';
import { BEFORE_FIRST } from '../event-store.port.js';
import { eventStoreMigrations } from './event-store.migration.js';
import { postgresEventStore } from './postgres-event-store.js';

const ENOUGH = 300;

/** Eight writers that print the id of every event once its append is acknowledged; the library comes from the last build. */
const writer = (place: { readonly url?: string; readonly dataDir: string }) => `
  const { openDatabase } = await import('#libs/database');
  const { postgresEventStore } = await import('#libs/event-store');
  const { eventsFor } = await import('./dist/libs/event-store/src/contract/contract-events.js');
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const database = await openDatabase({ ...${JSON.stringify(place)}, log });
  const store = postgresEventStore({ database });
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (number) => {
    for (let revision = 0; ; revision += 1) {
      const [event] = eventsFor(number + '/' + revision, 1);
      await store.append('account-acme+' + number, revision - 1, [event]);
      console.log(event.id);
    }
  }));
`;

/** A process that is killed under load loses nothing that it acknowledged, and leaves no gap and no half of an append. */
onEveryDatabase((open, kind) => {
  it('what was acknowledged before a kill is in the log, without a gap', async () => {
    const { url, dataDir, database, drop } = await open();
    await migrate(database, [...databaseMigrations, ...eventStoreMigrations]);
    if (kind === 'embedded') await database.close(); // one process at a time

    const place = { ...(url ? { url } : {}), dataDir };
    const child = startScript(writer(place));
    await child.until(() => child.lines.length >= ENOUGH);
    await child.kill();
    const acknowledged = [...child.lines];

    const after = await openDatabase({ ...place, log: silent });
    const store = postgresEventStore({ database: after });
    const events = await everythingIn(store, { after: BEFORE_FIRST });
    const ids = new Set(events.map(({ id }) => id));
    expect(acknowledged.length).toBeGreaterThanOrEqual(ENOUGH);
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(events.map(({ storePosition }) => storePosition)).toEqual(events.map((_, index) => index));
    for (const stream of new Set(events.map((event) => event.stream))) {
      const revisions = events.filter((event) => event.stream === stream).map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.map((_, index) => index));
    }
    await store.close();
    await after.close();
    await drop();
  }, 90_000);
});
