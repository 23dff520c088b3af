export type { CallKind, Faults, Refusal, Seen } from './faults.js';
export { startKurrentDbStandIn } from './stand-in.js';
export type { Credentials, KurrentDbStandIn, KurrentDbStandInOptions, Negotiation } from './stand-in.options.js';
export { type StandInProcess, type StandInProcessOptions, startKurrentDbStandInProcess } from './start-process.js';
