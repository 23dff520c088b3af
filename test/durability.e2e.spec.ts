import { BrowserLess } from './support/browser-less.js';
import { api, eventually, type Installation, signIn, startInstallation, wholeLog } from './support/installation.js';

// Goal: what was acknowledged is there after every kind of end, and what was answered before is answered again.
describe('ending and starting again', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startInstallation();
  }, 60_000);
  afterAll(() => installation?.server.stop());

  const newcomer = (index: number) => ({
    nameId: `id-${index}`,
    email: `p${index}@acme.example`,
    groups: ['crm-admins'],
  });

  it('keeps sessions, accounts and positions over a restart with the same data', async () => {
    const browser = new BrowserLess();
    expect((await signIn(browser, installation, newcomer(0))).status).toBe(303);
    const ask = () => api(installation.server, '/api/v1/accounts?tenant=acme');
    const before = await eventually(ask, ({ body }) => body.items.length === 1);
    const log = await wholeLog(installation.server);
    await installation.restart();
    expect((await browser.go(`${installation.server.url}/me`)).status).toBe(200);
    expect((await ask()).body.items).toEqual(before.body.items);
    const after = await wholeLog(installation.server);
    expect(after.slice(0, log.length)).toEqual(log);
    expect(after.filter(({ type }) => type === 'ConfigurationApplied')).toHaveLength(1);
  }, 60_000);

  it('has every acknowledged sign-in after kill -9 under load, each once, with dense positions', async () => {
    const acknowledged: string[] = [];
    let killed = false;
    const caller = async (first: number) => {
      for (let index = first; !killed; index += 8) {
        const answer = await signIn(new BrowserLess(), installation, newcomer(index)).catch(() => null);
        if (answer?.status === 303) acknowledged.push(`p${index}@acme.example`);
      }
    };
    const callers = Array.from({ length: 8 }, (_, index) => caller(index + 1));
    await eventuallyTrue(() => acknowledged.length >= 40);
    await installation.server.kill();
    killed = true;
    await Promise.all(callers);

    await installation.restart();
    const events = await eventuallySealed(installation);
    const provisioned = events
      .filter(({ type }) => type === 'UserProvisioned')
      .map(({ data }) => data.profile.userName as string);
    expect(new Set(provisioned).size).toBe(provisioned.length);
    expect(provisioned).toEqual(expect.arrayContaining(acknowledged));
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index));
    expect(streamsAreGapless(events)).toBe(true);
    // negative control: the same check sees a log from which one event is missing
    expect(
      streamsAreGapless(events.filter(({ type, revision }) => !(type === 'UserProvisioned' && revision === 0))),
    ).toBe(false);
  }, 120_000);

  it('ends on SIGTERM with code 0 and says so', async () => {
    const code = await installation.server.stop();
    expect(code).toBe(0);
    expect(installation.server.output()).toContain('SIGTERM');
  }, 30_000);
});

type Logged = Awaited<ReturnType<typeof wholeLog>>;

function streamsAreGapless(events: Logged): boolean {
  const next = new Map<string, number>();
  return events.every(({ stream, revision }) => {
    const expected = next.get(stream) ?? 0;
    next.set(stream, expected + 1);
    return revision === expected;
  });
}

/** The log once the relay has sealed what was in the store when the server started: ready says so. */
async function eventuallySealed({ server }: Installation): Promise<Logged> {
  const readiness = await fetch(`${server.url}/health/ready`);
  expect(readiness.status).toBe(200);
  return wholeLog(server);
}

async function eventuallyTrue(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('Did not come about within a minute.');
    await new Promise((next) => setTimeout(next, 20));
  }
}
