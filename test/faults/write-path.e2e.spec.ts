/**
 * Every call of a port is made to fail, one after the other: before it has any effect and after it, once and until it is healed. Whatever was
 * under way is then asked for again, and everything that must hold after every fault is looked at.
 */
import { type Faults, type Kind, lasting, once, sweep } from './faults.js';
import { faultyDatabase } from './faulty-database.js';
import { faultyStore } from './faulty-store.js';
import type { Ways } from './node.js';
import { OPERATIONS } from './operations.js';
import { rebuildDifferences } from './rebuild-differences.js';
import { Trial } from './trial.js';
import { openWorld, openWorldOnKurrentDb, type World } from './world.js';

jest.setTimeout(120_000);

/** A port, how its world is opened, and how it is made to fail there. */
interface Port {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly open: () => Promise<World>;
  readonly failing: (world: World, faults: Faults) => Ways;
}

const failingStore: Port['failing'] = ({ engine }, faults) => ({
  database: engine.database,
  store: faultyStore(engine.store, faults),
});

const PORTS: readonly Port[] = [
  {
    name: 'event store',
    open: openWorld,
    kinds: [...once('none', 'whole'), ...lasting('none', 'whole')],
    failing: failingStore,
  },
  {
    name: 'event store, which is a KurrentDB (a stand-in),',
    open: openWorldOnKurrentDb,
    kinds: [...once('whole'), ...lasting('none')],
    failing: failingStore,
  },
  {
    name: 'database',
    open: openWorld,
    kinds: [...once('none', 'whole'), ...lasting('none')],
    failing: ({ engine, storeOver }, faults) => {
      const database = faultyDatabase(engine.database, faults);
      return { database, store: storeOver(database) };
    },
  },
];

describe.each(PORTS)('what people do while the $name fails', ({ name, kinds, open, failing }) => {
  let world: World;
  let trial: Trial;
  beforeAll(async () => {
    world = await open();
    trial = new Trial(world);
  });
  afterAll(() => world?.close());

  describe.each(OPERATIONS)('$name', (operation) => {
    it.each(kinds)('happens once, also when each call in turn $inWords', async (kind) => {
      const calls = await sweep(kind, async (faults) => {
        await trial.underFaults(operation, faults, failing(world, faults));
        expect(await trial.judge()).toEqual([]);
      });
      console.info(`${operation.name}, ${name} ${kind.inWords}: ${calls} calls swept`);
      expect(calls).toBeGreaterThan(0);
    });
  });

  it('leaves a read model that its rebuild does not differ from, and every earlier answer as it was', async () => {
    expect(await trial.judge({ thorough: true })).toEqual([]);
    expect(await rebuildDifferences(world)).toBe(0);
  });
});
