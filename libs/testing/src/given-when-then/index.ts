export {
  absent,
  absorbAccount,
  assignRole,
  connection,
  deactivate,
  evidence,
  expireLeases,
  gives,
  liftWithholding,
  linkIdentity,
  matchedGroups,
  mergeInto,
  presented,
  provisionByHand,
  reactivate,
  reevaluateRules,
  revokeAllOf,
  revokeGrant,
  type SignInWords,
  signIn,
  takes,
  unlinkIdentity,
  withheld,
} from './account.words.js';
export { arrayEventStore, clearCodec } from './array-event-store.js';
export {
  type ConnectionWords,
  configureConnection,
  connectionAfter,
  removeConnection,
  switchConnection,
} from './connection.words.js';
export {
  type Asked,
  deciding,
  type Expectation,
  metadataOf,
  nothing,
  recordedAfter,
  records,
  refuses,
} from './given-when-then.js';
export { installation } from './installation.words.js';
