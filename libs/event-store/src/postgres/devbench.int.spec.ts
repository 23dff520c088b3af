import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createNaiveSchema, groupCommit, lockPerAppend, plainInserts } from '../../../../bench/append-variants.js';
import { pooledDatabase } from '../../../database/src/pooled-database.js';
import { valueTypes } from '../../../database/src/value-types.js';
import { eventStoreMigrations } from './event-store.migration.js';
import { postgresEventStore } from './postgres-event-store.js';

const host = process.env.E_DEV_PG as string;
it('bench', async () => {
  const admin = new pg.Client({ host, user: 'postgres' });
  await admin.connect();
  const name = `t${process.pid}_b`;
  await admin.query(`create database ${name}`);
  await admin.end();
  const pool = new pg.Pool({ host, user: 'postgres', database: name, types: valueTypes, max: 32 });
  const database = pooledDatabase(pool, { kind: 'postgres', recordServerUrl: () => {}, close: () => pool.end() });
  for (const { sql } of eventStoreMigrations) await database.query(sql);
  await createNaiveSchema(pool);
  const store = postgresEventStore({ database });
  const out: string[] = [];
  for (let round = 0; round < 4; round++)
    for (const callers of [1, 32])
      for (const v of [groupCommit(store), plainInserts(pool), lockPerAppend(pool)]) {
        const end = performance.now() + 1500;
        let n = 0;
        const lat: number[] = [];
        await Promise.all(
          Array.from({ length: callers }, async () => {
            while (performance.now() < end) {
              const id = randomUUID();
              const t = performance.now();
              await v.append(`account-acme+${id}`, {
                id,
                type: 'SignedIn',
                schemaVersion: 1,
                recordedAt: '2026-03-02T09:00:00.000Z',
                data: { account: id, text: 'x'.repeat(500) },
                metadata: {
                  actor: { kind: 'system', id: 'x' },
                  commandId: id,
                  commandDigest: 'a'.repeat(64),
                  correlationId: id,
                },
              });
              lat.push(performance.now() - t);
              n++;
            }
          }),
        );
        lat.sort((a, b) => a - b);
        out.push(
          `${round} c=${callers} ${v.name.padEnd(16)} ${(n / 1.5).toFixed(0)}/s p50 ${lat[n >> 1]?.toFixed(2)} p99 ${lat[Math.floor(n * 0.99)]?.toFixed(2)}`,
        );
      }
  console.log(out.join('\n'));
  await pool.end();
}, 120000);
