/** Passwords and keys of the operator reach neither the log nor anybody's screen, whatever goes wrong. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databasesUnderTest, type FaultyLink, openFaultyLink, type TestDatabase } from '#libs/testing';
import { BrowserLess } from './support/browser-less.js';
import { api, type Installation, signIn, startInstallation } from './support/installation.js';
import { ADMIN_KEY, startRefused } from './support/started-server.js';

const SECRET = 'hunter2-hunter2';

describe('a start that is refused', () => {
  it.each<[string, Record<string, string>]>([
    ['a database that is away', { DATABASE_URL: `postgres://gate:${SECRET}@127.0.0.1:1/gatebook` }],
    ['a keyring that is broken', { GATEBOOK_KEYRING: 'env:GATEBOOK_SECRET_RING', GATEBOOK_SECRET_RING: SECRET }],
  ])(
    'for %s says why without a secret',
    async (_what, env) => {
      const { code, output } = await startRefused({ env: { LOG_LEVEL: 'trace', ...env } });
      expect(code).toBe(1);
      expect(output.trim()).not.toBe('');
      expect(output).not.toContain(SECRET);
    },
    60_000,
  );
});

const real = databasesUnderTest().find(({ name }) => name === 'postgres');

(real?.skipped ? describe.skip : describe)('a server at its most talkative', () => {
  let test: TestDatabase;
  let link: FaultyLink;
  let installation: Installation;

  beforeAll(async () => {
    test = (await real?.open()) as TestDatabase;
    link = await openFaultyLink(test.url as string);
    const url = new URL(link.url);
    url.password = SECRET;
    installation = await startInstallation({ DATABASE_URL: url.href, LOG_LEVEL: 'trace' });
  }, 120_000);
  afterAll(async () => {
    await installation?.server.stop();
    await link?.close();
    await test?.drop();
  }, 60_000);

  it('whose database breaks under it tells nobody the password, the keyring, or its own key', async () => {
    const { server } = installation;
    const person = { nameId: 'ada', email: 'ada@acme.example' };
    expect((await signIn(new BrowserLess(), installation, person)).status).toBe(303);
    const shown: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const asked = ['/health/ready', '/api/v1/accounts?tenant=acme', '/api/v1/events', '/metrics', '/login/nowhere'];
      const answers = asked.map(async (path) => JSON.stringify(await api(server, path)));
      link.cut();
      shown.push(...(await Promise.all(answers)));
    }
    link.stall();
    shown.push(await (await fetch(`${server.url}/health/ready`)).text());
    link.cut();
    link.resume();

    const keyring = JSON.parse(readFileSync(join(server.dataDir, 'keyring.json'), 'utf8')) as unknown;
    const secrets = [SECRET, ADMIN_KEY, ...keysIn(keyring)];
    expect(secrets.length).toBeGreaterThan(3); // or this test shows little
    const told = server.output() + shown.join();
    expect(told).toContain('"level":"error"'); // something did break
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
  }, 120_000);
});

/** Texts in a keyring that are long enough to be keys. */
function keysIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 32 ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(keysIn) : [];
}
