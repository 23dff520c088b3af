import { type Database, DatabaseUnavailableError, type TransactionLimits } from '#libs/database';
import type { Faults } from './faults.js';

type Client = Parameters<Parameters<Database['transaction']>[0]>[0];
type Statement = (...of: unknown[]) => Promise<unknown>;

const gone = () => new DatabaseUnavailableError('A fault of the sweep.');

/**
 * A database whose calls fail as planned: statements of their own, and of a transaction its begin, its statements and its commit. As in
 * PostgreSQL a transaction with a failed statement cannot be committed any more.
 */
export function faultyDatabase(database: Database, faults: Faults): Database {
  return {
    kind: database.kind,
    pool: database.pool,
    query: (statement, values) => faults.call(gone, () => database.query(statement, values)),
    transaction: (work, limits) => transaction(database, faults, work, limits),
    recordServerUrl: (url) => database.recordServerUrl(url),
    close: () => database.close(),
  };
}

async function transaction<T>(
  database: Database,
  faults: Faults,
  work: (client: Client) => Promise<T>,
  limits?: TransactionLimits,
): Promise<T> {
  if (faults.next() !== null) throw gone(); // a transaction that has begun and is never used again changes nothing
  let answerIsLost = false;
  const result = await database.transaction(async (client) => {
    const broken = { yes: false };
    const done = await work(faultyClient(client, faults, broken));
    if (broken.yes) throw gone();
    const effect = faults.next();
    if (effect === 'none') throw gone();
    answerIsLost = effect !== null;
    return done;
  }, limits);
  if (answerIsLost) throw gone();
  return result;
}

function faultyClient(client: Client, faults: Faults, broken: { yes: boolean }): Client {
  const query = async (...statement: unknown[]) => {
    if (broken.yes) throw gone();
    try {
      return await faults.call(gone, () => (client.query as Statement).apply(client, statement));
    } catch (error) {
      broken.yes = true;
      throw error;
    }
  };
  return new Proxy(client, {
    get: (target, name) => (name === 'query' ? query : Reflect.get(target, name, target)),
  });
}
