/** Deletions and metadata, as the real client sees them. */
import { all, type Connected, connected, events, namesOf, ownEvents } from './stand-in.fixture.js';

let given: Connected;
const stream = 'account-acme+1';
beforeEach(async () => {
  given = await connected();
  await given.client.appendToStream(stream, events('a', 'b', 'c'), { streamState: 'no_stream' });
});
afterEach(() => given.end());

const names = async () => namesOf(await all(given.client.readStream(stream)));

describe('a stream that was deleted', () => {
  beforeEach(() => given.client.deleteStream(stream, { expectedRevision: 2n }));

  it('is not found, while its events stay in the log', async () => {
    await expect(names()).rejects.toMatchObject({ type: 'stream-not-found' });
    expect(await ownEvents(given.client)).toHaveLength(3);
  });

  it('may be written again, goes on at the next revision, and shows only what is new', async () => {
    const appended = await given.client.appendToStream(stream, events('d'), { streamState: 'no_stream' });
    expect(appended.nextExpectedRevision).toBe(3n);
    expect(await names()).toEqual(['d']);
  });

  it('does not exist for an append that wants it to', () =>
    expect(given.client.appendToStream(stream, events('d'), { streamState: 'stream_exists' })).rejects.toMatchObject({
      type: 'stream-deleted',
    }));
});

describe('a stream that was deleted for ever', () => {
  beforeEach(() => given.client.tombstoneStream(stream));

  it('can be neither read nor written', async () => {
    await expect(names()).rejects.toMatchObject({ type: 'stream-deleted' });
    for (const streamState of ['any', 'no_stream', 2n] as const) {
      const again = given.client.appendToStream(stream, events('d'), { streamState });
      await expect(again).rejects.toMatchObject({ type: 'stream-deleted', streamName: stream });
    }
    await expect(given.client.tombstoneStream(stream)).rejects.toMatchObject({ type: 'stream-deleted' });
  });

  it('ends with a tombstone in the log', async () => {
    const last = (await ownEvents(given.client)).at(-1);
    expect(last).toMatchObject({ streamId: stream, type: '$streamDeleted', revision: 9_223_372_036_854_775_807n });
  });
});

it('is not deleted at a revision that it does not have', async () => {
  for (const remove of ['deleteStream', 'tombstoneStream'] as const) {
    const refused = given.client[remove](stream, { expectedRevision: 0n });
    await expect(refused).rejects.toMatchObject({ type: 'wrong-expected-version', actualState: 2n });
  }
  expect(await names()).toEqual(['a', 'b', 'c']);
});

describe('the metadata of a stream', () => {
  it('can be set and read', async () => {
    await given.client.setStreamMetadata(stream, { maxCount: 2, owner: 'gatebook' });
    const { metadata } = await given.client.getStreamMetadata(stream);
    expect(metadata).toEqual({ maxCount: 2, owner: 'gatebook' });
  });

  it.each([
    ['the number of events', { maxCount: 1 }, ['c']],
    ['the first of them', { truncateBefore: 1 }, ['b', 'c']],
    ['their age', { maxAge: 3600 }, ['a', 'b', 'c']],
  ] as const)('limits %s', async (_, metadata, expected) => {
    await given.client.setStreamMetadata(stream, metadata);
    expect(await names()).toEqual(expected);
  });
});
