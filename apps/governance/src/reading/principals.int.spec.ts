/** Whom a name leads to, and that nobody becomes somebody else by choosing theirs. On a real database. */
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

const find = (principal: string) => server.app.get(Principals, { strict: false }).find('acme', principal);

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
