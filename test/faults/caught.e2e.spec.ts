/** Negative controls: software that is broken in one way is caught by the very checks that the sweep makes, and by the right one. */
import { appendingAgain, believing, committingApart, forgettingEpochs, goingOn } from './broken.js';
import { Faults } from './faults.js';
import { faultyCarrier, faultyPublisher, oneByOne } from './faulty-carrier.js';
import { faultyDatabase } from './faulty-database.js';
import { faultyStore } from './faulty-store.js';
import type { Ways } from './node.js';
import { OPERATIONS } from './operations.js';
import { type Line, project, publish, seal, soundLine } from './pipeline.js';
import { Trial } from './trial.js';
import { openWorld, type World } from './world.js';

jest.setTimeout(120_000);

/** Most calls that a control lets fail until it is caught. */
const CALLS_MAX = 60;

let world: World;
let trial: Trial;
beforeEach(async () => {
  world = await openWorld();
  trial = new Trial(world);
});
afterEach(() => world?.close());

type Attempt = (faults: Faults) => Promise<void>;

/** What is found first, when each call fails in turn. */
async function found(effect: 'none' | 'whole', attempt: Attempt): Promise<string> {
  for (let nth = 1; nth <= CALLS_MAX; nth += 1) {
    await attempt(new Faults({ nth, effect, lasts: false }));
    const anomalies = await trial.judge();
    if (anomalies.length > 0) return anomalies.join('\n');
  }
  return 'nothing';
}

const doing =
  (name: string, waysOf: (faults: Faults) => Ways): Attempt =>
  (faults) => {
    const operation = OPERATIONS.find((one) => one.name === name) as (typeof OPERATIONS)[number];
    return trial.underFaults(operation, faults, waysOf(faults));
  };

const working =
  (work: typeof publish | typeof project, broken: (line: Line, faults: Faults) => Line): Attempt =>
  async (faults) => {
    await trial.news();
    const sound = soundLine(world);
    await seal(world, sound);
    await trial.onFailingLine(work, faults, broken(sound, faults), sound);
  };

it('a server that gives events new ids when it appends again', async () => {
  const { database, store, codec } = world.engine;
  const attempt = doing('a first sign-in', (faults) => ({
    database,
    store: appendingAgain(faultyStore(store, faults), codec),
  }));
  expect(await found('whole', attempt)).toMatch(/a command recorded \[.*(SignedIn,SignedIn|UserProvisioned,User)/);
});

it('a server that acknowledges a revocation before it holds', async () => {
  const { database, store } = world.engine;
  const attempt = doing('a deactivation', () => ({ database: forgettingEpochs(database), store }));
  expect(await found('none', attempt)).toContain('sessions outlived a revocation');
});

it('a projector that commits checkpoint and rows apart', async () => {
  const attempt = working(project, (line, faults) => ({
    ...line,
    database: committingApart(faultyDatabase(line.database, faults)),
  }));
  expect(await found('none', attempt)).toMatch(/are missing in the read model/);
});

it('a carrier that leaves out what it could not deliver', async () => {
  const attempt = working(project, (line, faults) => ({
    ...line,
    carrier: (whole) => faultyCarrier(oneByOne(goingOn(whole)), faults),
  }));
  expect(await found('none', attempt)).toMatch(/are missing in the read model/);
});

it('a relay that saves how far it came before the broker has the events', async () => {
  const attempt = working(publish, (line, faults) => ({
    ...line,
    publisher: believing(faultyPublisher(line.publisher, faults)),
  }));
  expect(await found('none', attempt)).toMatch(/topic: .*(ahead of its events|lacks events|not on the topic)/);
});

it('an answer about the past that is another one later', async () => {
  await trial.news();
  expect(await trial.judge()).toEqual([]);
  await world.engine.database.query('update read_model.grants_v1 set from_pos = from_pos + 1000000');
  expect((await trial.judge({ thorough: true })).join()).toContain('is told in another way');
});

it('an event that the store has lost the true wording of', async () => {
  await trial.news();
  expect(await trial.judge()).toEqual([]);
  const { database } = world.engine;
  await database.query('alter table es.events disable trigger all');
  await database.query(`update es.events set recorded_at = '2020-01-01T00:00:00.000Z' where type = 'RolesAssigned'`);
  expect((await trial.judge({ thorough: true })).join()).toMatch(/not as they were sealed.*verification/);
});
