/** Who the second person is, over HTTP: somebody else, who may, as many as are wanted; whatever keys and accounts they come with. */
import { readHistory } from '#libs/event-store';
import { connectionSettings } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { changeStream, changeWords } from './change-words.fixture.js';
import { type ChangesWorld, changesWorld, type Hand } from './changes.fixture.js';

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

const { put, policy, approve, refuse, detail, held } = changeWords(() => ({ server, world, asker: ada }));
const FILING = ['admin', 'act-as', 'audit:read'] as const;
const ANSWERING = ['admin', 'act-as'] as const;

describe('the second person', () => {
  it('is never who asked, and needs the right to', async () => {
    const change = await held('own');
    expect(await approve(ada, change)).toMatchObject({ status: 403, body: { code: 'own-change' } });
    await server.acme.person('dan');
    const dan = { headers: await server.acme.session('dan', 'okta') };
    expect((await approve(dan, change)).body.code).toBe('missing-scope');
    expect((await policy('own')).version).toBeUndefined();
  });

  it('is never the key that filed it, whomever it speaks for, nor one that this key made', async () => {
    const filing = { headers: await server.acme.key(FILING) };
    const { change } = (await put(filing, 'by-key')).body;
    const actAs = server.acme.accountOf('bo');
    expect((await approve(filing, change, { actAs })).body.code).toBe('own-change');
    const made = { headers: await server.acme.key(ANSWERING, server.acme.keyOf(FILING)) };
    expect((await approve(made, change, { actAs })).body.code).toBe('own-change');
    const sister = { headers: await server.acme.key(['act-as', 'admin'], server.acme.keyOf(FILING)) };
    const { change: byMade } = (await put(made, 'by-made-key')).body;
    expect((await approve(sister, byMade, { actAs })).body.code).toBe('own-change');
    expect([(await policy('by-key')).version, (await policy('by-made-key')).version]).toEqual([undefined, undefined]);
    expect((await approve(bo, change)).body.status).toBe('applied');
  });

  it('is never who asked by a detour: one’s key is one’s own word', async () => {
    const ofAda = { kind: 'account', id: server.acme.accountOf('ada') } as const;
    const key = { headers: await server.acme.key(ANSWERING, ofAda) };
    const { change: byKey } = (await put(key, 'by-her-key')).body;
    expect((await approve(ada, byKey)).body.code).toBe('own-change');
    const change = await held('by-herself');
    expect((await approve(key, change, { actAs: server.acme.accountOf('bo') })).body.code).toBe('own-change');
    expect([(await policy('by-her-key')).version, (await policy('by-herself')).version]).toEqual([
      undefined,
      undefined,
    ]);
    expect((await approve(bo, byKey)).body.status).toBe('applied');
    expect((await approve(bo, change)).body.status).toBe('applied');
  });

  it('may come through another key, if that speaks for an administrator; so may a refusal, save of one’s own', async () => {
    const change = await held('through-key');
    const key = { headers: await server.acme.key(ANSWERING) };
    const eve = await server.acme.person('eve');
    expect((await approve(key, change)).body.code).toBe('act-as-required');
    expect((await approve(key, change, { actAs: eve })).body.code).toBe('approver-not-admin');
    const no = { reason: 'no', actAs: eve };
    expect((await refuse(key, change, no)).body.code).toBe('approver-not-admin');
    expect((await approve(key, change, { actAs: server.acme.accountOf('bo') })).body.status).toBe('applied');
    const other = await held('through-key-refused');
    const withdrawal = { reason: 'mine', actAs: server.acme.accountOf('ada') };
    expect((await refuse(key, other, withdrawal)).body.status).toBe('refused');
    expect((await detail(other)).refusedBecause).toBe('withdrawn');
  });

  it('is somebody whose right lasts until the change is made: else it is ended', async () => {
    await world.wantSecondPerson(2);
    const change = await held('gone');
    const dora = await world.admin('dora');
    expect((await approve(dora, change)).body.status).toBe('held');
    const source = { kind: 'manual', connection: null, connectionVersion: null, protocol: 'manual', issuer: null };
    await server.acme.run('dora', {
      type: 'Deactivate',
      data: { source, reason: 'leaked', occurredAt: null },
    } as never);
    expect(await approve(bo, change)).toMatchObject({ status: 409, body: { code: 'change-approver-gone' } });
    expect(await detail(change)).toMatchObject({ status: 'refused', refusedBecause: 'outdated' });
    await world.wantSecondPerson(1);
    expect((await policy('gone')).version).toBeUndefined();
  });

  it('is as many as are wanted by then, each another person also where two accounts became one', async () => {
    const change = await held('more');
    await world.wantSecondPerson(2);
    expect((await detail(change)).approvalsNeeded).toBe(2);
    const old = await world.admin('bo-old');
    expect((await approve(old, change)).body.status).toBe('held');
    const data = { into: server.acme.accountOf('bo'), reason: 'the same' };
    await server.acme.run('bo-old', { type: 'MergeInto', data } as never);
    expect((await approve(bo, change)).body.code).toBe('held-change-already-approved');
    expect((await approve(cleo, change)).body.status).toBe('applied');
    await world.wantSecondPerson(1);
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
