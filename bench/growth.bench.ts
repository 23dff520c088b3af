/**
 * Whether an event costs the same in a long log as in a short one: appending (32 callers, each event an append of its own), sealing and
 * projecting it, and what is asked while the log grows: who holds what (of one account; a page of 200 of one role), and folding one
 * account, all in one process, over a private PostgreSQL with fsync and over the embedded database. Every person has the same 20 events,
 * so accounts do not grow, the log does; all are of one tenant. At each size half of the smallest size's events, in five rounds, are
 * measured; what lies between is written as quickly as can be.
 * Baseline: the same cost in the same log at its smallest size. Flat means at most 1.25 times that: a quarter is noise. What cannot grow,
 * one row committed into an empty table, is measured at each size, too: it tells whether the machine itself became slower.
 * `npm run bench -- growth [--from 10000] [--to 100000] [--only embedded | postgres]`; embedded up to 100,000 events
 */
import { accountDecider } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import type { Engine } from '#libs/platform';
import { findAccess, readPosition } from '#libs/read-model';
import { readArguments } from './support/arguments.js';
import { openBareEngine } from './support/engine-under-test.js';
import { EVENTS_PER_PERSON, GrowingLog, personOfLog, roleOfLog, type StepTimes, timed } from './support/growing-log.js';
import { conditions, say } from './support/machine.js';
import { runBenchmark } from './support/run-benchmark.js';
import { median, quantile, rounded } from './support/statistics.js';

const KINDS = ['postgres', 'embedded'] as const;
const { numbers, only } = readArguments(
  {
    from: { default: 10_000, least: 500, most: 100_000 },
    to: { default: 100_000, least: 500, most: 10_000_000 },
  },
  KINDS,
);
const EMBEDDED_TO = 100_000;
const FLAT = 1.25;
const ROUNDS = 5;
/** Questions of each kind at each size. */
const QUESTIONS = 200;
const PEOPLE_PER_ROUND = Math.ceil(numbers.from / 2 / ROUNDS / EVENTS_PER_PERSON);
/** People who come between two progress lines. */
const PEOPLE_AT_ONCE = 250;
const PAGE = 200;

/** What things cost at one size of the log. */
interface Costs {
  readonly events: number;
  /** Milliseconds, by what was done. */
  readonly ms: Readonly<Record<string, number>>;
  /** What cannot grow with the log, milliseconds: it tells how busy the machine was. */
  readonly yardstick: number;
  /** Of the process, MB. */
  readonly resident: number;
  readonly heap: number;
}

/** Ten times as many each time, and the last as given. */
function sizesTo(last: number): number[] {
  const sizes: number[] = [];
  for (let size = numbers.from; size < last; size *= 10) sizes.push(size);
  return [...sizes, last];
}

async function growTo(log: GrowingLog, size: number, name: string): Promise<void> {
  while (log.events < size) {
    const people = Math.min(PEOPLE_AT_ONCE, Math.ceil((size - log.events) / EVENTS_PER_PERSON));
    const before = log.events;
    const ms = await timed(() => log.grow(people));
    say(`${name}: ${log.events} of ${size} events, ${Math.round(((log.events - before) / ms) * 1_000)}/s`);
  }
  await log.catchUp();
}

async function measure(engine: Engine, log: GrowingLog): Promise<Costs> {
  const events = log.events;
  const rounds: StepTimes[] = [];
  await log.step(PEOPLE_PER_ROUND); // the first round and the first questions warm up
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await log.step(PEOPLE_PER_ROUND));
  const perEvent = (step: keyof StepTimes) =>
    median(rounds.map((times) => times[step])) / (PEOPLE_PER_ROUND * EVENTS_PER_PERSON);
  await ask(engine, log);
  const questions = await ask(engine, log);
  const yardstick = await commitOfOneRow(engine);
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    events,
    ms: { append: perEvent('append'), seal: perEvent('seal'), project: perEvent('project'), ...questions },
    yardstick,
    resident: rss / 1e6,
    heap: heapUsed / 1e6,
  };
}

