/** Ends of leases are written down as they were, however late, and the sessions of their people end. */
import { v5 as uuidv5 } from 'uuid';
import { ApplyConfiguration, noReferences, readConfiguration, StandingGrants } from '#libs/configuration';
import { AccountCommandHandler, Metrics, RevocationMetrics } from '#libs/platform';
import {
  accountOf,
  type ProvisioningServer,
  rolesOf,
  SALES,
  sampleConfiguration,
  signIn,
} from '../provisioning-server.fixture.js';
import { LeasesTask } from './leases.task.js';
import { busOf, DAY, HOUR, UpkeepBench } from './upkeep.fixture.js';

jest.setTimeout(60_000);

const NAMESPACE = '1d7a5f0c-52f7-4f0b-8b52-3f4e0c2a7d90';

let bench: UpkeepBench;
/** What the words of other tests need of a server. */
let server: ProvisioningServer;
let handler: AccountCommandHandler;
let task: LeasesTask;
let ran: string[];
beforeEach(async () => {
  bench = await UpkeepBench.open();
  const { engine, commands } = bench;
  server = { catalog: engine.catalog, path: engine.writePath } as ProvisioningServer;
  const revocations = new RevocationMetrics(new Metrics());
  handler = new AccountCommandHandler(engine.writePath, engine.accessEpochs, revocations, engine.catalog);
  ran = [];
  const bus = busOf({
    execute: (command: Parameters<AccountCommandHandler['execute']>[0]) => {
      ran.push(command.account);
      return handler.execute(command);
    },
  });
  task = new LeasesTask(bus, new StandingGrants(engine), commands, engine.clock);
  await configure('P7D');
});
afterEach(() => bench.close());

/** One connection that gives sales people a role, under a lease. */
async function configure(lease: string): Promise<void> {
  const file = JSON.parse(await sampleConfiguration({ rules: [SALES] }));
  file.tenants[0].connections[0].jit.lease = lease;
  const { engine } = bench;
  const environment = { secrets: engine.secretValues, publicUrl: 'http://localhost:3000' };
  const parts = { catalog: engine.catalog, path: engine.writePath, keyring: engine.keyring };
  const configurations = new ApplyConfiguration({ ...parts, ...environment, standing: new StandingGrants(engine) });
  const metadata = { ...bench.metadata(uuidv5(lease, NAMESPACE)), tenant: 'installation' };
  const configuration = readConfiguration(JSON.stringify(file), noReferences);
  await configurations.apply({ configuration, prune: false, reason: 'test', metadata });
}

const ends = async (person: string) =>
  (await bench.events('account', accountOf(person)))
    .filter(({ type }) => type === 'AccessRevoked')
    .map(({ data }) => {
      const { code, effectiveAt } = data as { code: string; effectiveAt: string };
      return { code, effectiveAt };
    });
const session = async (person: string) => {
  const revision = (await bench.events('account', accountOf(person))).length - 1;
  const life = { idleSeconds: 30 * 86_400, maxSeconds: 30 * 86_400, notOnOrAfter: null };
  const ref = { tenant: 'acme', account: accountOf(person), connection: 'okta', signIn: null, revision };
  const { token } = await bench.engine.sessions.start({ ...ref, ...life });
  return () => bench.engine.sessions.find(token);
};

it('a lease that nobody confirmed is written down with its own end, and ends the sessions', async () => {
  await signIn(server, 'ada', ['sales']);
  const end = new Date(bench.now.getTime() + 7 * DAY).toISOString();
  const found = await session('ada');
  bench.passes(7 * DAY - 1);
  await bench.look(task);
  expect([await ends('ada'), await found()]).toEqual([[], expect.objectContaining({ connection: 'okta' })]);
  bench.passes(HOUR);
  expect(await rolesOf(server, 'ada')).toEqual([]); // exact at reading, before anything is written down
  await bench.look(task);
  expect([await ends('ada'), await found()]).toEqual([[{ code: 'lease-expired', effectiveAt: end }], null]);
});

it('a lease that a sign-in confirmed goes on', async () => {
  await signIn(server, 'ada', ['sales']);
  bench.passes(5 * DAY);
  await bench.look(task);
  await signIn(server, 'ada', ['sales'], { nth: 2 });
  bench.passes(5 * DAY);
  await bench.look(task);
  expect([await ends('ada'), await rolesOf(server, 'ada'), ran]).toEqual([[], ['crm.writer'], []]);
});

it('after a standstill everybody is caught up with, once, each at their own end', async () => {
  const people = Array.from({ length: 40 }, (_, index) => `person-${index}`);
  const wanted: string[] = [];
  for (const person of people) {
    await signIn(server, person, ['sales']);
    wanted.push(new Date(bench.now.getTime() + 7 * DAY).toISOString());
    bench.passes(HOUR);
  }
  bench.passes(60 * DAY);
  await bench.look(task);
  await bench.look(task);
  const found = await Promise.all(people.map(ends));
  expect(found).toEqual(wanted.map((effectiveAt) => [{ code: 'lease-expired', effectiveAt }]));
  expect(ran).toHaveLength(people.length);
});

it('one account that fails holds nobody up and is tried again', async () => {
  await signIn(server, 'ada', ['sales']);
  await signIn(server, 'bo', ['sales']);
  bench.passes(8 * DAY);
  const execute = handler.execute.bind(handler);
  handler.execute = (command) =>
    command.account === accountOf('ada') ? Promise.reject(new Error('out of reach')) : execute(command);
  await expect(bench.look(task)).rejects.toThrow('1 account');
  expect([await ends('ada'), await ends('bo')]).toEqual([[], [expect.objectContaining({ code: 'lease-expired' })]]);
  handler.execute = execute;
  await bench.look(task);
  expect(await ends('ada')).toHaveLength(1);
});

it('an account that is merged, which has nothing to end, is asked once', async () => {
  await signIn(server, 'ada', ['sales']);
  bench.passes(8 * DAY);
  const metadata = bench.metadata();
  const data = { into: accountOf('bo'), reason: 'the same person' };
  await handler.execute({ account: accountOf('ada'), command: { type: 'MergeInto', data, metadata } } as never);
  await bench.look(task);
  await bench.look(task);
  expect(ran).toEqual([accountOf('ada')]);
});
