/**
 * Changes that wait for a second person, over HTTP: one that waits, is approved of by somebody else and then made, lapses, or fits no more; what
 * is made at once in an emergency is recorded and reviewed; a change that was approved of is made even if the process dies in between.
 */
import { heldChangeDecider, policyDecider } from '#libs/domain';
import { decideAndAppend, readHistory } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { connectionSettings } from '#libs/testing';
import { watching } from '../findings/findings.fixture.js';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { changeStream, changeWords } from './change-words.fixture.js';
import { type ChangesWorld, changesWorld, type Hand, WATCH } from './changes.fixture.js';

jest.setTimeout(120_000);

let server: GovernanceServer;
let world: ChangesWorld;
let ada: Hand;
let bo: Hand;
let cleo: Hand;
beforeAll(async () => {
  // no mail server is there: what would be sent stays in the queue
  const variables = { SMTP_URL: 'smtp://127.0.0.1:9', SMTP_FROM: 'Gatebook <gatebook@acme.example>' };
  server = await startGovernance({ variables });
  await server.acme.connect('okta', connectionSettings());
  world = await changesWorld(server);
  [ada, bo, cleo] = [await world.admin('ada'), await world.admin('bo'), await world.admin('cleo')];
  await world.wantSecondPerson(1);
});
afterAll(() => server?.close());

const { put, policy, approve, detail, held, emergenciesOf } = changeWords(() => ({
  server,
  world,
  asker: ada,
}));

describe('a change that needs a second person', () => {
  it('waits, changes nothing, and is made by whoever else approves of it', async () => {
    const asked = await put(ada, 'waits');
    expect(asked).toMatchObject({ status: 202, body: { status: 'held', approvalsNeeded: 1 } });
    expect(asked.body.validUntil).toBe('2026-03-09T08:00:00.000Z');
    expect((await policy('waits')).version).toBeUndefined();
    expect(await approve(bo, asked.body.change)).toMatchObject({ status: 200, body: { status: 'applied' } });
    expect(await policy('waits')).toMatchObject({ version: 1, enabled: true });
    const { events } = await readHistory(server.path, streamName({ category: 'policy', tenant: 'acme', id: 'waits' }));
    const [made] = events;
    const [, approval] = (await readHistory(server.path, changeStream(asked.body.change))).events;
    expect(made?.metadata).toMatchObject({
      actor: { kind: 'account', id: server.acme.accountOf('ada') },
      causationId: approval?.id,
    });
    expect(await detail(asked.body.change)).toMatchObject({ status: 'applied', events: [made?.id] });
  });

  it('is told to the other administrators, not to who asked', async () => {
    await server.settle();
    const change = await held('told');
    const told = await server.until(async () => {
      const query = "select recipient from notices.outbox where kind = 'change-held' and about = $1";
      const { rows } = await server.database.query<{ recipient: string }>(query, [change]);
      return rows.length > 0 && rows.map(({ recipient }) => recipient);
    });
    expect([...told].sort()).toEqual(['bo', 'cleo'].map(server.acme.accountOf).sort());
  });

  it('is shown with its difference, and without the people whom it names to whoever may not know them', async () => {
    await approve(bo, await held('shown'));
    const change = await held('shown', { ...WATCH, after: 'P60D', owner: 'bo' });
    expect((await detail(change)).differences).toEqual([
      { setting: 'after', before: 'P90D', after: 'P60D' },
      { setting: 'owner', before: 'olga', after: 'bo' },
    ]);
    const auditor = { headers: await server.acme.key(['audit:read']) };
    const withheld = await detail(change, auditor);
    expect(withheld).toMatchObject({ reason: '[withheld]', changed: ['after', 'owner'] });
    expect(withheld.differences).toEqual([{ setting: 'after', before: 'P90D', after: 'P60D' }]);
    expect(JSON.stringify(withheld)).not.toContain('olga');
    const none = { headers: await server.acme.key(['connections:write']) };
    expect((await detail(change, none)).code).toBe('missing-scope');
    const { body } = await world.send<{ items: { id: string }[] }>(null, 'GET', '/api/v1/changes?status=held');
    expect(body.items.map(({ id }) => id)).toContain(change);
  });

  it('is asked for once, however often the request is sent, also after it was made', async () => {
    const first = await put(ada, 'once', WATCH, {}, 'once');
    expect(await put(ada, 'once', WATCH, {}, 'once')).toEqual(first);
    expect((await put(ada, 'once', { ...WATCH, after: 'P10D' }, {}, 'once')).body.code).toBe('idempotency-key-reused');
    const approved = await approve(bo, first.body.change, {}, 'approve-once');
    expect(await approve(bo, first.body.change, {}, 'approve-once')).toEqual(approved);
    expect(await put(ada, 'once', WATCH, {}, 'once')).toEqual(first);
    expect((await policy('once')).version).toBe(1);
  });

  it('is not one that changes nothing, nor a dry run', async () => {
    await approve(bo, await held('same'));
    expect((await put(ada, 'same')).status).toBe(200);
    expect((await put(ada, 'same', { ...WATCH, after: 'P10D' }, { dryRun: true })).status).toBe(200);
  });

  it('is refused at once where it would be refused anyhow', async () => {
    expect((await put(ada, 'wrong', { kind: 'sod', roles: ['crm.gone'] })).body.code).toBe('configuration-invalid');
  });
});

