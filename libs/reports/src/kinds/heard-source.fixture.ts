import type { Database } from '#libs/database';
import type { ReportSource } from '../report-kind.js';

/** The same source, which notes every table of the read model that it is asked for. There is no other way to the database. For specs only. */
export function heardSource(source: ReportSource, read: Set<string>): ReportSource {
  const { database } = source;
  const query: Database['query'] = (statement, ...values) => {
    const text = typeof statement === 'string' ? statement : statement.text;
    for (const [, table = ''] of text.matchAll(/read_model\.(\w+)/g)) read.add(table);
    return database.query(statement, ...values);
  };
  const unheard = () => {
    throw new Error('A report asks the database in a way that this test does not hear.');
  };
  const ways = { query: { value: query }, transaction: { value: unheard }, pool: { get: unheard } };
  return { ...source, database: Object.create(database, ways) as Database };
}
