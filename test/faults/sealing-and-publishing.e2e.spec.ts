/**
 * From the store to the sealed log and the topic: every call of a port is made to fail, one after the other, while the work is under way. Then
 * it goes on, and everything that must hold after every fault is looked at.
 */
import { follow, publish, seal, sealLive } from './pipeline.js';
import {
  failingCarrier,
  failingDatabase,
  failingPublisher,
  failingStore,
  nothing,
  type Stage,
  sweepStage,
} from './stages.js';

jest.setTimeout(120_000);

const STORAGE = [failingStore, failingDatabase];

const STAGES: readonly Stage[] = [
  { name: 'sealing batch by batch', before: nothing, work: seal, ports: STORAGE },
  { name: 'sealing live', before: nothing, work: sealLive, ports: STORAGE },
  { name: 'following the store', before: nothing, work: follow, ports: STORAGE },
  { name: 'publishing', before: seal, work: publish, ports: [...STORAGE, failingCarrier, failingPublisher] },
];

describe.each(STAGES)('$name', sweepStage);
