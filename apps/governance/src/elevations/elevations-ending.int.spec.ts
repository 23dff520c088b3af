/** Elevations under way: how they go on and end, over HTTP, by themselves, and after a process died in the middle. */
import { connectionSettings } from '#libs/testing';
import {
  as,
  begun,
  comeToEnd,
  events,
  HOUR,
  holds,
  key,
  look,
  policy,
  read,
  requested,
  send,
  sessions,
  startElevations,
  statusOf,
  world,
} from './elevations.fixture.js';

jest.setTimeout(120_000);

beforeAll(() => startElevations(connectionSettings()));
afterEach(comeToEnd);
afterAll(() => world.server.close());

describe('an elevation under way', () => {
  it('is gone at its second, and its sessions with the next look; it is written down with its own end', async () => {
    const id = await begun();
    const headers = await as('ada');
    world.server.clock.advance(2 * HOUR - 1);
    expect([await holds('ada'), (await statusOf(id)).status]).toEqual([true, 'active']);
    const until = new Date(world.server.clock.now().getTime() + 1).toISOString();
    world.server.clock.advance(1);
    await world.server.settle();
    expect([await holds('ada'), (await statusOf(id)).status, (await statusOf(id))['endedAt']]).toEqual([
      false,
      'ended',
      until,
    ]);
    world.server.clock.advance(10 * 60_000);
    await look();
    expect((await events(id)).at(-1)).toMatchObject({
      type: 'ElevationEnded',
      data: { code: 'time-over', effectiveAt: until },
    });
    expect((await read('', headers)).status).toBe(401);
  });

  it('is ended early by who has it, not by strangers; sessions end with the answer', async () => {
    const id = await begun();
    const headers = await as('ada');
    expect((await send(`/${id}/end`, { reason: 'x' }, await as('mallory'))).body.code).toBe('elevation-not-yours');
    world.server.clock.advance(HOUR / 2);
    const { body } = await send(`/${id}/end`, { reason: 'repaired' }, headers, 'end-it');
    expect([body.status, await holds('ada')]).toEqual(['ended', false]);
    expect((await read('', headers)).status).toBe(401);
    sessions.delete('ada');
    expect((await events(id)).at(-1)).toMatchObject({
      data: { code: 'by-hand', by: world.accounts.ada, reason: 'repaired' },
    });
    expect((await send(`/${id}/end`, { reason: 'repaired' }, await as('ada'), 'end-it')).body.status).toBe('ended');
    expect((await send(`/${id}/end`, { reason: 'again' }, await as('ada'))).body.code).toBe('elevation-not-active');
  });

  it('is ended by a key that speaks for nobody: taking access away needs no person', async () => {
    const id = await begun();
    const { body } = await send(`/${id}/end`, { reason: 'stop' }, await key('elevations:write'));
    expect([body.status, await holds('ada')]).toEqual(['ended', false]);
  });

  it('goes on for longer when an approver agrees, and then ends at the later end', async () => {
    const id = await begun();
    world.server.clock.advance(HOUR);
    sessions.clear(); // idle for too long
    expect((await send(`/${id}/extend`, { duration: 'PT1H', reason: 'me' }, await as('ada'))).body.code).toBe(
      'own-elevation',
    );
    expect((await send(`/${id}/extend`, { duration: 'PT4H', reason: 'x' }, await as('olga'))).body.code).toBe(
      'elevation-too-long',
    );
    const { body } = await send(`/${id}/extend`, { duration: 'PT1H', reason: 'goes on' }, await as('olga'));
    expect(body.status).toBe('active');
    world.server.clock.advance(HOUR);
    await look();
    expect([await holds('ada'), (await statusOf(id)).status]).toEqual([true, 'active']);
    world.server.clock.advance(HOUR);
    expect(await holds('ada')).toBe(false);
    await look();
    const last = (await events(id)).at(-1);
    expect(last).toMatchObject({ type: 'ElevationEnded', data: { code: 'time-over' } });
    expect((await world.server.acme.state('ada')).grants.size).toBe(0);
  });

  it('is over when its grant is revoked otherwise', async () => {
    const id = await begun();
    const [grant] = [...(await world.server.acme.state('ada')).grants.keys()];
    world.server.clock.advance(60_000);
    const at = world.server.clock.now().toISOString();
    const data = { grant: grant ?? '', withhold: false, decision: null, reason: 'stolen laptop' };
    await world.server.acme.run('ada', { type: 'RevokeGrant', data });
    await look();
    expect((await events(id)).at(-1)).toMatchObject({
      type: 'ElevationEnded',
      data: { code: 'revoked', effectiveAt: at },
    });
  });
});

