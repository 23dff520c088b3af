/** BROKEN ON PURPOSE: a projector that commits its checkpoint first and its rows a moment later. Only to show that the check finds it. */
import { setTimeout as delay } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import type { PoolClient, QueryConfig } from 'pg';
import type { Database } from '#libs/database';
import { DATABASE, runOwnProcess } from '#libs/platform';
import { Projecting } from '../../../apps/projector/src/projecting.js';
import { ProjectorProcess } from '../../../apps/projector/src/projector.process.js';

/** Time between the two commits, milliseconds. */
const APART_MS = 400;
/** Statements that write rows of projections. */
const ROWS = /^(write|remove):/;

const nameOf = (query: unknown) => String((query as QueryConfig | undefined)?.name ?? '');

function apart(database: Database): Database {
  const transaction = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const rows: QueryConfig[] = [];
    const result = await database.transaction((client) => {
      const query = (config: QueryConfig, ...rest: unknown[]) => {
        if (!ROWS.test(nameOf(config))) return Reflect.apply(client.query, client, [config, ...rest]);
        rows.push(config);
        return Promise.resolve({ rows: [], rowCount: 0 });
      };
      return work(new Proxy(client, { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)) }));
    });
    if (rows.length > 0) {
      await delay(APART_MS);
      await database.transaction(async (client) => {
        for (const row of rows) await client.query(row);
      });
    }
    return result;
  };
  return new Proxy(database, {
    get: (target, key) => {
      if (key === 'transaction') return transaction;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const BROKEN_DATABASE = Symbol('BROKEN_DATABASE');

/** Takes the engine's database, out of reach of the name that the next module gives anew. */
class TamperingModule {}
Module({
  providers: [{ provide: BROKEN_DATABASE, inject: [DATABASE], useFactory: apart }],
  exports: [BROKEN_DATABASE],
})(TamperingModule);

class BrokenProjectorModule {}
Module({
  imports: [TamperingModule],
  providers: [
    { provide: DATABASE, inject: [BROKEN_DATABASE], useFactory: (database: Database) => database },
    Projecting,
    ProjectorProcess,
  ],
})(BrokenProjectorModule);

await runOwnProcess({ app: 'projector', module: BrokenProjectorModule, decides: false, serves: false });
