/** The real client follows streams and the whole log of the stand-in. */
import { type AllStreamSubscription, streamNameFilter } from '@kurrent/kurrentdb-client';
import { type Connected, connected, events, idOf, namesOf, ownEvents, until } from './stand-in.fixture.js';

let given: Connected;
beforeEach(async () => {
  given = await connected();
});
afterEach(() => given.end());

const append = (stream: string, ...names: string[]) => given.client.appendToStream(stream, events(...names));

/** Notes down what a subscription tells, in order. */
function listen(subscription: AllStreamSubscription | ReturnType<Connected['client']['subscribeToStream']>): string[] {
  const heard: string[] = [];
  subscription
    .on('confirmation', () => heard.push('confirmation'))
    .on('caughtUp', () => heard.push('caught up'))
    .on('data', (resolved: Parameters<typeof namesOf>[0][number]) => heard.push(...namesOf([resolved])))
    .on('error', (error: unknown) => heard.push(`error ${(error as { type?: string }).type}`));
  return heard;
}
const own = (heard: string[]) => heard.filter((each) => !each.startsWith('('));

describe('following the whole log', () => {
  it('tells of the beginning, history, its end, and then what happens', async () => {
    await append('account-acme+1', 'a', 'b');
    const subscription = given.client.subscribeToAll();
    const heard = listen(subscription);
    await until(() => heard.includes('caught up'));
    await append('account-acme+1', 'c');
    await append('role-acme+1', 'd');
    await until(() => heard.includes('d'));
    expect(own(heard)).toEqual(['confirmation', 'a', 'b', 'caught up', 'c', 'd']);
    expect(heard.some((each) => each.startsWith('($'))).toBe(true);
    await subscription.unsubscribe();
    await until(() => given.standIn.faults.seen.subscriptions === 0);
  });

  it('begins after a position', async () => {
    await append('account-acme+1', 'a', 'b', 'c');
    const [first] = await ownEvents(given.client);
    const heard = listen(given.client.subscribeToAll({ fromPosition: first?.position }));
    await until(() => heard.includes('caught up'));
    expect(own(heard)).toEqual(['confirmation', 'b', 'c', 'caught up']);
  });

  it('begins at the end', async () => {
    await append('account-acme+1', 'a');
    const heard = listen(given.client.subscribeToAll({ fromPosition: 'end' }));
    await until(() => heard.includes('caught up'));
    await append('account-acme+1', 'b');
    await until(() => heard.includes('b'));
    expect(own(heard)).toEqual(['confirmation', 'caught up', 'b']);
  });

  it('refuses to begin where nothing begins', async () => {
    await append('account-acme+1', 'a');
    const [first] = await ownEvents(given.client);
    const within = (first?.position.commit ?? 0n) + 1n;
    const heard = listen(given.client.subscribeToAll({ fromPosition: { commit: within, prepare: within } }));
    await until(() => heard.some((each) => each.startsWith('error')));
    expect(own(heard)).toEqual(['confirmation', 'error unknown']);
  });

  it('misses nothing that is appended while it catches up', async () => {
    for (let index = 0; index < 200; index += 1) await append('account-acme+1', `before ${index}`);
    const heard = listen(given.client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['account-'] }) }));
    for (let index = 0; index < 200; index += 1) await append('account-acme+1', `while ${index}`);
    await until(() => heard.includes('while 199'));
    const expected = ['before', 'while'].flatMap((when) =>
      Array.from({ length: 200 }, (_, index) => `${when} ${index}`),
    );
    expect(heard.filter((each) => each.includes(' ') && each !== 'caught up')).toEqual(expected);
  });

  it('waits for a reader that is slow', async () => {
    const large = 'x'.repeat(100_000);
    const total = 60;
    for (let index = 0; index < total; index += 1) {
      const [event] = events(`large ${index}`);
      await given.client.appendToStream('account-acme+1', [{ ...event, data: { name: `${index}`, large } }] as never);
    }
    const reader = given.client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['account-'] }) });
    const names: string[] = [];
    for await (const resolved of reader) {
      names.push(...namesOf([resolved]));
      if (names.length === 1) await new Promise((resolve) => setTimeout(resolve, 100));
      if (names.length === total) break;
    }
    expect(names).toEqual(Array.from({ length: total }, (_, index) => `${index}`));
    await reader.unsubscribe();
  });
});

