/**
 * From the sealed log to the read model, whole and in partitions: every call of a port is made to fail, one after the other, while projectors
 * are at work. Then they go on, and everything that must hold after every fault is looked at.
 */
import { once } from './faults.js';
import { inPartitions } from './faulty-carrier.js';
import { project, seal } from './pipeline.js';
import { failingCarrier, failingDatabase, failingStore, type Stage, sweepStage } from './stages.js';

jest.setTimeout(120_000);

const repeating = { ...failingCarrier, kinds: [...failingCarrier.kinds, ...once('twice')] };

const STAGES: readonly Stage[] = [
  { name: 'projecting', before: seal, work: project, ports: [failingStore, failingDatabase, repeating] },
  {
    name: 'projecting in partitions',
    before: seal,
    work: project,
    line: (line) => ({ ...line, carrier: inPartitions }),
    ports: [{ ...failingDatabase, kinds: once('whole') }, repeating],
  },
];

describe.each(STAGES)('$name', sweepStage);
