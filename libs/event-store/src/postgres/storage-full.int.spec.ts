/** A full disk: nothing is acknowledged that is not recorded, the reason is told, and appends go on once there is room. */
import { databaseMigrations, migrate, probeStorage, StorageFullError } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { eventsFor } from '../contract/contract-events.js';
import { everythingIn } from '../contract/log-readers.js';
import { BEFORE_FIRST, type EventStore, NO_STREAM } from '../event-store.port.js';
import { eventStoreMigrations } from './event-store.migration.js';
import { postgresEventStore } from './postgres-event-store.js';

/** What PostgreSQL says when the file system has no room for another block of a table (SQLSTATE 53100). */
const DISK = `
  create function disk_is_full() returns trigger language plpgsql as $$
  begin
    raise exception 'could not extend file: No space left on device' using errcode = '53100';
  end $$;
  create function no_room_for_tables() returns event_trigger language plpgsql as $$
  begin
    if exists (select from pg_trigger where tgname = 'disk_is_full') then
      raise exception 'could not extend file: No space left on device' using errcode = '53100';
    end if;
  end $$;
  create event trigger no_room_for_tables on ddl_command_end when tag in ('CREATE TABLE AS') execute function no_room_for_tables()`;
const FILL = 'create trigger disk_is_full before insert on es.events execute function disk_is_full()';
const FREE = 'drop trigger disk_is_full on es.events';

onEveryDatabase((open) => {
  let test: TestDatabase;
  let store: EventStore;
  const committed: number[] = [];

  beforeAll(async () => {
    test = await open();
    await migrate(test.database, [...databaseMigrations, ...eventStoreMigrations]);
    await test.database.query(DISK);
    store = postgresEventStore({ database: test.database, onCommitted: (events) => void committed.push(events) });
  }, 60_000);
  afterAll(async () => {
    await store.close();
    await test.drop();
  });

  it('refuses appends with the reason, records none of them, and goes on when there is room', async () => {
    await store.append('account-acme+before', NO_STREAM, eventsFor('before', 2));
    await test.database.query(FILL);
    const full = ['a', 'b', 'c'].map((id) => store.append(`account-acme+${id}`, NO_STREAM, eventsFor(id, 1)));
    for (const settled of await Promise.allSettled(full))
      expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'storage-full', kind: 'unavailable' } });
    expect((await everythingIn(store, { after: BEFORE_FIRST })).map(({ stream }) => stream)).toEqual([
      'account-acme+before',
      'account-acme+before',
    ]);

    await test.database.query(FREE);
    const again = ['a', 'b', 'c'].map((id) => store.append(`account-acme+${id}`, NO_STREAM, eventsFor(id, 1)));
    expect((await Promise.all(again)).map(({ storePosition }) => storePosition)).toEqual([2, 3, 4]);
    expect(committed.reduce((sum, events) => sum + events)).toBe(5);
  });

  it('is noticed by a probe, which leaves nothing behind', async () => {
    await expect(probeStorage(test.database)).resolves.toBeUndefined();
    await test.database.query(FILL);
    await expect(probeStorage(test.database)).rejects.toBeInstanceOf(StorageFullError);
    await test.database.query(FREE);
    const { rows } = await test.database.query(`select to_regclass('database.storage_probe') as left`);
    expect(rows).toEqual([{ left: null }]);
  });
});
