import { EventEmitter } from 'node:events';
import { streams } from './protocol.js';
import { type ReadCall, send } from './read-messages.js';
import { isPending } from './stand-in.fixture.js';

/** A reader whose buffer is full. */
function slowReader() {
  const sent: unknown[] = [];
  const state = { cancelled: false, destroyed: false, write: (message: unknown) => sent.push(message) === 0 };
  return { sent, call: Object.assign(new EventEmitter(), state) };
}
const message = new streams.ReadResp();

describe('sending to a reader that is slower than the server', () => {
  it('waits until there is room again', async () => {
    const { call, sent } = slowReader();
    const first = send(call as unknown as ReadCall, message);
    expect(await isPending(first, 20)).toBe(true);
    call.emit('drain');
    expect(await first).toBe(true);
    expect(sent).toHaveLength(1);
    expect(call.eventNames()).toEqual([]);
  });

  it('ends when the reader goes away', async () => {
    const { call, sent } = slowReader();
    const first = send(call as unknown as ReadCall, message);
    call.cancelled = true;
    call.emit('cancelled');
    expect(await first).toBe(false);
    expect(await send(call as unknown as ReadCall, message)).toBe(false);
    expect(sent).toHaveLength(1);
  });
});
