export * from './given-when-then/index.js';
export * from './histories/index.js';
export { type ChildScript, type ChildScriptOptions, startScript } from './postgres/child-script.js';
export {
  type DatabaseUnderTest,
  databasesUnderTest,
  onEveryDatabase,
  silent,
  type TestDatabase,
} from './postgres/databases-under-test.js';
export {
  type PrivatePostgres,
  type PrivatePostgresOptions,
  startPrivatePostgres,
} from './postgres/private-postgres.js';
