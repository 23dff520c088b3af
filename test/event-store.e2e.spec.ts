/**
 * A whole server whose events are kept in KurrentDB: the main job, its ends and beginnings, a store that goes and comes back, and stores that
 * it must not use. On the stand-in, and on the real server that `TEST_EVENT_STORE_URL` names, which has to be empty.
 */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { BEFORE_FIRST, kurrentDbEventStore } from '#libs/event-store';
import { type StandInProcess, startKurrentDbStandInProcess } from '#libs/testing';
import { BrowserLess, textOf } from './support/browser-less.js';
import {
  type ApiAnswer,
  answerFor,
  api,
  eventually,
  type Installation,
  type LoggedEvent,
  signIn,
  startInstallation,
  wholeLog,
} from './support/installation.js';
import { dataFolder, freePort, startRefused } from './support/started-server.js';

jest.setTimeout(180_000);

/** A start that is refused says so within this time, milliseconds. */
const REFUSED_WITHIN_MS = 60_000;

/** Longest wait for a server to notice that its store went or came, milliseconds. */
const NOTICED_WITHIN_MS = 60_000;

const COMMAND_LINE = resolve(__dirname, '../dist/apps/cli/src/main.js');

const person = (name: string) => ({ nameId: `id-of-${name}`, email: `${name}@acme.example`, groups: ['crm-admins'] });

/** Runs `gatebook` on an installation whose server has ended. */
function gatebook(env: Readonly<Record<string, string>>, ...args: string[]): Promise<{ code: number; out: string }> {
  const whole = { PATH: process.env['PATH'] ?? '', ...env };
  return new Promise((done) => {
    const child = execFile(process.execPath, [COMMAND_LINE, ...args], { env: whole }, (_error, out, err) =>
      done({ code: child.exitCode ?? -1, out: out + err }),
    );
  });
}

