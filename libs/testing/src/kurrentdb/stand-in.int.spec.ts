/** The stand-in as a node: discovery, credentials, crashes and the file under its log. */
import fs from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommitQueue } from './commit-queue.js';
import { EventLog } from './event-log.js';
import { startKurrentDbStandIn } from './index.js';
import { all, type Connected, connected, events, namesOf, ownEvents } from './stand-in.fixture.js';

let given: Connected | undefined;
const folder = fs.mkdtempSync(join(tmpdir(), 'gb-stand-in-'));
afterEach(async () => {
  await given?.end();
  given = undefined;
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const append = ({ client }: Connected, ...names: string[]) => client.appendToStream('account-acme+1', events(...names));

it('is found through gossip', async () => {
  given = await connected();
  const client = given.another(given.standIn.discoverUrl);
  expect((await client.appendToStream('account-acme+1', events('a'))).success).toBe(true);
  expect(namesOf(await all(client.readStream('account-acme+1')))).toEqual(['a']);
  expect(given.standIn.faults.seen.calls.gossip).toBeGreaterThan(0);
});

describe('with credentials', () => {
  it.each(['batch-append', 'no-batch-append'] as const)('serves who knows them, over TLS (%s)', async (negotiation) => {
    given = await connected({ tls: true, credentials: { user: 'gate', password: 'bookandkey' }, negotiation });
    expect((await append(given, 'a')).success).toBe(true);
    expect(namesOf(await all(given.client.readStream('account-acme+1')))).toEqual(['a']);
  });

  it.each([
    ['the wrong password', 'gate:wrong@'],
    ['none at all', ''],
  ])('denies access to who has %s', async (_, who) => {
    given = await connected({ tls: true, credentials: { user: 'gate', password: 'right' } });
    const stranger = given.another(given.standIn.url.replace('gate:right@', who));
    await expect(stranger.appendToStream('account-acme+1', events('a'))).rejects.toMatchObject({
      type: 'access-denied',
    });
    await expect(all(stranger.readAll())).rejects.toMatchObject({ type: 'access-denied' });
    expect(await ownEvents(given.client)).toEqual([]);
  });

  it('meets a client whose reads do not decode the password of the URL, though its appends do', async () => {
    const credentials = { user: 'gate', password: 'book & key' };
    given = await connected({ tls: true, credentials });
    expect((await append(given, 'a')).success).toBe(true);
    await expect(all(given.client.readStream('account-acme+1'))).rejects.toMatchObject({ type: 'access-denied' });
    const own = { credentials: { username: credentials.user, password: credentials.password } };
    expect(namesOf(await all(given.client.readStream('account-acme+1', own)))).toEqual(['a']);
  });

  it('must speak TLS', () =>
    expect(startKurrentDbStandIn({ credentials: { user: 'a', password: 'b' } })).rejects.toThrow(TypeError));
});

describe.each([
  ['memory', undefined],
  ['a file', join(folder, 'crash.log')],
])('a crash with its log in %s', (_, file) => {
  it('cuts everything; after the restart the same data is there on the same port, and the client goes on', async () => {
    given = await connected({ file });
    await append(given, 'a', 'b');
    const before = await ownEvents(given.client);

    await given.standIn.kill();
    await expect(append(given, 'c')).rejects.toMatchObject({ code: 14 });
    await given.standIn.restart();

    expect(await ownEvents(given.another())).toEqual(before);
    expect(await append(given, 'c')).toMatchObject({ nextExpectedRevision: 2n });
    expect(await append(given, 'a', 'b')).toMatchObject({ nextExpectedRevision: 1n });
  });
});

describe('the file', () => {
  it('whose last write was cut short has all of what was answered and nothing of the rest', async () => {
    const file = join(folder, 'torn.log');
    given = await connected({ file });
    await append(given, 'a');
    await given.standIn.kill();
    const whole = fs.readFileSync(file);
    fs.appendFileSync(file, whole.subarray(0, 50));

    await given.standIn.restart();

    await append(given, 'b');
    await given.standIn.restart();
    expect(namesOf(await all(given.another().readStream('account-acme+1')))).toEqual(['a', 'b']);
  });

  it('that cannot be written keeps the stand-in from starting', async () => {
    const start = startKurrentDbStandIn({ file: '/dev/full' });
    await expect(start).rejects.toThrow('ENOSPC');
  });

  it('that cannot be written any more ends every answer, and nothing becomes visible', async () => {
    const log = new EventLog();
    const reasons: unknown[] = [];
    const flush = () => Promise.reject(new Error('disk full'));
    const queue = new CommitQueue(log, (reason) => reasons.push(reason), { flush });
    const [event] = events('a').map((each) => ({ ...each, data: Buffer.of(1), metadata: Buffer.of() }));
    const work = () => log.stage('account-acme+1', event ? [event] : [], 0);
    expect(await Promise.all([queue.commit(work), queue.commit(work)])).toEqual([undefined, undefined]);
    expect(await queue.commit(work)).toBeUndefined();
    expect(reasons).toEqual([new Error('disk full')]);
    expect(log.visibleIn('account-acme+1')).toEqual([]);
  });
});

it('closes its port when it stops', async () => {
  const standIn = await startKurrentDbStandIn();
  const { hostname, port } = new URL(standIn.url);
  await standIn.stop();
  const outcome = await new Promise((resolve) => {
    createConnection(Number(port), hostname)
      .once('connect', () => resolve('connected'))
      .once('error', ({ message }) => resolve(message));
  });
  expect(outcome).toContain('ECONNREFUSED');
});
