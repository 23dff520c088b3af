/** A query sees what its caller has written, or says that it cannot yet. */
import { encodePositionToken } from '#libs/event-store';
import { ReadModelBehindError, waitForPosition } from './wait-for-position.js';

describe('a query with minPosition', () => {
  it('does not look at the read model without a token', async () => {
    const read = jest.fn();
    await waitForPosition({ read, token: undefined });
    expect(read).not.toHaveBeenCalled();
  });

  it('goes on at once when the position has been reached', async () => {
    const read = jest.fn(async () => 7);
    await waitForPosition({ read, token: encodePositionToken(7) });
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('waits until the projection is there', async () => {
    let position = 0;
    await waitForPosition({ read: async () => position++, token: encodePositionToken(4) });
    expect(position).toBe(5);
  });

  it('gives up after its time with an answer that says when to come back', async () => {
    const waiting = waitForPosition({ read: async () => 3, token: encodePositionToken(4), timeoutMs: 30 });
    await expect(waiting).rejects.toThrow(ReadModelBehindError);
    await expect(waiting).rejects.toMatchObject({
      code: 'read-model-behind',
      kind: 'unavailable',
      headers: { 'Retry-After': '1' },
    });
  });

  it('refuses a token that is none', async () =>
    expect(waitForPosition({ read: async () => 3, token: 'x' })).rejects.toMatchObject({
      code: 'invalid-position-token',
    }));
});
