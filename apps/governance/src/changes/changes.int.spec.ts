/**
 * The second person over HTTP: a change that waits, is approved of by somebody else and then made, is refused, lapses, or fits no more; what
 * is made at once in an emergency is recorded and reviewed; a change that was approved of is made even if the process dies in between.
 */
import { heldChangeDecider } from '#libs/domain';
import { decideAndAppend, readHistory } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { connectionSettings } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
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

interface Held {
  readonly status: string;
  readonly change: string;
  readonly approvalsNeeded: number;
  readonly validUntil: string;
  readonly positionToken: string;
}
interface Problem {
  readonly code: string;
}
interface Detail extends Problem {
  readonly status: string;
  readonly refusedBecause: string | null;
  readonly reason: string | null;
  readonly events: readonly string[];
  readonly differences: readonly { readonly setting: string; readonly before: unknown; readonly after: unknown }[];
  readonly consequences: { readonly warnings: readonly string[]; readonly confirm: string | null } | null;
}

const put = <Body = Held & Problem>(
  by: Hand | null,
  id: string,
  settings: object = WATCH,
  over: object = {},
  key?: string,
) => world.send<Body>(by, 'PUT', `/api/v1/policies/${id}`, { settings, reason: 'wanted', ...over }, key);
const policy = async (id: string) =>
  (await world.send<{ version?: number; enabled?: boolean }>(null, 'GET', `/api/v1/policies/${id}`)).body;
const approve = (by: Hand | null, change: string, body: object = {}, key?: string) =>
  world.send<{ status: string } & Problem>(by, 'POST', `/api/v1/changes/${change}/approve`, body, key);
const refuse = (by: Hand | null, change: string, body: object = { reason: 'no' }) =>
  world.send<{ status: string } & Problem>(by, 'POST', `/api/v1/changes/${change}/refuse`, body);
const detail = async (change: string, by: Hand | null = null) => {
  await server.settle();
  return (await world.send<Detail>(by, 'GET', `/api/v1/changes/${change}`)).body;
};
const held = async (id: string, settings: object = WATCH): Promise<string> =>
  (await put(ada, id, settings)).body.change;
const changeStream = (change: string) => streamName({ category: 'heldChange', tenant: 'acme', id: change });

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

describe('the second person', () => {
  it('is never who asked, and needs the right to', async () => {
    const change = await held('own');
    expect(await approve(ada, change)).toMatchObject({ status: 403, body: { code: 'own-change' } });
    await server.acme.person('dan');
    const dan = { headers: await server.acme.session('dan', 'okta') };
    expect((await approve(dan, change)).body.code).toBe('missing-scope');
    expect((await policy('own')).version).toBeUndefined();
  });

  it('is never the key that filed it, whomever it speaks for, and through another key only an administrator', async () => {
    const filing = { headers: await server.acme.key(['admin', 'act-as', 'audit:read']) };
    const { change } = (await put(filing, 'by-key')).body;
    const actAs = server.acme.accountOf('bo');
    expect((await approve(filing, change, { actAs })).body.code).toBe('own-change');
    const other = { headers: await server.acme.key(['admin', 'act-as']) };
    expect((await approve(other, change)).body.code).toBe('act-as-required');
    expect((await approve(other, change, { actAs: await server.acme.person('eve') })).body.code).toBe(
      'approver-not-admin',
    );
    expect((await approve(other, change, { actAs })).body.status).toBe('applied');
  });

  it('is one of several where several are wanted, each another', async () => {
    await world.wantSecondPerson(2);
    const change = await held('two');
    await world.wantSecondPerson(1);
    expect((await approve(bo, change)).body.status).toBe('held');
    expect((await approve(bo, change)).body.code).toBe('held-change-already-approved');
    expect((await policy('two')).version).toBeUndefined();
    expect((await approve(cleo, change)).body.status).toBe('applied');
  });

  it('counts once when two answer at the same time', async () => {
    const change = await held('race');
    const answers = await Promise.all([approve(bo, change), approve(cleo, change)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await policy('race')).version).toBe(1);
    const { events } = await readHistory(server.path, changeStream(change));
    expect(events.map(({ type }) => type)).toEqual(['ChangeHeld', 'ChangeApproved', 'ChangeApplied']);
  });

  it('refuses, and whoever asked takes it back', async () => {
    const change = await held('refused');
    expect((await refuse(bo, change)).body.status).toBe('refused');
    expect((await approve(cleo, change)).body.code).toBe('held-change-not-open');
    const other = await held('refused');
    await refuse(ada, other);
    expect([(await detail(change)).refusedBecause, (await detail(other)).refusedBecause]).toEqual([
      'refused',
      'withdrawn',
    ]);
    expect((await policy('refused')).version).toBeUndefined();
  });

  it('confirms what the change would come to as things stand then', async () => {
    await server.acme.person('gil');
    const sod = { kind: 'sod', roles: [['crm.reader'], ['crm.writer']], mode: 'preventive', owner: 'olga' };
    const change = await held('apart', sod);
    await server.acme.give('gil', 'crm.reader');
    await server.acme.give('gil', 'crm.writer');
    const { consequences } = await detail(change);
    expect(consequences?.warnings.length).toBeGreaterThan(0);
    expect((await approve(bo, change)).body.code).toBe('confirmation-required');
    expect((await policy('apart')).version).toBeUndefined();
    expect((await approve(bo, change, { confirm: consequences?.confirm })).body.status).toBe('applied');
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
    const { body } = await world.send<{ items: Detail[] }>(null, 'GET', '/api/v1/changes?emergency=true');
    const about = body.items.filter((item) => (item as unknown as { target: string }).target === 'now');
    expect(about).toMatchObject([
      { status: 'applied', emergency: true, reason: 'on fire', requestedBy: `account:${server.acme.accountOf('ada')}` },
    ]);
    const review = await server.until(async () => {
      const { body: reviews } = await world.send<{ items: { title: string }[] }>(null, 'GET', '/api/v1/access-reviews');
      return reviews.items.find(({ title }) => title.includes('policy now'));
    });
    expect(review.title).toContain('changed in an emergency');
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
    data: { by, via: 'session', reason: null, targetVersion: null },
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
