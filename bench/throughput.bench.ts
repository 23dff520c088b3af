/**
 * How many people can sign in per second, and what that takes: a whole Gatebook as one process over the embedded database, as one process
 * over a PostgreSQL with fsync, and as separate processes over PostgreSQL and Kafka behind one front, as `npm run cluster` starts them. A
 * sign-in is `GET /login/{connection}`, the identity provider's answer with 20 groups, and its POST until the 303; a first one creates the
 * account and grants 3 roles, a repeated one changes nothing. CPU is that of the servers by group, until the read model shows the last
 * sign-in; signing the assertions happens here, in the driver, and is not in it, but shares the machine's cores.
 * Baseline of the same run: one process over PostgreSQL.
 * `npm run bench -- throughput [--seconds N] [--callers N] [--only embedded | postgres | distributed]`
 */
import { setTimeout as delay } from 'node:timers/promises';
import { readArguments } from './support/arguments.js';
import { newIdentityProviderKey } from './support/identity-provider.js';
import {
  type CpuByGroup,
  INSTALLATIONS,
  type Installation,
  type InstallationKind,
  startInstallation,
} from './support/installations.js';
import { conditions, say } from './support/machine.js';
import { runBenchmark } from './support/run-benchmark.js';
import { SignInDriver } from './support/sign-in-driver.js';
import { quantile, rounded } from './support/statistics.js';

const { numbers, only } = readArguments(
  {
    seconds: { default: 10, least: 1, most: 600 }, // of each kind, and to warm up
    callers: { default: 8, least: 1, most: 64 },
  },
  INSTALLATIONS,
);
const SECONDS = numbers.seconds;
const BASELINE = 'postgres' satisfies InstallationKind;
/** How long it is measured what an installation uses while nobody does anything, seconds. */
const REST_SECONDS = 2;

/** One kind of sign-in on one installation. */
interface Cell {
  readonly installation: Pick<Installation, 'kind' | 'name'>;
  readonly kind: 'first' | 'repeated';
  readonly perSecond: number;
  readonly times: readonly number[];
  /** CPU per sign-in, milliseconds. */
  readonly cpu: CpuByGroup;
}

let people = 0;
const nextPerson = () => `person${++people}`;

/** Lets the callers sign people in, one after the other, for some time. */
async function signInFor(driver: SignInDriver, seconds: number, next: () => string) {
  const times: number[] = [];
  const persons: string[] = [];
  const begun = performance.now();
  const caller = async () => {
    while (performance.now() < begun + seconds * 1_000) {
      const person = next();
      times.push((await driver.signIn(person)).ms);
      persons.push(person);
    }
  };
  await Promise.all(Array.from({ length: numbers.callers }, caller));
  return { times, persons, perSecond: times.length / ((performance.now() - begun) / 1_000) };
}

async function measureCell(
  installation: Installation,
  driver: SignInDriver,
  kind: Cell['kind'],
  next: () => string,
): Promise<Cell> {
  const before = installation.cpu();
  const { times, perSecond } = await signInFor(driver, SECONDS, next);
  const last = nextPerson();
  await driver.signIn(last);
  await driver.visible(last); // everything before it is in the read model, too
  const cpu = perUnit(before, installation.cpu(), times.length + 1);
  return { installation, kind, perSecond, times, cpu };
}

async function measure(installation: Installation, driver: SignInDriver): Promise<Cell[]> {
  say(`${installation.name}: warming up`);
  const { persons: known } = await signInFor(driver, SECONDS, nextPerson);
  await delay(1_000); // what it still does for them
  const before = installation.cpu();
  await delay(REST_SECONDS * 1_000);
  const resting = perUnit(before, installation.cpu(), REST_SECONDS);
  console.log(`${installation.name}, at rest: ms CPU per second: ${told(resting)}`);
  let nth = 0;
  const nextKnown = () => known[nth++ % known.length] as string;
  const cells: Cell[] = [];
  for (const [kind, next] of [['first', nextPerson] as const, ['repeated', nextKnown] as const]) {
    say(`${installation.name}: ${kind} sign-ins`);
    cells.push(await measureCell(installation, driver, kind, next));
  }
  return cells;
}

const perUnit = (before: CpuByGroup, after: CpuByGroup, units: number): CpuByGroup =>
  Object.fromEntries(Object.entries(after).map(([group, ms]) => [group, (ms - (before[group] ?? 0)) / units]));

const told = (cpu: CpuByGroup) =>
  Object.entries(cpu)
    .map(([group, ms]) => `${group} ${ms.toFixed(1)}`)
    .join(', ');

const inAll = (cpu: CpuByGroup) => Object.values(cpu).reduce((sum, ms) => sum + ms, 0);

/** Nothing where the baseline was left out. */
function ratios(cell: Cell, baseline: Cell | undefined): Readonly<Record<string, number>> {
  if (!baseline) return {};
  return {
    'rate ÷ one process': rounded(cell.perSecond / baseline.perSecond, 2),
    'CPU ÷ one process': rounded(inAll(cell.cpu) / inAll(baseline.cpu), 2),
  };
}

function report(cells: readonly Cell[]): void {
  if (cells.length === 0) return;
  const baselineOf = ({ kind }: Cell) =>
    cells.find((cell) => cell.kind === kind && cell.installation.kind === BASELINE);
  console.table(
    cells.map((cell) => ({
      installation: cell.installation.name,
      kind: cell.kind,
      'sign-ins/s': rounded(cell.perSecond),
      'p50 ms': rounded(quantile(cell.times, 0.5)),
      'p99 ms': rounded(quantile(cell.times, 0.99)),
      'CPU ms each': rounded(inAll(cell.cpu)),
      ...ratios(cell, baselineOf(cell)),
    })),
  );
  for (const { installation, kind, cpu } of cells)
    console.log(`${kind} sign-in, ${installation.name}: ms CPU: ${told(cpu)}`);
}

const key = await newIdentityProviderKey();
const cells: Cell[] = [];
for (const kind of INSTALLATIONS.filter((one) => only === null || one === only))
  await runBenchmark(async (afterwards) => {
    say(`starting: ${kind}`);
    const installation = await startInstallation(kind, key, afterwards);
    if (!installation) return;
    const driver = new SignInDriver(installation.url, key);
    afterwards(() => driver.close());
    const settings = `${SECONDS} s per kind and to warm up, ${numbers.callers} callers`;
    console.log(`\nthroughput, ${installation.name}: ${conditions(settings)}`);
    cells.push(...(await measure(installation, driver)));
  });
report(cells);
