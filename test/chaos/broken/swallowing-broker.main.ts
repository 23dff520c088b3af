/** BROKEN ON PURPOSE: a broker that acknowledges records and forgets some, played by the relay. Only to show that the check finds it. */
import { runBrokenRelay } from './broken-relay.js';

/** Each so many-th event that ends its stream for now is forgotten. */
const FORGET_EVERY = 40;

await runBrokenRelay((publisher) => {
  let seen = 0;
  return {
    ...publisher,
    publish: async (records) => {
      const kept = records.map((messages) => {
        const streams = messages.map(({ key }) => String(key));
        return messages.filter(({ key }, index) => {
          const endsStream = key !== null && key !== undefined && streams.lastIndexOf(String(key)) === index;
          if (endsStream) seen += 1;
          return !(endsStream && seen % FORGET_EVERY === 0);
        });
      });
      const offsets = await publisher.publish(kept);
      return offsets;
    },
  };
});
