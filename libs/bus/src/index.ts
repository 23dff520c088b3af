export { SealedLogBrokenError } from './sealed-events.errors.js';
export {
  BEFORE_SEALED,
  MAX_BATCH_EVENTS,
  type SealedBatch,
  type SealedEvents,
  type SealedStoredEvent,
  TICK_MS,
} from './sealed-events.port.js';
export { type SealedLogEventsOptions, sealedLogEvents } from './sealed-log/sealed-log-events.js';
