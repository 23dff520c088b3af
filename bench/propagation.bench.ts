/**
 * How long an append takes to be seen: from the call of the append until the read model's position, the least over all projections and
 * partitions, has reached it. Embedded, sealing and projecting happen in this process; otherwise a relay and projectors run as processes
 * of their own over a private PostgreSQL with fsync, without Kafka and with a real broker. Every append is a new account with a role: two
 * events. One at a time; then at half of the highest rate that the chain keeps up with, arriving evenly and timed from the instant at
 * which each was due, so that waiting in a queue counts.
 * Baseline, over the same database at the same rates: a plain outbox, one INSERT per append and a reader that polls every 10 ms.
 * Target: p99 under 250 ms at half of the highest rate.
 * `npm run bench -- propagation [--seconds N] [--projectors N] [--only embedded | postgres | kafka]`
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '#libs/platform';
import { readPosition } from '#libs/read-model';
import { readArguments } from './support/arguments.js';
import { type Chain, Watch } from './support/chain.js';
import { ENGINES, type EngineUnderTest, startEngine } from './support/engine-under-test.js';
import { conditions, say } from './support/machine.js';
import { OUTBOX_POLL_MS, PlainOutbox } from './support/plain-outbox.js';
import { runBenchmark } from './support/run-benchmark.js';
import { SampleAccounts } from './support/sample-accounts.js';
import { quantile, rounded, verdict } from './support/statistics.js';

const { numbers, only } = readArguments(
  {
    seconds: { default: 8, least: 1, most: 600 }, // of each load
    projectors: { default: 1, least: 1, most: 12 },
  },
  ENGINES,
);
const SECONDS = numbers.seconds;
const TARGET_MS = 250;
/** How often it is looked whether an append is there, milliseconds: the resolution of every latency here. */
const LOOK_EVERY_MS = 5;
const PATIENCE_MS = 60_000;
/** Appends that may be under way or unseen at a time while the highest rate is looked for. */
const UNSEEN_MAX = 1_000;
/** Pauses between single appends, milliseconds: varied, so that they fall at every point of whatever polls. */
const PAUSES_MS = [60, 145, 97, 210, 73, 181, 119, 158, 84, 232];

/** Latencies, milliseconds. */
type Times = readonly number[];

const chainOf = ({ store, database }: Engine, samples: SampleAccounts): Chain => ({
  async append() {
    const { stream, events } = await samples.next();
    return (await store.append(stream, -1, events)).storePosition;
  },
  reached: async () => (await readPosition(database)).storePosition,
});

const watchOf = (chain: Chain) => new Watch(chain, LOOK_EVERY_MS, PATIENCE_MS);

async function oneByOne(chain: Chain): Promise<Times> {
  const watch = watchOf(chain);
  const times: number[] = [];
  const end = performance.now() + SECONDS * 1_000;
  for (let n = 0; performance.now() < end; n += 1) {
    const begun = performance.now();
    await watch.seen(await chain.append());
    times.push(performance.now() - begun);
    await delay(PAUSES_MS[n % PAUSES_MS.length]);
  }
  return times;
}

/** Appends per second that are seen, when there are always more to come. */
async function highestRate(chain: Chain, seconds: number): Promise<number> {
  const watch = watchOf(chain);
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  let seen = 0;
  const caller = async () => {
    while (performance.now() < end) {
      await watch.seen(await chain.append());
      seen += 1;
    }
  };
  await Promise.all(Array.from({ length: UNSEEN_MAX }, caller));
  return seen / ((performance.now() - begun) / 1_000);
}

async function atRate(chain: Chain, perSecond: number): Promise<Times> {
  const watch = watchOf(chain);
  const times: number[] = [];
  const arrivals: Promise<void>[] = [];
  const begun = performance.now();
  for (let n = 0; n < perSecond * SECONDS; n += 1) {
    const due = begun + (n * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await delay(early);
    const arrive = async () => {
      await watch.seen(await chain.append());
      times.push(performance.now() - due);
    };
    arrivals.push(arrive());
  }
  await Promise.all(arrivals);
  return times;
}

async function measure({ name, engine }: EngineUnderTest): Promise<void> {
  const samples = new SampleAccounts(engine.codec);
  const chain = chainOf(engine, samples);
  const outbox = new PlainOutbox(engine.database, samples);
  await outbox.create();
  say(`${name}: warming up, then looking for the highest rate`);
  await highestRate(chain, SECONDS / 2);
  await outbox.while((baseline) => highestRate(baseline, SECONDS / 8));
  const highest = await highestRate(chain, SECONDS);
  say(`${name}: ${highest.toFixed(0)} appends/s at most; one at a time`);
  await samples.prepare(((SECONDS * 1_000) / Math.min(...PAUSES_MS)) * 2);
  const single = { load: 'one at a time', chain: await oneByOne(chain), outbox: await outbox.while(oneByOne) };
  const half = highest / 2;
  say(`${name}: at half of that`);
  await samples.prepare(half * SECONDS * 2);
  const atHalf = (one: Chain) => atRate(one, half);
  const load = `${half.toFixed(0)} appends/s`;
  report(name, [single, { load, chain: await atHalf(chain), outbox: await outbox.while(atHalf) }]);
}

function report(name: string, loads: readonly { load: string; chain: Times; outbox: Times }[]): void {
  console.table(
    loads.map(({ load, chain, outbox }) => ({
      engine: name,
      load,
      appends: chain.length,
      'p50 ms': rounded(quantile(chain, 0.5)),
      'p99 ms': rounded(quantile(chain, 0.99)),
      'outbox p50 ms': rounded(quantile(outbox, 0.5)),
      'outbox p99 ms': rounded(quantile(outbox, 0.99)),
      'p50 ÷ outbox': rounded(quantile(chain, 0.5) / quantile(outbox, 0.5)),
      'p99 ÷ outbox': rounded(quantile(chain, 0.99) / quantile(outbox, 0.99)),
    })),
  );
  const atHalf = loads.at(-1)?.chain ?? [];
  verdict(`append to visible, ${name}, at half of the highest rate, p99`, quantile(atHalf, 0.99), TARGET_MS, 'ms');
}

for (const kind of ENGINES.filter((one) => only === null || one === only))
  await runBenchmark(async (afterwards) => {
    say(`starting: ${kind}`);
    const subject = await startEngine(kind, numbers.projectors, afterwards);
    if (!subject) return;
    const settings = `${SECONDS} s per load, looked at every ${LOOK_EVERY_MS} ms, outbox polled every ${OUTBOX_POLL_MS} ms`;
    console.log(`\npropagation, ${subject.name}: ${conditions(settings)}`);
    await measure(subject);
  });
