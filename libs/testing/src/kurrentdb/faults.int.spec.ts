/** Every fault that a test can ask for, as the real client meets it. */
import { status } from '@grpc/grpc-js';
import { type Connected, connected, events, isPending, ownEvents, until } from './stand-in.fixture.js';

/** Long enough to tell that nothing comes, milliseconds. */
const QUIET_MS = 150;

describe.each(['batch-append', 'no-batch-append', 'no-features'] as const)(
  'a fault of an append (%s)',
  (negotiation) => {
    let given: Connected;
    beforeEach(async () => {
      given = await connected({ negotiation });
      await append('warm-up');
    });
    afterEach(() => given.end());

    const append = (name: string) =>
      given.client.appendToStream(`account-acme+${name}`, events(name), { streamState: 'no_stream' });
    const isStored = async (name: string) =>
      (await ownEvents(given.another())).some(({ streamId }) => streamId === `account-acme+${name}`);

    it('delays', async () => {
      given.standIn.faults.delay(QUIET_MS, 'append');
      const began = performance.now();
      await append('late');
      expect(performance.now() - began).toBeGreaterThanOrEqual(QUIET_MS - 1);
    });

    it.each([
      ['before', false],
      ['after', true],
    ] as const)('drops it %s the commit: no answer ever, stored: %s', async (commit, stored) => {
      given.standIn.faults.drop('append', { commit });
      expect(await isPending(append('dropped'), QUIET_MS)).toBe(true);
      expect(await isStored('dropped')).toBe(stored);
      expect(await append('dropped')).toMatchObject({ nextExpectedRevision: 0n });
    });

    it.each([true, false])('is unavailable, stored: %s', async (stored) => {
      given.standIn.faults.unavailable(2, { stored });
      for (const name of ['one', 'two']) {
        await expect(append(name)).rejects.toMatchObject({ type: 'unavailable' });
        expect(await isStored(name)).toBe(stored);
        expect(await given.standIn.faults.seen.calls.append).toBeGreaterThan(0);
      }
      expect((await append('one')).success).toBe(true);
    });

    it('is not the leader, and names the one that is', async () => {
      given.standIn.faults.notLeader();
      const { hostname, port } = new URL(given.standIn.url);
      await expect(append('led')).rejects.toMatchObject({
        type: 'not-leader',
        leader: { address: hostname, port: Number(port) },
      });
      expect(await isStored('led')).toBe(false);
      expect((await append('led')).success).toBe(true);
    });

    it.each([
      ['timeout', negotiation === 'batch-append' ? 'deadline-exceeded' : 'unknown'], // the client knows no ABORTED of old
      ['access-denied', 'access-denied'],
      ['unknown', 'unknown'],
    ] as const)('refuses with %s', async (refusal, type) => {
      given.standIn.faults.refuse(refusal);
      await expect(append('refused')).rejects.toMatchObject({ type });
      expect(await isStored('refused')).toBe(false);
      expect((await append('refused')).success).toBe(true);
    });

    it('stalls until it goes on', async () => {
      given.standIn.faults.stall();
      const appended = append('stalled');
      const subscription = given.another().subscribeToAll({ fromPosition: 'end' });
      const heard: string[] = [];
      subscription.on('data', ({ event }) => heard.push(`${event?.streamId}`)).on('error', () => {});
      expect(await isPending(appended, QUIET_MS)).toBe(true);
      given.standIn.faults.resume();
      expect((await appended).success).toBe(true);
    });

    it('cuts the connections, and takes new ones', async () => {
      given.standIn.faults.delay(QUIET_MS, 'append');
      const cut = append('cut');
      await until(() => given.standIn.faults.seen.calls.append === 2);
      given.standIn.faults.kill();
      await expect(cut).rejects.toMatchObject({ type: 'unavailable' });
      given.standIn.faults.clear();
      expect((await append('cut')).success).toBe(true);
    });

    it('happens as often as it was asked for, in order', async () => {
      given.standIn.faults.refuse('unknown');
      given.standIn.faults.unavailable(1);
      await expect(append('x')).rejects.toMatchObject({ type: 'unknown' });
      await expect(append('x')).rejects.toMatchObject({ type: 'unavailable' });
      expect((await append('x')).success).toBe(true);
    });

    it('can be taken back', async () => {
      given.standIn.faults.unavailable(5);
      given.standIn.faults.stall();
      given.standIn.faults.clear();
      expect((await append('x')).success).toBe(true);
    });
  },
);

describe('a fault of other calls', () => {
  let given: Connected;
  beforeEach(async () => {
    given = await connected();
  });
  afterEach(() => given.end());

  it('of reading: unavailable, not the leader, no answer', async () => {
    const { faults } = given.standIn;
    faults.unavailable(1, { which: 'read' });
    await expect(ownEvents(given.client)).rejects.toMatchObject({ type: 'unavailable' });
    faults.notLeader(1, 'read');
    await expect(ownEvents(given.another())).rejects.toMatchObject({ type: 'not-leader' });
    faults.drop('read');
    expect(await isPending(ownEvents(given.another()), QUIET_MS)).toBe(true);
    expect(await ownEvents(given.another())).toEqual([]);
  });

  it('of following: the subscription fails, or stays silent', async () => {
    const errors: unknown[] = [];
    given.standIn.faults.unavailable(1, { which: 'subscribe' });
    given.client.subscribeToAll().on('error', (error) => errors.push(error));
    await until(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ type: 'unavailable' });
  });

  it('stalls a subscription that is open', async () => {
    const heard: string[] = [];
    const other = given.another();
    other.subscribeToAll({ fromPosition: 'end' }).on('data', ({ event }) => heard.push(`${event?.streamId}`));
    await until(() => given.standIn.faults.seen.subscriptions === 1);
    await given.client.appendToStream('account-acme+1', events('a'));
    await until(() => heard.length === 1);
    given.standIn.faults.stall();
    const stalled = given.client.appendToStream('account-acme+2', events('b'));
    expect(await isPending(stalled, QUIET_MS)).toBe(true);
    expect(heard).toEqual(['account-acme+1']);
    given.standIn.faults.resume();
    await until(() => heard.includes('account-acme+2'));
    expect((await stalled).success).toBe(true);
  });

  it.each([
    ['UNKNOWN is remembered by the client for ever', status.UNKNOWN, false],
    ['PERMISSION_DENIED is remembered by the client for ever', status.PERMISSION_DENIED, false],
    ['UNAVAILABLE is asked again', status.UNAVAILABLE, true],
  ])('of the features: %s', async (_, code, recovers) => {
    given.standIn.faults.wrongFeatures(code);
    const append = (client = given.client) => client.appendToStream('account-acme+1', events('a'));
    await expect(append()).rejects.toMatchObject({ code });
    const again = await append().then(
      () => true,
      () => false,
    );
    expect(again).toBe(recovers);
    expect((await append(given.another())).success).toBe(true);
  });
});
