/**
 * The stand-in (not KurrentDB) as a process of its own, for tests that kill, freeze and restart it:
 * `node stand-in.process.js --port PORT --file FILE [--negotiation …] [--end-with-input]`. Prints `ready URL` when it serves.
 */
import { parseArgs } from 'node:util';
import { startKurrentDbStandIn } from './stand-in.js';
import type { Negotiation } from './stand-in.options.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    file: { type: 'string' },
    negotiation: { type: 'string', default: 'batch-append' },
    'end-with-input': { type: 'boolean', default: false },
  },
});

const standIn = await startKurrentDbStandIn({
  port: Number(values.port),
  file: values.file,
  negotiation: values.negotiation as Negotiation,
  onBroken(reason) {
    console.error(`The stand-in ends: its log could not be written: ${reason}`);
    process.exit(1);
  },
});
const end = () => void standIn.stop().then(() => process.exit(0));
process.on('SIGTERM', end).on('SIGINT', end);
if (values['end-with-input']) process.stdin.on('end', end).resume();
console.log('A stand-in, not KurrentDB: for tests only.');
console.log(`ready ${standIn.url}`);
