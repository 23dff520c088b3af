export * from './given-when-then/index.js';
export * from './histories/index.js';
export { type PrivateKafka, startPrivateKafka, whyNoKafka } from './kafka/private-kafka.js';
export * from './kurrentdb/index.js';
export * from './openid/index.js';
export { type ChildScript, type ChildScriptOptions, startScript } from './postgres/child-script.js';
export {
  type DatabaseUnderTest,
  databasesUnderTest,
  onEveryDatabase,
  silent,
  type TestDatabase,
} from './postgres/databases-under-test.js';
export { type FaultyLink, openFaultyLink } from './postgres/faulty-link.js';
export {
  type PrivatePostgres,
  type PrivatePostgresOptions,
  startPrivatePostgres,
} from './postgres/private-postgres.js';
