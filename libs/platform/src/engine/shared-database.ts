import { EnvironmentRefusedError } from '../environment/environment.errors.js';
import type { Environment } from '../environment/environment.js';

/**
 * Refuses to run one server alone on the embedded database, which belongs to a single process and would leave it without the others.
 * @param app the server's name
 * @throws {EnvironmentRefusedError} without `DATABASE_URL`
 */
export function requireSharedDatabase(environment: Pick<Environment, 'databaseUrl'>, app: string): void {
  if (environment.databaseUrl !== null) return;
  throw new EnvironmentRefusedError([
    `DATABASE_URL must name a PostgreSQL to run ${app} as a process of its own: the embedded database serves a single process. Set it, or run everything in one process with "npm start".`,
  ]);
}