describe('what a process that died left undone', () => {
  const losing = (type: string) => {
    const { append } = world.server.path.store;
    world.server.path.store.append = (stream, expected, some) => {
      if (stream.startsWith('account-') && some.some((event) => event.type === type))
        throw new TypeError('the process dies here');
      return append.call(world.server.path.store, stream, expected, some);
    };
    return () => {
      world.server.path.store.append = append;
    };
  };

  it('a grant that was approved and not given is given by the next one, once', async () => {
    const id = await requested();
    const heal = losing('RolesAssigned');
    expect((await send(`/${id}/approve`, {}, await as('olga'), 'approve-it')).status).toBe(500);
    heal();
    expect([(await events(id)).at(-1)?.type, await holds('ada')]).toEqual(['ElevationApproved', false]);
    world.server.clock.advance(10_000);
    await look();
    await look();
    expect(await holds('ada')).toBe(true);
    expect((await send(`/${id}/approve`, {}, await as('olga'), 'approve-it')).body.status).toBe('active');
    expect((await world.server.acme.state('ada')).grants.size).toBe(1);
  });

  it('one whose time ran out meanwhile is never given', async () => {
    const id = await requested();
    const heal = losing('RolesAssigned');
    await send(`/${id}/approve`, {}, await as('olga'));
    heal();
    world.server.clock.advance(3 * HOUR);
    await look();
    expect((await events(id)).at(-1)).toMatchObject({ type: 'ElevationEnded', data: { code: 'time-over' } });
    expect((await world.server.acme.state('ada')).grants.size).toBe(0);
  });

  it('one whose policy was switched off meanwhile is never given, and says so', async () => {
    const settings = policy({ roles: ['crm.writer'] });
    await world.server.acme.policy('elevate-crm', settings);
    const id = await requested({ role: 'crm.writer' });
    const heal = losing('RolesAssigned');
    await send(`/${id}/approve`, {}, await as('olga'));
    await world.server.acme.policy('elevate-crm', settings, { enabled: false });
    heal();
    world.server.clock.advance(10_000);
    await look();
    expect((await events(id)).at(-1)).toMatchObject({
      type: 'ElevationRefused',
      data: { code: 'not-possible', reason: 'elevation-role-not-offered' },
    });
    expect((await world.server.acme.state('ada')).grants.size).toBe(0);
  });

  it('a grant that comes when all is over ends as soon as it is read', async () => {
    const id = await requested();
    const heal = losing('RolesAssigned');
    await send(`/${id}/approve`, {}, await as('olga'));
    heal();
    expect((await send(`/${id}/end`, { reason: 'no need' }, await as('ada'))).body.status).toBe('ended');
    const approved = (await events(id)).find(({ type }) => type === 'ElevationApproved');
    const named = approved?.data as { grant: string; until: string };
    const given = { elevation: id, role: 'prod.operator', sod: [], overrideWithholding: true, evidence: null };
    const data = { ...given, grant: named.grant, until: named.until, reason: 'late' };
    await world.server.acme.run('ada', { type: 'GrantElevation', data });
    expect(await holds('ada')).toBe(true);
    await world.server.settle();
    expect(await holds('ada')).toBe(false);
  });

  it('the end is caught up with after a restart', async () => {
    const id = await begun();
    world.server.clock.advance(5 * HOUR);
    world.server = await world.server.restart();
    expect(await holds('ada')).toBe(false);
    await world.server.until(async () => (await events(id)).at(-1)?.type === 'ElevationEnded');
    expect((await world.server.acme.state('ada')).grants.size).toBe(0);
  });
});
