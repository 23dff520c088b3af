export {
  absent,
  assignRole,
  connection,
  deactivate,
  evidence,
  gives,
  liftWithholding,
  linkIdentity,
  matchedGroups,
  provisionByHand,
  reactivate,
  reevaluateRules,
  revokeAllOf,
  revokeGrant,
  type SignInWords,
  signIn,
  takes,
  withheld,
} from './account.words.js';
export { arrayEventStore, clearCodec } from './array-event-store.js';
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