async function within(milliseconds: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not so within ${milliseconds} ms.`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** What every server of this kind does. */
function mainJob(storeUrl: () => string): void {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startInstallation({ EVENT_STORE_URL: storeUrl() });
  });
  afterAll(() => installation?.server.stop());

  const accountOf = async (name: string) => {
    const ask = () => api(installation.server, `/api/v1/accounts?tenant=acme&userName=${name}@acme.example`);
    return (await eventually(ask, ({ body }) => body.items?.length === 1)).body.items[0];
  };

  it('lets a stranger in, with roles by rule, and tells an auditor why', async () => {
    const browser = new BrowserLess();
    const answer = await signIn(browser, installation, person('ada'));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/me']);
    expect(textOf(await (await browser.go(`${installation.server.url}/me`)).text())).toContain('Ada Lovelace');
    const account = await accountOf('ada');
    expect(account.roles).toEqual(['crm.admin', 'crm.reader']);
    const access = await api(installation.server, `/api/v1/access?tenant=acme&account=${account.id}&role=crm.admin`);
    const why = await api(installation.server, `/api/v1/access/${access.body.items[0].id}/why?tenant=acme`);
    const types = why.body.because.map(({ event }: { event: { type: string } }) => event.type);
    expect(types).toEqual(expect.arrayContaining(['RolesAssigned', 'SignedIn', 'ConnectionRegistered']));
  });

  it('takes back what the groups no longer give', async () => {
    await signIn(new BrowserLess(), installation, { ...person('grace') });
    const { id } = await accountOf('grace');
    await signIn(new BrowserLess(), installation, { ...person('grace'), groups: [] });
    const ask = () => api(installation.server, `/api/v1/accounts/${id}?tenant=acme`);
    await eventually(ask, ({ body }) => JSON.stringify(body.roles) === '["crm.reader"]');
  });

  it('records nothing but SignedIn when nothing has changed', async () => {
    const before = await wholeLog(installation.server);
    await signIn(new BrowserLess(), installation, person('ada'));
    const ask = () => api(installation.server, `/api/v1/events?limit=200&after=${before.at(-1)?.position}`);
    // that this test reads the log is recorded too
    const typesIn = ({ body }: ApiAnswer): string[] =>
      body.items.map(({ type }: LoggedEvent) => type).filter((type: string) => type !== 'AuditRead');
    const answer = await eventually(ask, (found) => typesIn(found).length > 0);
    expect(typesIn(answer)).toEqual(['SignedIn']);
  });

  it('has it all after a new start, at the same positions, and verifies', async () => {
    const browser = new BrowserLess();
    expect((await signIn(browser, installation, person('emmy'))).status).toBe(303);
    await accountOf('emmy');
    const before = await wholeLog(installation.server);
    await installation.server.stop();
    const env = { GATEBOOK_DATA_DIR: installation.server.dataDir, EVENT_STORE_URL: storeUrl() };
    const verified = await gatebook(env, 'verify', '--json');
    expect(verified).toMatchObject({ code: 0 });
    expect(JSON.parse(verified.out)).toMatchObject({ problems: 0, missingTail: 0 });

    await installation.restart();
    // governance may still have something to find in what happened before
    expect((await wholeLog(installation.server)).slice(0, before.length)).toEqual(before);
    expect((await browser.go(`${installation.server.url}/me`)).status).toBe(200);
    expect((await signIn(new BrowserLess(), installation, person('katherine'))).status).toBe(303);
    await accountOf('katherine');
    const again = await api(installation.server, '/api/v1/ledger/verification');
    expect(again.body).toMatchObject({ problems: 0, missingTail: 0 });
  });

  it('refuses the store to a server with a database of its own', async () => {
    const { code, output } = await startRefused({ env: { EVENT_STORE_URL: storeUrl() } });
    expect(code).toBe(1);
    expect(output).toMatch(/event log belongs to installation [0-9a-f-]{36}, and this database is a new one/);
    expect(output).toContain('EVENT_STORE_URL');
  });
}

describe('a server whose events are kept in KurrentDB (a stand-in)', () => {
  let standIn: StandInProcess;
  beforeAll(async () => {
    standIn = await startKurrentDbStandInProcess({ file: `${dataFolder()}/events.log` });
  });
  afterAll(() => standIn?.kill());

  mainJob(() => standIn.url);
});

describe('a KurrentDB (a stand-in) that goes and comes back while a server runs', () => {
  const file = `${dataFolder()}/events.log`;
  let standIn: StandInProcess;
  let installation: Installation;
  beforeAll(async () => {
    standIn = await startKurrentDbStandInProcess({ file });
    installation = await startInstallation({ EVENT_STORE_URL: standIn.url });
  });
  afterAll(async () => {
    await installation?.server.stop();
    await standIn?.kill();
  });

  const readiness = async () => {
    const answer = await fetch(`${installation.server.url}/health/ready`);
    return { status: answer.status, checks: (await answer.json()).checks };
  };

  it.each([
    ['is killed', () => standIn.kill(), revive],
    ['is frozen', async () => standIn.freeze(), async () => standIn.thaw()],
  ])(
    'says so and asks people to come back when it %s, and is itself again when it is back',
    async (_how, end, begin) => {
      const inTime = person(`before-it-${_how.replaceAll(' ', '-')}`);
      const under = new BrowserLess();
      const posted = await answerFor(under, installation, inTime);
      await end();

      const refused = await under.submit(posted.acsUrl, posted.fields, 'https://idp.example/sso');
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.headers.get('content-type')).toContain('text/html');
      const begun = await fetch(`${installation.server.url}/login/corp`, { redirect: 'manual' });
      expect([begun.status, Number(begun.headers.get('retry-after')) > 0]).toEqual([503, true]);
      await within(NOTICED_WITHIN_MS, async () => (await readiness()).status === 503);
      const { checks } = await readiness();
      expect(checks['event-store']).toMatchObject({ ready: false });
      expect(checks['database']).toMatchObject({ ready: true });
      expect((await fetch(`${installation.server.url}/health/live`)).status).toBe(200);

      await begin();
      await within(NOTICED_WITHIN_MS, async () => (await readiness()).status === 200);
      const again = await under.submit(posted.acsUrl, posted.fields, 'https://idp.example/sso');
      expect([again.status, again.headers.get('location')]).toEqual([303, '/me']);
      const ask = () => api(installation.server, `/api/v1/accounts?tenant=acme&userName=${inTime.email}`);
      await eventually(ask, ({ body }) => body.items?.length === 1);
      const events = await wholeLog(installation.server);
      expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index));
      const provisioned = events.filter(
        ({ type, data }) => type === 'UserProvisioned' && data.profile.userName === inTime.email,
      );
      expect(provisioned).toHaveLength(1);
    },
  );

  async function revive(): Promise<void> {
    standIn = await startKurrentDbStandInProcess({ file, port: standIn.port });
  }
});

describe('an event store that cannot be used', () => {
  it.each([
    [
      'nobody listens there',
      async () => `kurrentdb://127.0.0.1:${await freePort()}?tls=false`,
      /event store at 127\.0\.0\.1:\d+ does not answer.* EVENT_STORE_URL/,
    ],
    ['the URL is of another kind', async () => 'http://127.0.0.1:2113', /EVENT_STORE_URL.*kurrentdb:\/\//],
  ])('is told with what mends it, and nothing starts, when %s', async (_why, url, told) => {
    const startedAt = performance.now();
    const { code, output } = await startRefused({ env: { EVENT_STORE_URL: await url() } });
    expect(code).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(REFUSED_WITHIN_MS);
    expect(output).toMatch(told);
    expect(output).not.toMatch(/\n {4}at /);
  });

  it('never shows the password of its URL', async () => {
    const port = await freePort();
    const url = `kurrentdb://gatebook:not-to-be-shown@127.0.0.1:${port}?tls=true&tlsVerifyCert=false`;
    const { code, output } = await startRefused({ env: { EVENT_STORE_URL: url } });
    expect(code).toBe(1);
    expect(output).not.toContain('not-to-be-shown');
  });
});

const realServer = process.env['TEST_EVENT_STORE_URL'];
if (!realServer) console.warn('SKIPPED: a whole server on a real KurrentDB: TEST_EVENT_STORE_URL names none.');

(realServer ? describe : describe.skip)('a server whose events are kept in a real KurrentDB', () => {
  beforeAll(async () => {
    const store = kurrentDbEventStore({ url: realServer as string });
    const { events } = await store.readLog({ after: BEFORE_FIRST, limit: 1 }).finally(() => store.close());
    if (events.length > 0) throw new Error('TEST_EVENT_STORE_URL has to name a server without any events of Gatebook.');
  });

  mainJob(() => realServer as string);
});
