/** What events show at once: conformance to policies, and what is unusual without any policy. */
import type { SealedEvent } from '#libs/kernel';
import { connectionSettings } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { ConformanceStep } from './conformance.step.js';
import { comes, DAY, findings, recorded, signsIn, told, watching } from './findings.fixture.js';

jest.setTimeout(120_000);

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  await server.acme.connect('okta', connectionSettings({ authenticationContexts: { mfa: ['urn:mfa'] } } as never));
});
afterAll(() => server.close());

const insights = () => findings(server, { kind: 'insight' });

describe('what must be true of an event', () => {
  const jitMfa = {
    kind: 'conformance',
    event: 'UserProvisioned',
    require: [{ authenticationContext: 'mfa' }, { attribute: 'manager', present: true }],
    action: 'finding',
    maxPerRun: 100,
    owner: null,
  } as const;

  it('is asked of events from when the policy is there, and names what is not met', async () => {
    await comes(server, 'before');
    server.clock.advance(1_000);
    await server.acme.policy('jit-mfa', jitMfa as never);
    server.clock.advance(1_000);
    const weak = await comes(server, 'weak', { context: 'urn:password', manager: 'olga' });
    const alone = await comes(server, 'alone', { context: 'urn:mfa' });
    await comes(server, 'fine', { context: 'urn:mfa', manager: 'olga' });
    await server.settle();
    const found = await findings(server, { kind: 'conformance' });
    expect(found.map(({ account, details }) => [account, details['unmet.0']]).sort()).toEqual(
      [
        [weak, 'authenticationContext mfa'],
        [alone, 'attribute manager present'],
      ].sort(),
    );
    expect(found.map(({ policy, event }) => [policy, event !== null])).toEqual([
      ['jit-mfa', true],
      ['jit-mfa', true],
    ]);
  });
});

describe('what must be true of every sign-in', () => {
  const mfa = {
    kind: 'conformance',
    event: 'SignedIn',
    require: [{ authenticationContext: 'mfa' }],
    action: 'finding',
    maxPerRun: 100,
    owner: null,
  } as const;
  const stateOf = async (account: string) =>
    (await findings(server, { policy: 'sign-in-mfa' }))
      .filter((each) => each.account === account)
      .map(({ status }) => status);
  /** Somebody signs in twice, weak or strong, and the sign-ins are handled the other way round. */
  async function swapped(userName: string, ...contexts: readonly string[]): Promise<string> {
    const account = await comes(server, userName, { context: 'urn:mfa' });
    await server.settle();
    const step = server.app.get(ConformanceStep, { strict: false });
    const held: SealedEvent[] = [];
    const handling = jest.spyOn(step, 'handle').mockImplementation(async (event) => void held.push(event));
    for (const [nth, context] of contexts.entries()) {
      server.clock.advance(1_000);
      await signsIn(server, account, nth + 1, { context });
    }
    await server.settle();
    handling.mockRestore();
    const [first, second] = held;
    for (const event of [second, first]) await step.handle(event as SealedEvent);
    await server.settle();
    return account;
  }

  beforeAll(async () => {
    server.clock.advance(1_000);
    await server.acme.policy('sign-in-mfa', mfa as never);
    server.clock.advance(1_000);
  });

  it('stays a finding where the later sign-in shows it, although the earlier one, without fault, is handled after it', async () =>
    expect(await stateOf(await swapped('late', 'urn:mfa', 'urn:password'))).toEqual(['open']));

  it('is a finding that is over where the later sign-in is without fault, although the earlier one is handled after it', async () =>
    expect(await stateOf(await swapped('early', 'urn:password', 'urn:mfa'))).toEqual(['resolved']));
});

describe('a new connection', () => {
  it('teaches: its first certificates, domains and people are no news', async () => {
    for (let nth = 0; nth < 15; nth += 1)
      await comes(server, `early-${nth}`, {
        certificate: `b${nth % 2}`,
        email: `early-${nth}@domain-${nth % 3}.example`,
      });
    await server.settle();
    expect(await insights()).toEqual([]);
  });
});

