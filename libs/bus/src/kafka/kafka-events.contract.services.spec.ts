import { onEveryDatabase, type PrivateKafka, startPrivateKafka, whyNoKafka } from '#libs/testing';
import { INSTALLATION, publishedLog } from '../contract/published-log.js';
import { sealedEventsContract } from '../sealed-events.contract.js';
import { kafkaEvents } from './kafka-events.js';

const reason = whyNoKafka();
if (reason) console.warn(`SKIPPED: nothing is tested on a real Kafka: ${reason}.`);

(reason ? describe.skip : describe)('on a real Kafka', () => {
  let kafka: PrivateKafka;
  beforeAll(async () => {
    kafka = await startPrivateKafka();
  }, 180_000);
  afterAll(() => kafka?.stop(), 60_000);

  onEveryDatabase((open, name) => {
    if (name === 'embedded') return;
    sealedEventsContract(`Kafka, published from ${name}`, async () => {
      const { database, drop } = await open();
      const options = { brokers: kafka.brokers, topic: kafka.topicName() };
      const log = await publishedLog(database, options);
      log.publish();
      const bus = kafkaEvents({ kafka: options, installation: INSTALLATION });
      const end = async () => {
        await log.end();
        await drop();
      };
      return { bus, seal: (count) => log.seal(count), end };
    });
  });
});
