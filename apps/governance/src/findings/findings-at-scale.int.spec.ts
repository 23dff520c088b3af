/** Ten thousand findings in one run: all of them, none twice, in a bounded time. */
import { v5 as uuidv5 } from 'uuid';
import { type PrivatePostgres, startPrivatePostgres } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { findings, NOBODY } from './findings.fixture.js';
import { FindingsScan } from './findings-scan.js';

jest.setTimeout(300_000);

/** Each of them lacks two things. */
const ACCOUNTS = 5_000;
const PER_STEP = 250;
const NAMESPACE = '9f2d7a35-6f0e-4c1c-9a51-7c1f3c8f2e10';

/** Longest time of the run, milliseconds; on two busy cores it takes about a fifth of it. */
const RUN_MAX_MS = 120_000;

/** How often what is waited for may be late, 20 s each. */
const PATIENCE = 8;

let server: GovernanceServer;
let postgres: PrivatePostgres | null; // ten thousand of anything are made sooner there; without one, in the embedded database
beforeAll(async () => {
  postgres = await startPrivatePostgres();
  server = await startGovernance({ variables: postgres ? { DATABASE_URL: postgres.url } : {} });
  for (let at = 0; at < ACCOUNTS; at += PER_STEP)
    await Promise.all(Array.from({ length: PER_STEP }, (_, index) => serviceAccount(at + index)));
  await settled();
});
afterAll(async () => {
  await server.close();
  await postgres?.stop();
});

it('finds everything in one run, and nothing in the next', async () => {
  const began = performance.now();
  await server.app.get(FindingsScan, { strict: false }).run();
  const tookMs = performance.now() - began;
  await settled();
  const found = await findings(server, { kind: 'unsponsored' });
  expect(found).toHaveLength(2 * ACCOUNTS);
  expect(new Set(found.map(({ account, code }) => `${account} ${code}`)).size).toBe(2 * ACCOUNTS);
  expect(tookMs).toBeLessThan(RUN_MAX_MS);
  process.stdout.write(`${2 * ACCOUNTS} findings in one run: ${Math.round(tookMs)} ms\n`);

  const head = await server.path.store.head();
  await server.app.get(FindingsScan, { strict: false }).run();
  expect(await server.path.store.head()).toBe(head);
});

/** Thousands of events take the projector longer than a test usually waits. */
async function settled(): Promise<void> {
  for (let more = PATIENCE; more > 1; more -= 1)
    try {
      return await server.settle();
    } catch {}
  await server.settle();
}

async function serviceAccount(nth: number): Promise<void> {
  const account = uuidv5(String(nth), NAMESPACE);
  const commandId = uuidv5(`made ${nth}`, NAMESPACE);
  const data = {
    account,
    directory: 'staff',
    kind: 'service',
    sponsor: null,
    expiresAt: null,
    source: { kind: 'manual', connection: null, connectionVersion: null, protocol: 'manual', issuer: null },
    evidence: null,
    claims: null,
    ruleVersions: [],
    profile: { ...NOBODY, userName: `service-${nth}` },
    emailVerified: false,
    links: [],
    reason: null,
  };
  const encoded = await server.path.codec.encode([
    {
      id: uuidv5(`event ${nth}`, NAMESPACE),
      type: 'UserProvisioned',
      data: data as never,
      stream: `account-acme+${account}`,
      recordedAt: server.path.clock.now().toISOString(),
      metadata: { actor: { kind: 'system', id: 'test' }, commandId, commandDigest: '', correlationId: commandId },
    },
  ]);
  await server.path.store.append(`account-acme+${account}`, -1, encoded);
}
