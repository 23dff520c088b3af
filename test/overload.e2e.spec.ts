/** A store that stalls costs refusals, not memory, and the server is itself again afterwards. On a real PostgreSQL behind a link that fails. */
import { randomUUID } from 'node:crypto';
import { databasesUnderTest, type FaultyLink, openFaultyLink, type TestDatabase } from '#libs/testing';
import { BrowserLess } from './support/browser-less.js';
import { answerFor, type Installation, startInstallation } from './support/installation.js';
import { ADMIN_KEY } from './support/started-server.js';

const WRITES = 450;
const SIGN_INS = 50;

/** Most that the server's memory may grow, in MB: 256 requests that wait, with what each has read. */
const GROWTH_MAX_MB = 150;

const real = databasesUnderTest().find(({ name }) => name === 'postgres');

(real?.skipped ? describe.skip : describe)('a store that stalls', () => {
  let test: TestDatabase;
  let link: FaultyLink;
  let installation: Installation;

  beforeAll(async () => {
    test = (await real?.open()) as TestDatabase;
    link = await openFaultyLink(test.url as string);
    installation = await startInstallation({ DATABASE_URL: link.url, LOG_LEVEL: 'fatal' });
  }, 120_000);
  afterAll(async () => {
    link?.resume();
    await installation?.server.stop();
    await link?.close();
    await test?.drop();
  }, 60_000);

  const ask = (path: string, init?: RequestInit) => fetch(`${installation.server.url}${path}`, init);
  const write = (number: number, key: string) =>
    ask('/api/v1/accounts', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({
        tenant: 'acme',
        directory: 'staff',
        userName: `person-${number}@acme.example`,
        reason: 'overload',
      }),
    });
  const residentMb = async () => {
    const text = await (await ask('/metrics')).text();
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1e6;
  };
  const eventually = async (holds: () => Promise<boolean>) => {
    const deadline = performance.now() + 30_000;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error('Not so within thirty seconds.');
      await new Promise((next) => setTimeout(next, 50));
    }
  };

  it('answers 503 with Retry-After, stays small, says what is wrong, and then serves everybody once', async () => {
    const keys = Array.from({ length: WRITES }, () => randomUUID());
    const signIns = await Promise.all(
      Array.from({ length: SIGN_INS }, async (_, number) => {
        const person = { nameId: `p${number}`, email: `signed-in-${number}@acme.example` };
        const browser = new BrowserLess();
        return { browser, ...(await answerFor(browser, installation, person)) };
      }),
    );
    expect((await write(-1, randomUUID())).status).toBe(201); // warmed up
    const before = await residentMb();

    link.stall();
    const startedAt = performance.now();
    const answers = Promise.all([
      ...signIns.map(({ browser, acsUrl, fields }) => browser.submit(acsUrl, fields, 'https://idp.example/sso')),
      ...keys.map((key, number) => write(number, key)),
    ]);
    let most = before;
    const watching = setInterval(async () => {
      most = Math.max(most, await residentMb().catch(() => 0));
    }, 250);
    await eventually(async () => (await ask('/health/ready')).status === 503);
    const { checks } = await (await ask('/health/ready')).json();
    expect(checks.database).toMatchObject({ ready: false });
    expect(JSON.stringify(checks)).not.toMatch(/127\.0\.0\.1|postgres:/);
    const refused = await answers;
    clearInterval(watching);
    const seconds = (performance.now() - startedAt) / 1000;
    console.info(
      `${refused.length} requests refused in ${seconds.toFixed(1)} s; memory ${before.toFixed(0)} MB, at most ${most.toFixed(0)} MB`,
    );
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    expect(refused.every(({ headers }) => Number(headers.get('retry-after')) >= 1)).toBe(true);
    const codes = await Promise.all(refused.slice(SIGN_INS).map(async (answer) => (await answer.json()).code));
    expect(codes).toEqual(expect.arrayContaining(['server-busy', 'database-unavailable']));
    expect(most - before).toBeLessThan(GROWTH_MAX_MB);

    const figures = await (await ask('/metrics')).text();
    expect(figures).toContain(`gatebook_sign_ins_total{outcome="unavailable",protocol="saml"} ${SIGN_INS}`);
    expect(figures).toContain('gatebook_verification_queue 0');
    expect(figures).toContain('gatebook_database_up 0');

    link.resume();
    await eventually(async () => (await ask('/health/ready')).status === 200);
    let served = 0;
    for (const [number, key] of keys.entries()) if ((await write(number, key)).status === 201) served += 1;
    expect(served).toBe(WRITES);
    const accounts = await test.database.query<{ count: number }>(
      `select count(*)::int as count from es.events where type = 'UserProvisioned' and stream like 'account-acme+%'`,
    );
    expect(accounts.rows[0]?.count).toBe(WRITES + 1);
  }, 180_000);
});