describe('a filter with checkpoints', () => {
  /** Follows roles with a checkpoint every two windows of four; answers where the checkpoints were. */
  function followRoles() {
    const checkpoints: bigint[] = [];
    const filter = streamNameFilter({
      prefixes: ['role-'],
      maxSearchWindow: 4,
      checkpointInterval: 2,
      checkpointReached: (_, position) => void checkpoints.push(position.commit),
    });
    const subscription = given.client.subscribeToAll({ filter });
    return { checkpoints, heard: listen(subscription) };
  }

  it('says in history how far it has looked, though nothing matched', async () => {
    for (let index = 0; index < 40; index += 1) await append('account-acme+1', `${index}`);
    const { checkpoints, heard } = followRoles();
    await until(() => heard.includes('caught up'));
    expect(heard).toEqual(['confirmation', 'caught up']);
    expect(checkpoints.length).toBeGreaterThanOrEqual(5);
    expect(checkpoints).toEqual([...new Set(checkpoints)].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('says so live too, at an event that was looked at', async () => {
    const { checkpoints, heard } = followRoles();
    await until(() => heard.includes('caught up'));
    const before = checkpoints.length;
    for (let index = 0; index < 16; index += 1) await append('account-acme+1', `${index}`);
    await until(() => checkpoints.length >= before + 2);
    const commits = (await ownEvents(given.client)).map(({ position }) => position.commit);
    expect(commits).toContain(checkpoints.at(-1));
  });

  it('can be gone on from without a gap', async () => {
    for (let index = 0; index < 30; index += 1) await append(index % 6 ? 'account-acme+1' : 'role-acme+1', `${index}`);
    const { checkpoints, heard } = followRoles();
    await until(() => heard.includes('caught up'));
    const [checkpoint] = checkpoints;
    const at = (name: string) => ownEvents(given.client).then((read) => read.find(({ id }) => id === idOf(name)));
    const later: string[] = [];
    for (const name of ['0', '6', '12', '18', '24']) {
      if (((await at(name))?.position.commit ?? 0n) > (checkpoint ?? 0n)) later.push(name);
    }
    const place = { commit: checkpoint ?? 0n, prepare: checkpoint ?? 0n };
    const resumed = listen(
      given.client.subscribeToAll({ fromPosition: place, filter: streamNameFilter({ prefixes: ['role-'] }) }),
    );
    await until(() => resumed.includes('caught up'));
    expect(resumed).toEqual(['confirmation', ...later, 'caught up']);
  });
});

describe('following a stream', () => {
  it('tells of the beginning, history, its end, and then what happens in this stream', async () => {
    await append('account-acme+1', 'a', 'b');
    const heard = listen(given.client.subscribeToStream('account-acme+1', { fromRevision: 0n }));
    await until(() => heard.includes('caught up'));
    await append('account-acme+2', 'x');
    await append('account-acme+1', 'c');
    await until(() => heard.includes('c'));
    expect(heard).toEqual(['confirmation', 'b', 'caught up', 'c']);
  });

  it('waits for a stream that does not exist yet', async () => {
    const heard = listen(given.client.subscribeToStream('account-acme+1'));
    await until(() => heard.includes('caught up'));
    await append('account-acme+1', 'a');
    await until(() => heard.includes('a'));
  });

  it('ends when the stream is deleted for ever', async () => {
    await append('account-acme+1', 'a');
    const heard = listen(given.client.subscribeToStream('account-acme+1', { fromRevision: 'end' }));
    await until(() => heard.includes('caught up'));
    await given.client.tombstoneStream('account-acme+1');
    await until(() => heard.includes('error stream-deleted'));
  });
});
