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