describe('a connection that has been in use for a while', () => {
  beforeAll(() => server.clock.advance(10 * DAY));

  it('brings a certificate that it never brought before', async () => {
    await signsIn(server, await comes(server, 'rollover'), 1, { certificate: 'c0' });
    await signsIn(server, await comes(server, 'after-rollover'), 1, { certificate: 'c0' });
    await server.settle();
    const found = await findings(server, { code: 'new-certificate' });
    expect(found.map(({ connection, details }) => [connection, details])).toEqual([
      ['okta', { certificateSha256: 'c0'.padStart(64, '0') }],
    ]);
  });

  it('brings the first account of a domain, which the finding does not name', async () => {
    const account = await comes(server, 'stranger', { email: 'stranger@elsewhere.example' });
    await comes(server, 'second-stranger', { email: 'second@elsewhere.example' });
    await server.settle();
    const found = await findings(server, { code: 'new-domain' });
    expect(told(found)).toEqual([`new-domain ${account} open`]);
    expect(JSON.stringify(found)).not.toContain('elsewhere');
  });

  it('gives a privileged role at the first sign-in', async () => {
    const account = await comes(server, 'at-once', { roles: ['crm.reader', 'prod.admin'] });
    await comes(server, 'ordinary', { roles: ['crm.reader'] });
    await server.acme.person('by-hand');
    await server.acme.give('by-hand', 'prod.admin');
    await server.settle();
    expect(told(await findings(server, { code: 'privileged-at-first-sign-in' }))).toEqual([
      `privileged-at-first-sign-in ${account} open`,
    ]);
  });

  it('brings somebody back after ninety days', async () => {
    const account = await comes(server, 'returning');
    server.clock.advance(90 * DAY);
    await signsIn(server, account, 1);
    await server.settle();
    expect(told(await findings(server, { code: 'sign-in-after-quiet-time' }))).toEqual([
      `sign-in-after-quiet-time ${account} open`,
    ]);
  });

  it('brings twenty people within an hour where hardly anybody came, and that is one finding', async () => {
    for (let nth = 0; nth < 19; nth += 1) await comes(server, `crowd-${nth}`);
    await server.settle();
    expect(await findings(server, { code: 'account-burst' })).toEqual([]);
    for (let nth = 19; nth < 25; nth += 1) await comes(server, `crowd-${nth}`);
    await server.settle();
    expect((await findings(server, { code: 'account-burst' })).map(({ connection }) => connection)).toEqual(['okta']);
  });

  it('turns many away', async () => {
    await refused('quiet-door', 19);
    await server.settle();
    expect(await findings(server, { code: 'refusal-burst' })).toEqual([]);
    await refused('quiet-door', 1, 1);
    await server.settle();
    expect((await findings(server, { code: 'refusal-burst' })).map(({ connection }) => connection)).toEqual([
      'quiet-door',
    ]);
  });
});

describe('when everything is read once more', () => {
  it('nothing is found twice, also where nothing is remembered any more', async () => {
    const before = told(await insights());
    for (const table of ['insight_events', 'insight_hours', 'insight_seen', 'insight_sign_ins'])
      await server.database.query(`delete from governance.${table}`);
    await server.database.query('update governance.places set position = -1');
    server = await server.restart();
    await server.settle();
    expect(told(await insights())).toEqual(before);
    expect((await insights()).every(({ timesRaised }) => timesRaised === 1)).toBe(true);
  });
});

describe('a policy that is switched off', () => {
  it('switches insights off', async () => {
    await server.acme.policy('insights', watching('insight'), { enabled: false });
    await signsIn(server, await comes(server, 'later'), 1, { certificate: 'dd' });
    await server.settle();
    expect(await findings(server, { code: 'new-certificate' })).toHaveLength(1);
  });
});

async function refused(connection: string, count: number, nth = 0): Promise<void> {
  const instant = server.path.clock.now().toISOString();
  const data = {
    connection,
    connectionVersion: null,
    code: 'invalid-signature',
    rule: null,
    verified: false,
    count,
    account: null,
    evidence: null,
    proof: null,
    subject: null,
    claims: null,
    client: null,
    from: instant,
    to: instant,
    softwareVersion: 'test',
  };
  await recorded(server, { category: 'signInRefusal', id: `${connection}-${nth}` }, { type: 'SignInRefused', data });
}