describe('a change that fits no more', () => {
  it('is not made: what it was made from has changed', async () => {
    await approve(bo, await held('moved'));
    const slow = await held('moved', { ...WATCH, after: 'P10D' });
    const quick = await held('moved', { ...WATCH, after: 'P20D' });
    expect((await approve(bo, quick)).body.status).toBe('applied');
    expect(await approve(bo, slow, {}, 'slow')).toMatchObject({ status: 409, body: { code: 'change-outdated' } });
    expect((await approve(bo, slow, {}, 'slow')).body.code).toBe('change-outdated');
    expect((await approve(cleo, slow)).body.code).toBe('held-change-not-open');
    expect(await detail(slow)).toMatchObject({ status: 'refused', refusedBecause: 'outdated', consequences: null });
  });

  it('is not made: something of its id came about meanwhile', async () => {
    const [first, second] = [await held('new'), await held('new', { ...WATCH, after: 'P10D' })];
    await approve(bo, first);
    expect((await approve(bo, second)).body.code).toBe('change-outdated');
    expect((await policy('new')).version).toBe(1);
  });

  it('is not made: it would switch what was switched on and off meanwhile', async () => {
    await approve(bo, (await put(ada, 'switched', WATCH, { enabled: false })).body.change);
    const { change } = (await put(ada, 'switched', WATCH, { enabled: true })).body;
    for (const enabled of [true, false]) await put(ada, 'switched', WATCH, { enabled, emergency: true });
    expect((await detail(change)).consequences).toBeNull();
    expect((await approve(bo, change)).body.code).toBe('change-outdated');
    expect(await policy('switched')).toMatchObject({ version: 1, enabled: false });
  });

  it('is weighed as it would be made: in force, where the policy came into force meanwhile', async () => {
    for (const role of ['pay.create', 'pay.approve', 'pay.audit']) await server.acme.role(role);
    await server.acme.person('ned');
    for (const role of ['pay.create', 'pay.audit']) await server.acme.give('ned', role);
    const keepsApart = (...roles: string[][]) => ({ kind: 'sod', roles, mode: 'preventive', owner: 'olga' });
    const loose = keepsApart(['pay.create'], ['pay.approve']);
    await approve(bo, (await put(ada, 'woken', loose, { enabled: false })).body.change);
    const { change } = (await put(ada, 'woken', keepsApart(['pay.create'], ['pay.audit']))).body;
    expect((await detail(change)).consequences?.confirm).toBeNull();
    await put(ada, 'woken', loose, { enabled: true, emergency: true });
    expect((await approve(bo, change)).body.code).toBe('confirmation-required');
    const { consequences } = await detail(change);
    expect((await approve(bo, change, { confirm: consequences?.confirm })).body.status).toBe('applied');
    expect(await policy('woken')).toMatchObject({ version: 2, enabled: true });
  });

  it('leaves a policy out of force that was put out of force meanwhile', async () => {
    await approve(bo, await held('off'));
    const change = await held('off', { ...WATCH, after: 'P10D' });
    await put(ada, 'off', WATCH, { enabled: false, emergency: true });
    await approve(bo, change);
    expect(await policy('off')).toMatchObject({ version: 2, enabled: false });
  });
});

