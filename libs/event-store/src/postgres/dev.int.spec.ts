import pg from 'pg';
import { pooledDatabase } from '../../../database/src/pooled-database.js';
import { valueTypes } from '../../../database/src/value-types.js';
import { eventStoreContract } from '../event-store.contract.js';
import { eventStoreMigrations } from './event-store.migration.js';
import { postgresEventStore } from './postgres-event-store.js';

const host = process.env.E_DEV_PG as string;
let n = 0;
eventStoreContract('dev', async () => {
  const admin = new pg.Client({ host, user: 'postgres' });
  await admin.connect();
  const name = `t${process.pid}_${n++}`;
  await admin.query(`create database ${name}`);
  await admin.end();
  const open = () => {
    const pool = new pg.Pool({ host, user: 'postgres', database: name, types: valueTypes });
    return pooledDatabase(pool, { kind: 'postgres', recordServerUrl: () => {}, close: () => pool.end() });
  };
  let database = open();
  for (const { sql } of eventStoreMigrations) await database.query(sql);
  let store = postgresEventStore({ database });
  return {
    store,
    reopen: async () => {
      await store.close();
      await database.close();
      database = open();
      store = postgresEventStore({ database });
      return store;
    },
    end: async () => {
      await store.close();
      await database.close();
    },
  };
});
