/** The real client reads streams and the whole log of the stand-in. */
import { eventTypeFilter, jsonEvent, streamNameFilter } from '@kurrent/kurrentdb-client';
import { all, type Connected, connected, events, namesOf, ownEvents } from './stand-in.fixture.js';

describe('reading a stream', () => {
  let given: Connected;
  beforeAll(async () => {
    given = await connected();
    await given.client.appendToStream('account-acme+1', events('a', 'b', 'c', 'd'));
  });
  afterAll(() => given.end());

  const read = async (options: Parameters<Connected['client']['readStream']>[1]) =>
    namesOf(await all(given.client.readStream('account-acme+1', options)));

  it.each([
    ['forwards from the start', {}, ['a', 'b', 'c', 'd']],
    ['so many events', { maxCount: 2 }, ['a', 'b']],
    ['from a revision, inclusive', { fromRevision: 2n }, ['c', 'd']],
    ['from beyond the end', { fromRevision: 9n }, []],
    ['backwards from the end', { direction: 'backwards', fromRevision: 'end', maxCount: 2 }, ['d', 'c']],
    ['backwards from a revision, inclusive', { direction: 'backwards', fromRevision: 1n }, ['b', 'a']],
    ['backwards from beyond the end', { direction: 'backwards', fromRevision: 9n, maxCount: 1 }, ['d']],
  ] as const)('reads %s', async (_, options, expected) => expect(await read(options)).toEqual(expected));

  it('says that a stream does not exist', () =>
    expect(all(given.client.readStream('account-acme+nobody'))).rejects.toMatchObject({
      type: 'stream-not-found',
      streamName: 'account-acme+nobody',
    }));

  it('shows when an event was appended', async () => {
    const [first] = await all(given.client.readStream('account-acme+1'));
    expect(Math.abs(Date.now() - (first?.event?.created.getTime() ?? 0))).toBeLessThan(60_000);
  });
});

describe('reading the whole log', () => {
  let given: Connected;
  beforeAll(async () => {
    given = await connected();
    for (let index = 0; index < 50; index += 1) {
      const stream = index % 2 ? `account-acme+${index % 10}` : `role-acme+${index % 10}`;
      await given.client.appendToStream(stream, [
        jsonEvent({ type: index % 5 ? 'Noted' : 'Fifth', data: { name: `${index}` } }),
      ]);
    }
  });
  afterAll(() => given.end());

  const read = async (options: Parameters<Connected['client']['readAll']>[0] = {}) =>
    all(given.client.readAll(options));
  const own = (names: string[]) => names.filter((name) => !name.startsWith('('));
  const numbers = Array.from({ length: 50 }, (_, index) => String(index));

  it('shows every event in the order of commits, and the server’s own between them', async () => {
    const names = namesOf(await read());
    expect(own(names)).toEqual(numbers);
    expect(names.length).toBeGreaterThan(numbers.length);
    expect(names[0]).toMatch(/^\(\$/);
    const between = names.slice(names.indexOf('0'), names.indexOf('49'));
    expect(between.some((name) => name.startsWith('($'))).toBe(true);
  });

  it('backwards is the same reversed', async () => {
    const forwards = namesOf(await read());
    expect(namesOf(await read({ direction: 'backwards', fromPosition: 'end' }))).toEqual(forwards.reverse());
  });

  it('has positions that ascend, are neither dense nor evenly spaced, and are the same for commit and prepare', async () => {
    const positions = (await read()).map(({ event }) => event?.position);
    const commits = positions.map((position) => Number(position?.commit));
    const gaps = commits.slice(1).map((commit, index) => commit - (commits[index] as number));
    expect(Math.min(...gaps)).toBeGreaterThan(1);
    expect(new Set(gaps).size).toBeGreaterThan(5);
    expect(positions.every((position) => position?.commit === position?.prepare)).toBe(true);
  });

  it('begins at a position inclusively forwards and exclusively backwards', async () => {
    const whole = await read();
    const [place, names] = [whole[20]?.event?.position, namesOf(whole)];
    expect(namesOf(await read({ fromPosition: place }))).toEqual(names.slice(20));
    expect(namesOf(await read({ fromPosition: place, direction: 'backwards' }))).toEqual(names.slice(0, 20).reverse());
  });

  it('refuses a position at which nothing begins, and finds nothing behind the end', async () => {
    const [first] = await ownEvents(given.client);
    const within = (first?.position.commit ?? 0n) + 1n;
    await expect(read({ fromPosition: { commit: within, prepare: within } })).rejects.toThrow('invalid position');
    expect(await read({ fromPosition: { commit: 9_000_000n, prepare: 9_000_000n } })).toEqual([]);
  });

  it.each([
    ['stream prefixes', streamNameFilter({ prefixes: ['role-', 'roleSet-'] }), (index: number) => index % 2 === 0],
    [
      'a pattern over streams',
      streamNameFilter({ regex: '^(account|connection)-' }),
      (index: number) => index % 2 === 1,
    ],
    ['type prefixes', eventTypeFilter({ prefixes: ['Fif'] }), (index: number) => index % 5 === 0],
    ['a pattern over types', eventTypeFilter({ regex: '^Noted$' }), (index: number) => index % 5 !== 0],
  ])('filters by %s', async (_, filter, wanted) => {
    const expected = numbers.filter((number) => wanted(Number(number)));
    expect(namesOf(await read({ filter }))).toEqual(expected);
    expect(namesOf(await read({ filter, maxCount: 3 }))).toEqual(expected.slice(0, 3));
    const backwards = await read({ filter, direction: 'backwards', fromPosition: 'end', maxCount: 2 });
    expect(namesOf(backwards)).toEqual(expected.reverse().slice(0, 2));
  });
});