describe('an emergency', () => {
  it('waits for nobody, is recorded, and is reviewed', async () => {
    const made = await put<{ version: number }>(ada, 'now', WATCH, { emergency: true, reason: 'on fire' }, 'fire');
    expect(made).toMatchObject({ status: 200, body: { version: 1 } });
    await put(ada, 'now', WATCH, { emergency: true, reason: 'on fire' }, 'fire');
    await server.settle();
    expect(await emergenciesOf('now')).toMatchObject([
      { status: 'applied', emergency: true, reason: 'on fire', requestedBy: `account:${server.acme.accountOf('ada')}` },
    ]);
    const review = await server.until(async () => {
      const { body: reviews } = await world.send<{ items: { title: string }[] }>(null, 'GET', '/api/v1/access-reviews');
      return reviews.items.find(({ title }) => title.includes('policy now'));
    });
    expect(review.title).toContain('changed in an emergency');
  });

  it('is recorded and reviewed also where the process died right after the change, but not what was approved of', async () => {
    await server.settle();
    const stream = streamName({ category: 'policy', tenant: 'acme', id: 'died' });
    const settings = watching('dormant', { after: 'P90D', owner: 'olga' });
    const data = { policy: 'died', settings, enabled: true, managedBy: 'api', reason: 'on fire' } as const;
    const actor = { kind: 'account', id: server.acme.accountOf('ada') } as const;
    const metadata = { ...server.acme.metadata('died'), actor };
    // all that the process came to do
    const { events } = await decideAndAppend(server.path, stream, policyDecider, {
      type: 'ConfigurePolicy',
      data,
      metadata,
    });
    await approve(bo, await held('approved'));
    await server.settle();
    expect(await emergenciesOf('died')).toMatchObject([
      { requestedBy: `account:${actor.id}`, reason: 'on fire', events: events.map(({ id }) => id) },
    ]);
    expect(await emergenciesOf('approved')).toEqual([]);
  });

  it('is none where the change would not have waited', async () => {
    await world.wantSecondPerson(0);
    expect((await put(ada, 'calm', WATCH, { emergency: true })).status).toBe(200);
    await world.wantSecondPerson(1);
    await server.settle();
    const { body } = await world.send<{ items: { target: string }[] }>(null, 'GET', '/api/v1/changes?emergency=true');
    expect(body.items.map(({ target }) => target)).not.toContain('calm');
  });
});

it('a change that was approved of by a process that died right then is made by the next', async () => {
  const change = await held('crash');
  const by = server.acme.accountOf('bo');
  // all that the process came to do
  await decideAndAppend(server.path, changeStream(change), heldChangeDecider, {
    type: 'ApproveChange',
    data: {
      by,
      via: 'session',
      reason: null,
      targetVersion: null,
      administrators: new Set<string>(),
      approvalsWanted: 1,
    },
    metadata: { ...server.acme.metadata('crash'), actor: { kind: 'account', id: by } },
  });
  expect((await policy('crash')).version).toBeUndefined();
  await server.until(async () => (await policy('crash')).version);
  await server.until(async () => (await detail(change)).status === 'applied');
  expect((await policy('crash')).version).toBe(1);
});

it('a change that nobody answers lapses, and is not made any more', async () => {
  const change = await held('slow');
  server.clock.advance(7 * 86_400_000);
  const again = { headers: await server.acme.session('bo', 'okta') };
  expect((await approve(again, change)).body.code).toBe('held-change-not-open');
  await server.until(async () => (await detail(change)).refusedBecause === 'lapsed');
  expect((await policy('slow')).version).toBeUndefined();
});
