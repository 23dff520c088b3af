/** The real client appends to the stand-in, in each of the ways that the two can agree on. */
import { binaryEvent, jsonEvent, WrongExpectedVersionError } from '@kurrent/kurrentdb-client';
import { all, type Connected, connected, events, idOf, namesOf } from './stand-in.fixture.js';

describe.each(['batch-append', 'no-batch-append', 'no-features'] as const)('an append (%s)', (negotiation) => {
  let given: Connected;
  let serial = 0;
  let stream = '';
  beforeAll(async () => {
    given = await connected({ negotiation, maxAppendBytes: 10_000 });
  });
  beforeEach(() => {
    serial += 1;
    stream = `account-acme+${serial}`;
  });
  afterAll(() => given.end());

  const append = (streamState: 'any' | 'no_stream' | 'stream_exists' | bigint, ...names: string[]) =>
    given.client.appendToStream(stream, events(...names.map((name) => `${stream}/${name}`)), { streamState });
  const inStream = async () =>
    namesOf(await all(given.client.readStream(stream))).map((name) => name.slice(stream.length + 1));

  it('begins a stream and goes on at the revision expected', async () => {
    const first = await append('no_stream', 'a', 'b');
    const second = await append(1n, 'c');
    expect([first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([1n, 2n]);
    expect(second.position?.commit).toBeGreaterThan(first.position?.commit ?? 0n);
    expect(await inStream()).toEqual(['a', 'b', 'c']);
  });

  it('answers the position of its last event', async () => {
    const { position } = await append('no_stream', 'a', 'b');
    const last = (await all(given.client.readStream(stream))).at(-1);
    expect(last?.event?.position).toEqual(position);
    expect(position?.prepare).toBe(position?.commit);
  });

  it.each([
    ['no stream, and there is one', 'no_stream', 1n],
    ['a lower revision', 0n, 1n],
    ['a higher revision', 5n, 1n],
  ] as const)('is refused when it expects %s', async (_, expected, actual) => {
    await append('no_stream', 'a', 'b');
    const refusal = await append(expected, 'x').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WrongExpectedVersionError);
    expect(refusal).toMatchObject({ streamName: stream, expectedState: expected, actualState: actual });
    expect(await inStream()).toEqual(['a', 'b']);
  });

  it.each([
    ['a revision', 0n],
    ['a stream', 'stream_exists'],
  ] as const)('is refused when it expects %s, and there is none', async (_, expected) => {
    await expect(append(expected, 'x')).rejects.toMatchObject({ expectedState: expected, actualState: 'no_stream' });
  });

  it('may leave open what it expects', async () => {
    expect(await append('any', 'a')).toMatchObject({ nextExpectedRevision: 0n });
    expect(await append('stream_exists', 'b')).toMatchObject({ nextExpectedRevision: 1n });
    expect(await append('any', 'c')).toMatchObject({ nextExpectedRevision: 2n });
  });

  describe('that is repeated with the same ids', () => {
    it.each([
      ['at its revision', 'no_stream'],
      ['at any revision', 'any'],
    ] as const)('%s answers as the first time, also when the stream has moved on', async (_, expected) => {
      const first = await append(expected, 'a', 'b');
      await append(1n, 'c');
      expect(await append(expected, 'a', 'b')).toEqual(first);
      expect(await inStream()).toEqual(['a', 'b', 'c']);
    });

    it('is told from one of which only some events are the same', async () => {
      await append('no_stream', 'a', 'b');
      await expect(append('no_stream', 'a', 'x')).rejects.toThrow(WrongExpectedVersionError);
      await expect(append('no_stream', 'a', 'b', 'c')).rejects.toThrow(WrongExpectedVersionError);
      await expect(append('any', 'b', 'x')).rejects.toThrow(WrongExpectedVersionError);
      expect(await append('no_stream', 'a')).toMatchObject({ nextExpectedRevision: 0n });
    });

    it('but at the end of the stream is stored again: ids are not unique in this store', async () => {
      await append('no_stream', 'a');
      expect(await append(0n, 'a')).toMatchObject({ nextExpectedRevision: 1n });
      expect(await inStream()).toEqual(['a', 'a']);
    });
  });

  it('lets one of many that expect the same revision through', async () => {
    const tries = Array.from({ length: 20 }, (_, index) => append('no_stream', `try ${index}`));
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await inStream()).toHaveLength(1);
  });

  it('keeps data and metadata byte by byte', async () => {
    const data = Buffer.from([0, 255, 1, 254, 10, 13]);
    await given.client.appendToStream(stream, [
      binaryEvent({ id: idOf(stream), type: 'Bytes', data, metadata: Buffer.from('not JSON') }),
      jsonEvent({ type: 'Text', data: { text: '😀 \u0000' }, metadata: { $correlationId: 'c' } }),
    ]);
    const [bytes, text] = await all(given.client.readStream(stream));
    expect(bytes?.event).toMatchObject({ id: idOf(stream), type: 'Bytes', isJson: false });
    expect(Buffer.from(bytes?.event?.data as Uint8Array)).toEqual(data);
    expect(Buffer.from(bytes?.event?.metadata as Uint8Array).toString()).toBe('not JSON');
    expect(text?.event).toMatchObject({ isJson: true, data: { text: '😀 \u0000' }, metadata: { $correlationId: 'c' } });
  });

  it('may come in several pieces and is still one append', async () => {
    const many = events(...Array.from({ length: 40 }, (_, index) => `${stream}/${index}`));
    await given.client.appendToStream(stream, many, { streamState: 'no_stream', batchAppendSize: 300 });
    expect(await inStream()).toEqual(Array.from({ length: 40 }, (_, index) => String(index)));
  });

  it('that is larger than the server takes is refused whole, and harms no other', async () => {
    const large = jsonEvent({ type: 'Large', data: { text: 'x'.repeat(11_000) } });
    const both = await Promise.allSettled([
      given.client.appendToStream(stream, [...events(`${stream}/a`), large], { batchAppendSize: 500 }),
      given.client.appendToStream(`${stream}-2`, events(`${stream}-2`)),
    ]);
    expect(both).toMatchObject([
      { status: 'rejected', reason: { type: 'maximum-append-size-exceeded', maxAppendSize: 10_000 } },
      { status: 'fulfilled' },
    ]);
    await expect(inStream()).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  it('goes by the call that was agreed on, and is counted', async () => {
    const before = given.standIn.faults.seen;
    await append('any', 'a');
    const { calls, deadlines } = given.standIn.faults.seen;
    expect(calls.append).toBe(before.calls.append + 1);
    expect(deadlines - before.deadlines).toBe(negotiation === 'batch-append' ? 1 : 0);
  });
});

describe('a deadline that a client sends', () => {
  it('is not acted on, even when it has passed', async () => {
    const { client, end } = await connected();
    const appended = await client.appendToStream('account-acme+late', events('late'), { deadline: -60_000 });
    expect(appended.success).toBe(true);
    await end();
  });
});
