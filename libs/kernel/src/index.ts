export { type Actor, system } from './actor.js';
export type { Clock } from './clock.js';
export { type Command, type CommandMetadata, personBehind, senderOf } from './command.js';
export { type Decider, fold } from './decider.js';
export { DomainError, type ErrorKind } from './domain-error.js';
export { durationMs, instantAfter } from './duration.js';
export type { DomainEvent, EventMetadata, Json, RecordedEvent, SealedEvent } from './event.js';
export { INSTALLATION_TENANT, parseStreamName, type StreamParts, streamName } from './stream-name.js';
