/**
 * What a SAML sign-in costs from end to end: `GET /login/{connection}`, the identity provider's answer with 20 groups, and its POST until
 * the 303; on a whole Gatebook in a process of its own, over the embedded database and over a PostgreSQL with fsync. First sign-ins create
 * the account and grant 3 roles; repeated ones change nothing. CPU is that of the server with all its threads, and of PostgreSQL, until the
 * read model has caught up: so it includes sealing and projecting. The driver, which is also the identity provider, shares the machine.
 * Baseline of the same run: bare node-saml validating such answers. Targets stand in bench/README.md.
 * `npm run bench -- sign-in [sign-ins per cell] [warm-up sign-ins] [embedded | postgres]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startPrivatePostgres } from '#libs/testing';
import { cpuOfBareValidation } from './support/bare-node-saml.js';
import { newIdentityProviderKey, writeConfiguration } from './support/identity-provider.js';
import { cpuOfPostgres, cpuOfProcess, machineLoad } from './support/process-usage.js';
import { freePort, startGatebook } from './support/server-process.js';
import {
  type Cell,
  cpuOf,
  measureCell,
  nextPeople,
  nextPerson,
  rowOf,
  type Subject,
  signInAll,
} from './support/sign-in-cells.js';
import { SignInDriver } from './support/sign-in-driver.js';
import { quantile, verdict } from './support/statistics.js';

const [SIGN_INS = 400, WARM_UP = 1_000] = process.argv.slice(2, 4).map(Number);
const ONLY = process.argv[4];
const CONCURRENCY = [1, 4, 8] as const;
const TARGET = { first: 11, repeated: 8, visibleMs: 250 } as const;
/** How long sign-ins arrive at half of the highest rate, seconds. */
const STEADY_SECONDS = 10;
const KEYCLOAK =
  'Keycloak 26.7.5 with PostgreSQL 15, measured on 2 cores of the same kind: 26–32 ms first, 11–15 ms repeated; our own measurement, 2026-11';

/** An installation under measurement. */
interface Installation extends Subject {
  readonly name: string;
  readonly driver: SignInDriver;
}

/** First sign-ins arrive evenly at a rate; one after the other is watched until the API shows it. */
async function visibleAfter(driver: SignInDriver, perSecond: number): Promise<number[]> {
  const times: number[] = [];
  let watching = false;
  const arrive = async () => {
    const person = nextPerson();
    await driver.signIn(person);
    if (watching) return;
    watching = true;
    times.push(await driver.visible(person));
    watching = false;
  };
  const arrivals: Promise<void>[] = [];
  const begun = performance.now();
  for (let n = 0; n < perSecond * STEADY_SECONDS; n += 1) {
    await delay(Math.max(0, begun + (n * 1_000) / perSecond - performance.now()));
    arrivals.push(arrive());
  }
  await Promise.all(arrivals);
  return times;
}

async function timesOfMe(driver: SignInDriver): Promise<number[]> {
  const { cookie } = await driver.signIn(nextPerson());
  const times: number[] = [];
  for (let n = 0; n < SIGN_INS / 4; n += 1) times.push(await driver.me(cookie));
  return times;
}

async function measure(subject: Installation): Promise<Cell[]> {
  const known = nextPeople(Math.max(SIGN_INS, Math.ceil(WARM_UP / 2)));
  await signInAll(subject.driver, known, 4);
  await signInAll(subject.driver, known, 4);
  const cells: Cell[] = [];
  for (const callers of CONCURRENCY) {
    cells.push(await measureCell(subject, 'first', nextPeople(SIGN_INS), callers));
    cells.push(await measureCell(subject, 'repeated', known.slice(0, SIGN_INS), callers));
  }
  return cells;
}

function report({ name }: Installation, cells: readonly Cell[], bareMs: number): void {
  console.log(`\nsign-in, ${name}; bare node-saml ${bareMs.toFixed(1)} ms CPU; load of the machine ${machineLoad()}`);
  console.table(cells.map((cell) => rowOf(cell, { name: 'bare node-saml', ms: bareMs })));
  for (const kind of ['first', 'repeated'] as const) {
    const best = Math.min(...cells.filter((cell) => cell.kind === kind).map(cpuOf));
    const worst = Math.max(...cells.filter((cell) => cell.kind === kind).map(cpuOf));
    verdict(
      `CPU of a ${kind} sign-in, ${name} (best cell ${best.toFixed(1)}), worst cell`,
      worst,
      TARGET[kind],
      'ms CPU',
    );
  }
}

async function measureOn(name: string, postgres: { readonly url: string } | null): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gb-bench-'));
  const key = await newIdentityProviderKey();
  const bareMs = await cpuOfBareValidation(key);
  const env = {
    GATEBOOK_CONFIG: writeConfiguration(folder, key),
    ...(postgres ? { DATABASE_URL: postgres.url } : {}),
  };
  const server = await startGatebook(folder, await freePort(), env);
  const socketFolder = postgres && new URL(postgres.url).searchParams.get('host');
  const cpu = () => ({
    gatebook: cpuOfProcess(server.pid),
    postgres: socketFolder ? cpuOfPostgres(socketFolder) : 0,
  });
  const subject: Installation = { name, driver: new SignInDriver(server.url, key), cpu };
  const cells = await measure(subject);
  report(subject, cells, bareMs);
  const half = Math.max(...cells.filter(({ kind }) => kind === 'first').map(({ perSecond }) => perSecond)) / 2;
  const visible = await visibleAfter(subject.driver, half);
  console.log(`303 to visible at ${half.toFixed(0)} first sign-ins/s: p50 ${quantile(visible, 0.5).toFixed(0)} ms`);
  verdict(`303 to visible, ${name}, p99 of ${visible.length}`, quantile(visible, 0.99), TARGET.visibleMs, 'ms');
  const me = await timesOfMe(subject.driver);
  console.log(`GET /me, one caller: p50 ${quantile(me, 0.5).toFixed(1)} ms, p99 ${quantile(me, 0.99).toFixed(1)} ms`);
  subject.driver.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

if (ONLY !== 'postgres') await measureOn('embedded database', null);
const postgres = ONLY === 'embedded' ? null : await startPrivatePostgres({ fsync: true });
if (postgres) {
  await measureOn('PostgreSQL with fsync', postgres);
  await postgres.stop();
} else if (ONLY !== 'embedded')
  console.warn('SKIPPED: there is no PostgreSQL on this machine; only the embedded database is measured.');
console.log(`\nFor comparison: ${KEYCLOAK}.`);
