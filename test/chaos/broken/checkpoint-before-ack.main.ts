/** BROKEN ON PURPOSE: a relay that takes a batch for published before the broker has it. Only to show that the check finds it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaPublisher } from '#libs/bus';
import { runBrokenRelay } from './broken-relay.js';

/** How long a batch is on its way while its checkpoint is saved already, milliseconds. */
const ON_ITS_WAY_MS = 1_500;

await runBrokenRelay((publisher): KafkaPublisher => {
  let sending: Promise<unknown> = Promise.resolve();
  return {
    ...publisher,
    publish: async (records) => {
      sending = sending.then(() => delay(ON_ITS_WAY_MS)).then(() => publisher.publish(records));
      return records.map(() => -1);
    },
  };
});
