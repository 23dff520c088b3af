/** Just enough of Kafka's protocol to see that a broker answers; a port that accepts does not mean that yet. */
import { connect } from 'node:net';

const ANSWER_WAIT_MS = 2_000;
/** Metadata, version 4, of no topics: a header (key, version, correlation, no client id), an empty list, no creation of topics. */
const REQUEST = Buffer.from([0, 0, 0, 15, 0, 3, 0, 4, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 0]);
/** Where the number of brokers stands in the answer: after size, correlation and throttle time. */
const BROKER_COUNT_AT = 12;

/**
 * How many brokers the one on this port knows; 0 while it does not answer.
 * @param {number} port on loopback
 * @returns {Promise<number>}
 */
export function countBrokers(port) {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(REQUEST));
    let answer = Buffer.alloc(0);
    const finish = (count) => {
      socket.destroy();
      done(count);
    };
    socket.setTimeout(ANSWER_WAIT_MS, () => finish(0));
    socket.once('error', () => finish(0)).once('close', () => finish(0));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= BROKER_COUNT_AT + 4) finish(answer.readInt32BE(BROKER_COUNT_AT));
    });
  });
}
