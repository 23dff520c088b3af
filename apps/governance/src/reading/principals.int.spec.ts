/** Whom a name leads to, and that nobody becomes somebody else by choosing theirs. On a real database. */
import type { TenantSettings } from '#libs/contracts';
import { tenantDecider } from '#libs/domain';
import { decideAndAppend, readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { connectionSettings } from '#libs/testing';
import { comes } from '../findings/findings.fixture.js';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { Principals } from './principals.js';

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  await server.acme.connect('okta', connectionSettings({ domains: ['acme.example'] }));
  await server.acme.connect('partner', connectionSettings({ domains: ['partner.example'] }));
}, 60_000);
afterAll(() => server.close());

const find = (principal: string, directory?: string) =>
  server.app.get(Principals, { strict: false }).find('acme', principal, directory);

describe('a name that reads as an e-mail address', () => {
  it('leads to whoever is called so by a connection that owns the domain', async () => {
    const account = await comes(server, 'ann@acme.example', { connection: 'okta', email: 'ann.other@acme.example' });
    await server.until(async () => (await find('ann.other@acme.example')) !== null);
    expect(await find('ann@acme.example')).toBe(account);
    expect(await find('Ann@Acme.example')).toBe(account);
  });

  it('leads to whoever an administrator calls so', async () => {
    const account = await server.acme.person('robot@elsewhere.example');
    expect(await server.until(() => find('robot@elsewhere.example'))).toBe(account);
  });

  it('leads to whose address it is, and not to a stranger who is called so by their own source', async () => {
    const stranger = await comes(server, 'ciso@acme.example', { connection: 'partner', email: 'eve@partner.example' });
    const ciso = await comes(server, 'u123', { connection: 'okta', email: 'ciso@acme.example' });
    await server.until(async () => (await find('u123')) !== null);
    expect(await find('ciso@acme.example')).toBe(ciso);
    expect(await find('eve@partner.example')).toBe(stranger);
  });

  it('leads to nobody where only a stranger is called so', async () => {
    await comes(server, 'cfo@acme.example', { connection: 'partner', email: 'mallory@partner.example' });
    await server.until(async () => (await find('mallory@partner.example')) !== null);
    expect(await find('cfo@acme.example')).toBeNull();
  });

  it('leads to nobody where one is called so and another has the address', async () => {
    await comes(server, 'bo@acme.example', { connection: 'okta', email: 'first@acme.example' });
    await comes(server, 'second', { connection: 'okta', email: 'bo@acme.example' });
    await server.until(async () => (await find('second')) !== null);
    expect(await find('bo@acme.example')).toBeNull();
    expect(await find('first@acme.example')).not.toBeNull();
  });
});

describe('a plain name', () => {
  beforeAll(async () => {
    const stream = streamName({ category: 'tenant', tenant: 'acme', id: 'acme' });
    const { state } = await readAggregate(server.path, stream, tenantDecider);
    const directories = ['staff', 'partners'].map((id) => ({ id, authority: {} }));
    await decideAndAppend(server.path, stream, tenantDecider, {
      type: 'ConfigureTenant',
      data: { tenant: 'acme', settings: { ...state.settings, directories } as TenantSettings, reason: null },
      metadata: server.acme.metadata('partners have a directory of their own'),
    });
    await server.catalog.current();
  });
  const partner = { connection: 'partner', directory: 'partners' } as const;
  const known = (email: string) => server.until(() => find(email));

  it('leads to nobody where only a stranger in another directory is called so', async () => {
    const email = 'cso@partner.example';
    const stranger = await comes(server, 'cso', { ...partner, email });
    expect(await known(email)).toBe(stranger);
    expect(await find('cso')).toBeNull();
  });

  it('is not taken from anybody by a stranger who is called so as well', async () => {
    const own = await comes(server, 'boss', { connection: 'okta', email: 'boss@acme.example' });
    const other = await comes(server, 'boss', { ...partner, email: 'boss@partner.example' });
    await known('boss@acme.example');
    await known('boss@partner.example');
    expect(await find('boss')).toBe(own);
    expect(await find('boss', 'partners')).toBe(other);
  });

  it('leads into any directory where an administrator calls somebody so, unless that makes two', async () => {
    const robot = await server.acme.person('robot');
    expect(await server.until(() => find('robot', 'partners'))).toBe(robot);
    await comes(server, 'robot', { ...partner, email: 'robot@partner.example' });
    await known('robot@partner.example');
    expect(await find('robot', 'partners')).toBeNull();
    expect(await find('robot')).toBe(robot);
  });
});
