import { type Faults, type Kind, lasting, once, sweep } from './faults.js';
import { faultyCarrier, faultyPublisher, oneByOne } from './faulty-carrier.js';
import { faultyDatabase } from './faulty-database.js';
import { faultyStore } from './faulty-store.js';
import { type Line, soundLine, type Work } from './pipeline.js';
import { rebuildDifferences } from './rebuild-differences.js';
import { Trial } from './trial.js';
import { openWorld, type World } from './world.js';

type Fail = (line: Line, faults: Faults, world: World) => Line;

/** A port, how it is made to fail, and in which ways. */
export interface Port {
  readonly port: string;
  readonly fail: Fail;
  readonly kinds: readonly Kind[];
}

/** One kind of work, with what has to be done before it and the ports that it meets. */
export interface Stage {
  readonly name: string;
  readonly before: Work;
  readonly work: Work;
  readonly line?: (line: Line) => Line;
  readonly ports: readonly Port[];
}

const WAYS = [...once('none', 'whole'), ...lasting('none')];

export const failingStore: Port = {
  port: 'event store',
  kinds: WAYS,
  fail: (line, faults) => ({ ...line, store: faultyStore(line.store, faults) }),
};

export const failingDatabase: Port = {
  port: 'database',
  kinds: WAYS,
  fail: (line, faults, world) => {
    const database = faultyDatabase(line.database, faults);
    return { ...line, database, store: world.storeOver(database) };
  },
};

export const failingCarrier: Port = {
  port: 'carrier',
  kinds: WAYS,
  fail: (line, faults) => ({ ...line, carrier: (whole) => faultyCarrier(oneByOne(line.carrier(whole)), faults) }),
};

export const failingPublisher: Port = {
  port: 'publisher',
  kinds: [...WAYS, ...once('part')],
  fail: (line, faults) => ({
    ...line,
    carrier: (whole) => oneByOne(line.carrier(whole)),
    publisher: faultyPublisher(line.publisher, faults),
  }),
};

/** Nothing has to be done before. */
export const nothing: Work = async () => null;

/** The tests of one kind of work, in a world of its own: every call of every port is made to fail, one after the other. */
export function sweepStage({ name, before, work, line = (sound) => sound, ports }: Stage): void {
  let world: World;
  let trial: Trial;
  beforeAll(async () => {
    world = await openWorld();
    trial = new Trial(world);
  });
  afterAll(() => world?.close());

  describe.each(ports)('while a call of the $port', ({ port, fail, kinds }) => {
    it.each(kinds)('$inWords', async (kind) => {
      const sound = line(soundLine(world));
      const calls = await sweep(kind, async (faults) => {
        await trial.news();
        await before(world, sound);
        await trial.onFailingLine(work, faults, fail(sound, faults, world), sound);
        expect(await trial.judge()).toEqual([]);
      });
      console.info(`${name}, ${port} ${kind.inWords}: ${calls} calls swept`);
      expect(calls).toBeGreaterThan(0);
    });
  });

  it('leaves a read model that its rebuild does not differ from, and every earlier answer as it was', async () => {
    expect(await trial.judge({ thorough: true })).toEqual([]);
    expect(await rebuildDifferences(world)).toBe(0);
  });
}
