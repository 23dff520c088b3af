/** Cutting what is published into requests: bounded, whole, and in the order of each partition. */
import type { Message } from 'kafkajs';
import { PARTITIONS } from '../partitions.js';
import { MAX_PIECE_BYTES, MAX_REQUEST_BYTES, requestsOf } from './publish-requests.js';

const record = (name: string, bytes = 10): Message => ({ key: name, value: 'x'.repeat(bytes) });
const bytesOf = (messages: Iterable<readonly Message[]>) =>
  [...messages].flat().reduce((sum, { value }) => sum + String(value).length, 0);
const partitions = (records: (partition: number) => readonly Message[]) =>
  Array.from({ length: PARTITIONS }, (_, partition) => records(partition));

describe('publishing', () => {
  it('takes small records of every partition in one request', () => {
    const records = partitions((partition) => [record(`a${partition}`), record(`b${partition}`)]);
    const [request, ...others] = [...requestsOf(records)];
    expect([...(request?.values() ?? [])]).toEqual(records);
    expect(others).toEqual([]);
  });

  it('never has more in flight than its bound, and sends each record once and in order', () => {
    const records = partitions((partition) =>
      Array.from({ length: 30 }, (_, index) => record(`${partition}/${index}`, 100_000 + 7_000 * index)),
    );
    const requests = [...requestsOf(records)];
    for (const request of requests) {
      expect(bytesOf(request.values())).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
      for (const piece of request.values()) expect(bytesOf([piece])).toBeLessThanOrEqual(MAX_PIECE_BYTES);
    }
    expect(partitions((partition) => requests.flatMap((request) => request.get(partition) ?? []))).toEqual(records);
  });

  it('sends a record alone that is larger than a piece', () => {
    const records = [[record('before'), record('large', MAX_PIECE_BYTES + 1), record('after')]];
    expect([...requestsOf(records)].map((request) => request.get(0)?.length)).toEqual([1, 1, 1]);
  });

  it('has nothing to send where there is nothing', () => expect([...requestsOf(partitions(() => []))]).toEqual([]));
});
