import { randomUUID } from 'node:crypto';
import { createSigningKey } from '#libs/testing';
import { BrowserLess } from './support/browser-less.js';
import { api } from './support/installation.js';
import {
  accountOf,
  HOOK_SECRET,
  PUSH_SECRET,
  recorded,
  type SignOutInstallation,
  signedIn,
  signInAt,
  startSignOutInstallation,
} from './support/sign-out-installation.js';

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const REVOKED = `${CAEP}session-revoked`;
const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

const person = (name: string, sid = `${name}-1`) => ({
  sub: `sub-of-${name}`,
  sid,
  email: `${name}@acme.example`,
  preferred_username: `${name}@acme.example`,
  name,
});
const seconds = () => Math.floor(Date.now() / 1000);

// Goal: what a provider says by itself takes effect at once, once, and as far as the connection lets it; what others say has none.
describe('a provider that says by itself what happened', () => {
  let installation: SignOutInstallation;
  let url: string;
  beforeAll(async () => {
    installation = await startSignOutInstallation();
    url = installation.server.url;
  }, 60_000);
  afterAll(() => installation?.stop());

  type Connection = 'corp-oidc' | 'strict-oidc';
  const providerOf = (connection: Connection) =>
    connection === 'corp-oidc' ? installation.provider : installation.strict;
  const named = (name: string, connection: Connection = 'corp-oidc') => ({
    format: 'iss_sub',
    iss: providerOf(connection).issuer,
    sub: `sub-of-${name}`,
  });
  const token = (
    over: Record<string, unknown>,
    connection: Connection = 'corp-oidc',
    key = providerOf(connection).key,
  ) =>
    providerOf(connection).sign(
      {
        header: { typ: 'secevent+jwt' },
        claims: {
          iss: providerOf(connection).issuer,
          aud: `${url}/signals/${connection}`,
          iat: seconds(),
          jti: randomUUID(),
          events: { [REVOKED]: {} },
          ...over,
        },
      },
      key,
    );
  const push = async (body: string, connection = 'corp-oidc', headers: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`${url}/signals/${connection}`, {
      method: 'POST',
      headers: { 'content-type': 'application/secevent+jwt', ...headers },
      body,
    });
    const text = await answer.text();
    return [answer.status, text === '' ? '' : JSON.parse(text).err];
  };
  const strictly = { authorization: `Bearer ${PUSH_SECRET}` };
  const statusOf = async (name: string) => {
    const id = await accountOf(installation.server, `${name}@acme.example`);
    return async () => (await api(installation.server, `/api/v1/accounts/${id}?tenant=acme`)).body.status;
  };
  const until = async (read: () => Promise<unknown>, expected: unknown) => {
    for (let tries = 0; tries < 200 && (await read()) !== expected; tries += 1)
      await new Promise((next) => setTimeout(next, 25));
    expect(await read()).toBe(expected);
  };

  it('ends sessions of the person, and tells how long it took', async () => {
    const [ada, bob] = [new BrowserLess(), new BrowserLess()];
    await signInAt(ada, installation, person('ada'));
    await signInAt(bob, installation, person('bob'));
    const jti = randomUUID();
    const event = { [REVOKED]: { event_timestamp: seconds() - 5, reason_admin: { en: 'stolen laptop of ada' } } };
    expect(await push(await token({ jti, sub_id: named('ada'), events: event }))).toEqual([202, '']);
    expect(await signedIn(installation.server, ada, bob)).toEqual([false, true]);
    const [signal] = await recorded(installation.server, 'SignalReceived', ({ data }) => data.signalId === jti);
    const account = await accountOf(installation.server, 'ada@acme.example');
    expect(signal?.data).toMatchObject({ kind: 'session-revoked', account, issuer: installation.provider.issuer });
    const [ended] = await recorded(installation.server, 'SessionsEnded', ({ data }) => data.signal === signal?.id);
    expect(ended?.data).toMatchObject({ account, sessions: 1 });
    expect(ended?.data.sinceReceivedMs).toBeLessThan(5_000);
    expect(ended?.data.sinceOccurredMs).toBeGreaterThanOrEqual(4_000);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/source_signal_to_effect_seconds_count\{kind="session-revoked",since="received"\} \d/);
  });

  it('ends one session where it names one, in the words of drafts too', async () => {
    const [one, two] = [new BrowserLess(), new BrowserLess()];
    await signInAt(one, installation, person('cyd', 'cyd-1'));
    await signInAt(two, installation, person('cyd', 'cyd-2'));
    const subject = { user: named('cyd'), session: { format: 'opaque', id: 'cyd-2' } };
    expect(await push(await token({ events: { [REVOKED]: { subject } } }))).toEqual([202, '']);
    expect(await signedIn(installation.server, one, two)).toEqual([true, false]);
  });

  it.each(['credential-change'])('ends sessions after a %s', async (kind) => {
    const browser = new BrowserLess();
    await signInAt(browser, installation, person('dot'));
    await push(await token({ sub_id: named('dot'), events: { [CAEP + kind]: { change_type: 'update' } } }));
    expect(await signedIn(installation.server, browser)).toEqual([false]);
  });

  it('may name a person by an address of its own domains, or by their name, and by no other', async () => {
    const browser = new BrowserLess();
    const about = async (sub_id: object) => push(await token({ sub_id }));
    await signInAt(browser, installation, person('eli'));
    await accountOf(installation.server, 'eli@acme.example');
    for (const sub_id of [
      { format: 'email', email: 'eli@other.example' },
      { format: 'email', email: 'eli' },
      { format: 'account', uri: 'acct:eli@other.example' },
      { format: 'iss_sub', iss: 'https://other.example', sub: 'sub-of-eli' },
      { format: 'phone_number', phone_number: '+12065550100' },
    ])
      expect(await about(sub_id)).toEqual([202, '']);
    expect(await signedIn(installation.server, browser)).toEqual([true]);
    expect(await about({ format: 'email', email: 'eli@acme.example' })).toEqual([202, '']);
    expect(await signedIn(installation.server, browser)).toEqual([false]);
    await signInAt(browser, installation, person('eli'));
    expect(await about({ format: 'account', uri: 'acct:eli@acme.example' })).toEqual([202, '']);
    expect(await signedIn(installation.server, browser)).toEqual([false]);
  });

  it('speaks of nobody who never came through it', async () => {
    const browser = new BrowserLess();
    await signInAt(browser, installation, person('flo'));
    await accountOf(installation.server, 'flo@acme.example');
    const sub_id = { format: 'email', email: 'flo@acme.example' };
    const events = { [`${RISC}account-disabled`]: {} };
    expect(await push(await token({ sub_id, events }, 'strict-oidc'), 'strict-oidc', strictly)).toEqual([202, '']);
    expect(await signedIn(installation.server, browser)).toEqual([true]);
    expect(await (await statusOf('flo'))()).toBe('active');
  });

  it('is taken once: what comes again is taken, and what began meanwhile goes on', async () => {
    const browser = new BrowserLess();
    await signInAt(browser, installation, person('gil'));
    const said = await token({ sub_id: named('gil') });
    expect(await push(said)).toEqual([202, '']);
    await signInAt(browser, installation, person('gil'));
    expect(await push(said)).toEqual([202, '']);
    expect(await signedIn(installation.server, browser)).toEqual([true]);
  });

  it('does not end what began after what it speaks of', async () => {
    const browser = new BrowserLess();
    await signInAt(browser, installation, person('hum'));
    const sub_id = named('hum');
    const late = { sub_id, events: { [REVOKED]: { event_timestamp: seconds() - 3_600 } } };
    expect(await push(await token(late))).toEqual([202, '']);
    expect(await signedIn(installation.server, browser)).toEqual([true]);
  });

  it('suspends an account where the connection lets it, and lets count again what it suspended', async () => {
    const browser = new BrowserLess();
    await signInAt(browser, installation, person('ivy'), 'strict-oidc');
    const status = await statusOf('ivy');
    const say = async (kind: string) => {
      const claims = { sub_id: named('ivy', 'strict-oidc'), events: { [RISC + kind]: {} } };
      expect(await push(await token(claims, 'strict-oidc'), 'strict-oidc', strictly)).toEqual([202, '']);
    };
    await say('account-disabled');
    expect(await signedIn(installation.server, browser)).toEqual([false]);
    await until(status, 'deactivated');
    await say('account-enabled');
    await until(status, 'active');
    await say('account-enabled'); // is so already
    await say('account-purged');
    await until(status, 'deactivated');
  });

  it('lets nobody back whom somebody else suspended, and suspends nobody where it may not', async () => {
    const browser = new BrowserLess();
    await signInAt(browser, installation, person('jan'), 'strict-oidc');
    const status = await statusOf('jan');
    const id = await accountOf(installation.server, 'jan@acme.example');
    const body = { reason: 'on leave' };
    await api(installation.server, `/api/v1/accounts/${id}/deactivate?tenant=acme`, { method: 'POST', body });
    const enabled = { sub_id: named('jan', 'strict-oidc'), events: { [`${RISC}account-enabled`]: {} } };
    expect(await push(await token(enabled, 'strict-oidc'), 'strict-oidc', strictly)).toEqual([202, '']);
    await until(status, 'deactivated');

    const other = new BrowserLess();
    await signInAt(other, installation, person('kai'));
    await push(await token({ sub_id: named('kai'), events: { [`${RISC}account-disabled`]: {} } }));
    expect(await signedIn(installation.server, other)).toEqual([false]);
    await until(await statusOf('kai'), 'active');
  });

  it('may ask whether it is heard, and say what nothing follows from', async () => {
    const events = { [VERIFICATION]: { state: 'x' }, [`${CAEP}device-compliance-change`]: {} };
    expect(await push(await token({ events }))).toEqual([202, '']);
  });

  it('is told why it is not believed, and nothing follows', async () => {
    const stays = new BrowserLess();
    await signInAt(stays, installation, person('liv'));
    const sub_id = named('liv');
    const stranger = await createSigningKey(installation.provider.key.kid);
    expect(await push(await token({ sub_id }, 'corp-oidc', stranger))).toEqual([400, 'invalid_key']);
    expect(await push(await token({ sub_id, iss: 'https://evil.example' }))).toEqual([400, 'invalid_issuer']);
    expect(await push(await token({ sub_id, aud: 'https://other.example' }))).toEqual([400, 'invalid_audience']);
    expect(await push(await token({ sub_id, jti: undefined }))).toEqual([400, 'invalid_request']);
    expect(await push('not a token')).toEqual([400, 'invalid_request']);
    expect(await push('')).toEqual([400, 'invalid_request']);
    expect(await push('x'.repeat(70_000))).toEqual([400, 'invalid_request']);
    expect(await push(await token({ sub_id }), 'corp-oidc', { 'content-type': 'application/json' })).toEqual([
      400,
      'invalid_request',
    ]);
    expect(await push(await token({ sub_id }), 'nowhere')).toEqual([400, 'access_denied']);
    expect(await push(await token({ sub_id }), 'corp')).toEqual([400, 'access_denied']);
    expect(await push(await token({ sub_id }), 'strict-oidc')).toEqual([400, 'authentication_failed']);
    const wrong = { authorization: `Bearer ${PUSH_SECRET}x` };
    expect(await push(await token({ sub_id }), 'strict-oidc', wrong)).toEqual([400, 'authentication_failed']);
    expect(await signedIn(installation.server, stays)).toEqual([true]);
    // control
    expect(await push(await token({ sub_id }))).toEqual([202, '']);
    expect(await signedIn(installation.server, stays)).toEqual([false]);
  });

  describe('by an event hook, which is a hint', () => {
    const address = (connection = 'corp-oidc') => `${url}/signals/${connection}/event-hook`;
    const hooked = (eventType: string, target: object[], uuid = randomUUID()) => ({
      eventType: 'com.okta.event_hook',
      data: { events: [{ uuid, published: new Date().toISOString(), eventType, target }] },
    });
    const send = async (body: unknown, headers: Readonly<Record<string, string>> = { authorization: HOOK_SECRET }) =>
      (
        await fetch(address(), {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        })
      ).status;
    const user = (id: string, alternateId: string) => ({ id, type: 'User', alternateId, displayName: 'Somebody' });

    it('answers the challenge to whoever knows the secret', async () => {
      const ask = (headers: Readonly<Record<string, string>>) => fetch(address(), { headers });
      const challenge = { 'x-okta-verification-challenge': 'abc-123' };
      const answer = await ask({ ...challenge, authorization: HOOK_SECRET });
      expect([answer.status, await answer.json()]).toEqual([200, { verification: 'abc-123' }]);
      expect((await ask(challenge)).status).toBe(401);
      expect((await ask({ authorization: HOOK_SECRET })).status).toBe(400);
      const elsewhere = await fetch(address('strict-oidc'), { headers: { ...challenge, authorization: HOOK_SECRET } });
      expect(elsewhere.status).toBe(404);
    });

    it('ends the sessions of the person, known by id or by address, and suspends nobody', async () => {
      const [one, other] = [new BrowserLess(), new BrowserLess()];
      await signInAt(one, installation, person('mae'));
      await signInAt(other, installation, person('nia'));
      await accountOf(installation.server, 'nia@acme.example');
      const uuid = randomUUID();
      expect(await send(hooked('user.lifecycle.suspend', [user('sub-of-mae', 'mae@acme.example')], uuid))).toBe(204);
      expect(await signedIn(installation.server, one, other)).toEqual([false, true]);
      expect(await send(hooked('user.session.clear', [user('00u1', 'nia@acme.example')]))).toBe(204);
      expect(await signedIn(installation.server, other)).toEqual([false]);
      const [signal] = await recorded(installation.server, 'SignalReceived', ({ data }) => data.signalId === uuid);
      expect(signal?.data).toMatchObject({ kind: 'event-hook', keySha256: null });
      await until(await statusOf('mae'), 'active');
    });

    it('does nothing for strangers, for other events, or without the secret', async () => {
      const stays = new BrowserLess();
      await signInAt(stays, installation, person('oda'));
      const target = [user('sub-of-oda', 'oda@acme.example')];
      expect(await send(hooked('user.account.update_profile', target))).toBe(204);
      expect(await send(hooked('user.session.clear', [user('nobody', 'oda@other.example')]))).toBe(204);
      expect(await send(hooked('user.session.clear', target), {})).toBe(401);
      expect(await send(hooked('user.session.clear', target), { authorization: `${HOOK_SECRET}x` })).toBe(401);
      const [event] = hooked('user.session.clear', target).data.events;
      expect(await send({ data: { events: Array.from({ length: 101 }, () => event) } })).toBe(400);
      expect(await send({ data: 'x' })).toBe(400);
      expect(await signedIn(installation.server, stays)).toEqual([true]);
      expect(await send(hooked('user.session.clear', target))).toBe(204);
      expect(await signedIn(installation.server, stays)).toEqual([false]);
    });
  });

  it('leaves nothing that names a person in the log', async () => {
    const output = installation.server.output();
    for (const name of ['sub-of-', '@acme.example', PUSH_SECRET, HOOK_SECRET]) expect(output).not.toContain(name);
  });
});