/** One row into a table that is empty each time, one commit after the other. */
async function commitOfOneRow({ database }: Engine): Promise<number> {
  await database.query('create table if not exists public.yardstick (number int primary key)');
  const times: number[] = [];
  for (let nth = 0; nth < QUESTIONS; nth += 1)
    times.push(await timed(() => database.query('insert into public.yardstick values ($1)', [nth])));
  await database.query('drop table public.yardstick');
  return median(times);
}

/** What is asked of people all over the log, each once, one question at a time. */
async function ask(engine: Engine, log: GrowingLog): Promise<Record<string, number>> {
  const { database, store, codec } = engine;
  const { position: knownAt } = await readPosition(database);
  const at = { tenant: 'acme', asOf: engine.clock.now().toISOString(), knownAt, limit: PAGE };
  const somebody = (nth: number) => personOfLog(Math.floor((nth * log.people) / QUESTIONS)).account;
  const medianOf = async (question: (nth: number) => Promise<unknown>) => {
    const times: number[] = [];
    for (let nth = 0; nth < QUESTIONS; nth += 1) times.push(await timed(() => question(nth)));
    return { p50: median(times), p95: quantile(times, 0.95) };
  };
  const ofAccount = await medianOf((nth) => findAccess(database, { ...at, account: somebody(nth) }));
  const ofRole = await medianOf((nth) => findAccess(database, { ...at, role: roleOfLog(5 + (nth % 4)) }));
  const fold = await medianOf((nth) => {
    const stream = streamName({ category: 'account', tenant: 'acme', id: somebody(nth) });
    return readAggregate({ store, codec }, stream, accountDecider);
  });
  return {
    'asOf account': ofAccount.p50,
    'asOf account p95': ofAccount.p95,
    'asOf role': ofRole.p50,
    'asOf role p95': ofRole.p95,
    'account fold': fold.p50,
  };
}

function report(name: string, costs: readonly Costs[]): void {
  const [smallest] = costs;
  if (!smallest) return;
  console.log(`${name}: milliseconds per event, or per question`);
  console.table(
    costs.map(({ events, ms, yardstick, resident, heap }) => ({
      events,
      ...Object.fromEntries(Object.entries(ms).map(([what, value]) => [what, rounded(value, 3)])),
      yardstick: rounded(yardstick, 3),
      'resident MB': Math.round(resident),
      'heap MB': Math.round(heap),
    })),
  );
  for (const cost of costs.slice(1)) compare(name, cost, smallest);
}

function compare(name: string, { events, ms, yardstick }: Costs, smallest: Costs): void {
  const ratios = Object.entries(ms).map(([what, value]) => [what, value / (smallest.ms[what] ?? 0)] as const);
  const told = ratios.map(([what, ratio]) => `${what} ${ratio.toFixed(2)}`).join(', ');
  const drift = (yardstick / smallest.yardstick).toFixed(2);
  console.log(`${name}, ${events} events ÷ ${smallest.events}: ${told}; the machine itself ${drift}`);
  const grown = ratios.filter(([, ratio]) => ratio > FLAT).map(([what]) => what);
  const outcome = grown.length === 0 ? 'met' : `MISSED by ${grown.join(', ')}`;
  console.log(`${name}, ${events} events, flat within ${FLAT} times: ${outcome}`);
}

for (const kind of KINDS.filter((one) => only === null || one === only))
  await runBenchmark(async (afterwards) => {
    const opened = await openBareEngine(kind, afterwards);
    if (!opened) return;
    const { engine } = opened;
    const name = kind === 'postgres' ? 'PostgreSQL with fsync' : 'embedded';
    const last = Math.max(numbers.from, kind === 'embedded' ? Math.min(numbers.to, EMBEDDED_TO) : numbers.to);
    console.log(
      `\ngrowth, ${name}: ${conditions(`${sizesTo(last).join(', ')} events, ${ROUNDS} rounds of ${PEOPLE_PER_ROUND * EVENTS_PER_PERSON}`)}`,
    );
    const log = new GrowingLog(engine);
    const costs: Costs[] = [];
    for (const size of sizesTo(last)) {
      await growTo(log, size, name);
      costs.push(await measure(engine, log));
    }
    report(name, costs);
  });
