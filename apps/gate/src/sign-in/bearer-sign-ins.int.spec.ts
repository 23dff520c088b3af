/** Programs bring assertions about people (RFC 7523): each counts once, and makes or updates an account as any sign-in does. */
import { randomUUID } from 'node:crypto';
import { accountDecider, rolesHeld } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { connectionSettings, createSigningKey, FakeOpenIdProvider, rule } from '#libs/testing';
import { type GateServer, startGate } from '../gate-server.fixture.js';
import { BearerSignIns } from './bearer-sign-ins.js';
import type { SignInOutcome } from './sign-in.handler.js';

jest.setTimeout(60_000);

const ISSUER = 'https://hr.example';
const AUDIENCE = 'https://gatebook.example/op/token';

let gate: GateServer;
let issuer: FakeOpenIdProvider;
let bearer: BearerSignIns;
beforeAll(async () => {
  gate = await startGate();
  const client = { clientId: 'unused', clientSecret: 'unused', redirectUri: 'https://unused.example' };
  issuer = await FakeOpenIdProvider.start({ client, now: () => new Date() });
  bearer = gate.app.get(BearerSignIns, { strict: false });
  const settings = connectionSettings({
    protocol: 'jwt',
    saml: null,
    jwt: {
      issuer: ISSUER,
      jwksUri: `${issuer.origin}/jwks`,
      audiences: [AUDIENCE],
      algorithms: ['RS256'],
      maxAge: 'PT5M',
      clockSkew: 'PT30S',
    },
    attributes: { userName: 'email', email: 'email' },
    rules: [
      rule('crm', 'crm-people', ['crm.reader']),
      rule('contractors', 'contractors', [], 1, { directory: 'externals' }),
    ],
  });
  await gate.connect('hr', settings);
  await gate.connect(
    'closed',
    { ...settings, jwt: settings.jwt && { ...settings.jwt, issuer: 'https://closed.example' } },
    { enabled: false },
  );
});
afterAll(async () => {
  await issuer?.close();
  await gate?.close();
});

const claimsOf = (over: object = {}) => {
  const now = Math.floor(Date.now() / 1000);
  const person = { sub: 'ada-1', email: 'ada@acme.example', groups: ['crm-people'] };
  return { iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 120, jti: randomUUID(), ...person, ...over };
};
const assertionOf = (over: object = {}) => issuer.sign({ claims: claimsOf(over) });
const bring = (assertion: string, connection = 'hr'): Promise<SignInOutcome> =>
  bearer.signIn({
    connection,
    assertion,
    client: { address: '127.0.0.1', userAgent: 'test' },
    requestId: randomUUID(),
  });
const eventsOf = async (...categories: string[]) => {
  const { events } = await gate.path.store.readLog({ after: -1, categories });
  return events.map(({ id, type, data }) => ({ id, type, data: data as Readonly<Record<string, unknown>> }));
};
const rolesOf = async ({ tenant, account }: SignInOutcome) => {
  const stream = streamName({ category: 'account', tenant, id: account });
  const { state } = await readAggregate(gate.path, stream, accountDecider);
  return [...rolesHeld(state, new Date().toISOString())];
};

describe('an assertion that a program brings', () => {
  it('makes an account at the first, finds it at the next, and follows the groups', async () => {
    const first = await bring(await assertionOf());
    expect(await rolesOf(first)).toEqual(['crm.reader']);
    const second = await bring(await assertionOf({ groups: [] }));
    expect([second.account, await rolesOf(second)]).toEqual([first.account, []]);
    expect(second.revision).toBeGreaterThan(first.revision);
  });

  it('goes where a rule says, once: whoever has an account stays in its directory', async () => {
    const cleo = { sub: 'cleo-1', email: 'cleo@acme.example' };
    const first = await bring(await assertionOf({ ...cleo, groups: ['contractors'] }));
    const second = await bring(await assertionOf({ ...cleo, groups: [] }));
    expect(second.account).toBe(first.account);
    const made = (await eventsOf('account')).find(
      ({ data, type }) => type === 'UserProvisioned' && data['account'] === first.account,
    );
    expect(made?.data).toMatchObject({ directory: 'externals' });
    const directories = (await eventsOf('signIn'))
      .filter(({ data }) => data['account'] === first.account)
      .map(({ data }) => data['directory']);
    expect(directories).toEqual(['externals', 'externals']);
  });

  it('leaves its evidence in the log, and begins no session', async () => {
    const { evidence } = await bring(await assertionOf());
    const signedIn = (await eventsOf('signIn')).find(({ id }) => id === evidence);
    expect(signedIn?.data).toMatchObject({
      connection: 'hr',
      protocol: 'jwt',
      proof: { issuer: ISSUER, initiatedBy: 'idp' },
    });
  });

  it('counts once, also of many at the same time', async () => {
    const assertion = await assertionOf();
    const brought = await Promise.allSettled(Array.from({ length: 8 }, () => bring(assertion)));
    expect(brought.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(bring(assertion)).rejects.toMatchObject({ code: 'assertion-replayed' });
  });

  it('counts once by its id: another text under the same id is a replay, too', async () => {
    const jti = randomUUID();
    await bring(await assertionOf({ jti }));
    await expect(bring(await assertionOf({ jti, groups: ['crm-people', 'board'] }))).rejects.toMatchObject({
      code: 'assertion-replayed',
    });
  });

  it.each([
    ['for another server', { aud: 'https://other.example' }, 'wrong-audience'],
    ['for several servers', { aud: [AUDIENCE, 'https://other.example'] }, 'wrong-audience'],
    ['of another issuer', { iss: 'https://evil.example' }, 'wrong-issuer'],
    ['without an id', { jti: undefined }, 'missing-token-id'],
  ])('is refused when it is %s, and that is recorded', async (_how, over, code) => {
    await expect(bring(await assertionOf(over))).rejects.toMatchObject({ code });
    const refused = (await eventsOf('signInRefusal')).at(-1);
    expect(refused?.data).toMatchObject({ connection: 'hr', code });
  });

  it('is refused when a stranger signed it, and says nothing about anybody then', async () => {
    const stranger = await createSigningKey('key-1');
    const forged = await issuer.sign({ claims: claimsOf() }, stranger);
    await expect(bring(forged)).rejects.toMatchObject({ code: 'invalid-signature' });
    const refused = (await eventsOf('signInRefusal')).at(-1);
    expect(refused?.data).toMatchObject({ verified: false, proof: null });
  });

  it('does not come in by a connection that is switched off, unknown, or for browsers', async () => {
    const closed = await assertionOf({ iss: 'https://closed.example' });
    await expect(bring(closed, 'closed')).rejects.toMatchObject({ code: 'connection-disabled' });
    await expect(bring(await assertionOf(), 'nobody-knows')).rejects.toMatchObject({ code: 'unknown-connection' });
    await gate.connect('for-browsers', connectionSettings());
    await expect(bring(await assertionOf(), 'for-browsers')).rejects.toMatchObject({ code: 'unknown-connection' });
  });

  it('leads to the connection that trusts its issuer, of the tenant that is asked', async () => {
    const assertion = await assertionOf();
    expect(await bearer.connectionFor(assertion, 'acme')).toBe('hr');
    expect(await bearer.connectionFor(assertion, 'globex')).toBeNull();
    expect(await bearer.connectionFor(await assertionOf({ iss: 'https://closed.example' }), 'acme')).toBeNull();
    expect(await bearer.connectionFor('no token at all', 'acme')).toBeNull();
  });
});
