/**
 * Whether people can go on signing in while somebody posts 500 hostile responses at once: tampered and wrapped ones, parser bombs, strangers'
 * keys, foreign audiences, each from a browser that has begun a sign-in, so that every one goes as far as it can. On a whole Gatebook in one
 * process over a PostgreSQL with fsync. 50 honest sign-ins by five callers run at the same time, each from `GET /login/{connection}` until
 * the 303; whoever is told that the server is busy comes again, and the wait counts. Baseline of the same run: the same 50 with nothing else
 * going on, in turns. Target: the honest ones' p99 within 3 times of that. The attackers come from one network and the honest ones from
 * another, as a proxy would tell; all are in the driver's process and share the machine.
 * `npm run bench -- hostile-load [--rounds N] [--hostile N] [--only embedded | postgres]`
 */
import { setTimeout as delay } from 'node:timers/promises';
import { buildSamlResponse, createIdentityProviderKey, encodeSamlResponse } from '#libs/saml-idp';
import { readArguments } from './support/arguments.js';
import { hostileResponses } from './support/hostile-responses.js';
import { honestAnswer, newIdentityProviderKey, writeConfiguration } from './support/identity-provider.js';
import { type Installation, startOneProcess } from './support/installations.js';
import { conditions, say } from './support/machine.js';
import { runBenchmark } from './support/run-benchmark.js';
import { nextPeople, signInAll } from './support/sign-in-cells.js';
import { type BegunSignIn, SignInDriver } from './support/sign-in-driver.js';
import { quantile, rounded, verdict } from './support/statistics.js';

const { numbers, only } = readArguments(
  { rounds: { default: 5, least: 1, most: 100 }, hostile: { default: 500, least: 1, most: 5_000 } },
  ['embedded', 'postgres'],
);
const HONEST = 50;
const CALLERS = 5;
const TARGET = 3;
const COME_AGAIN_MS = 100;

/** A posted answer that waits to be sent. */
interface Shot {
  readonly browser: BegunSignIn;
  readonly samlResponse: string;
}

const [key, stranger] = await Promise.all([
  newIdentityProviderKey(),
  createIdentityProviderKey({ commonName: 'stranger', now: new Date() }),
]);

/** Begins the attackers' sign-ins and forges their answers, so that nothing but the answers is sent later. */
async function prepare(driver: SignInDriver, count: number): Promise<Shot[]> {
  const shots: Shot[] = [];
  while (shots.length < count) {
    const browser = await driver.begin();
    const honest = honestAnswer(key, driver.url, 'mallory', browser.requestId);
    const hostile = hostileResponses({ honest, stranger });
    const one = hostile[shots.length % hostile.length];
    if (one) shots.push({ browser, samlResponse: encodeSamlResponse(one.xml) });
  }
  return shots;
}

/** A person who is told that the server is busy tries again a moment later. */
class PatientDriver {
  turnedAway = 0;
  constructor(private readonly driver: SignInDriver) {}

  async signIn(person: string): Promise<{ readonly ms: number }> {
    const begun = performance.now();
    for (;;) {
      const browser = await this.driver.begin().catch(() => null);
      const honest = browser && honestAnswer(key, this.driver.url, person, browser.requestId);
      const answer = honest && (await this.driver.answer(browser, encodeSamlResponse(buildSamlResponse(honest))));
      if (answer?.status === 303) return { ms: performance.now() - begun };
      if (answer && answer.status !== 503) throw new Error(`${answer.status}: ${answer.body.slice(0, 2_000)}`);
      this.turnedAway += 1;
      await delay(COME_AGAIN_MS);
    }
  }

  visible = (person: string) => this.driver.visible(person);
}

async function measure(driver: SignInDriver, attackers: SignInDriver, { memory }: Installation): Promise<void> {
  const quiet: number[] = [];
  const underFire: number[] = [];
  const people = nextPeople(HONEST);
  const honest = new PatientDriver(driver);
  await signInAll(honest, nextPeople(300), CALLERS);
  for (let round = 0; round < numbers.rounds; round += 1) {
    say(`round ${round + 1} of ${numbers.rounds}`);
    const shots = await prepare(attackers, numbers.hostile);
    quiet.push(...(await signInAll(honest, people, CALLERS)));
    const begun = performance.now();
    const answers = Promise.all(shots.map(({ browser, samlResponse }) => attackers.answer(browser, samlResponse)));
    underFire.push(...(await signInAll(honest, people, CALLERS)));
    const honestMs = performance.now() - begun;
    const statuses = Map.groupBy(await answers, ({ status }) => status);
    const told = [...statuses].map(([status, { length }]) => `${length} × ${status}`).join(', ');
    const seconds = (value: number) => (value / 1_000).toFixed(1);
    console.log(
      `hostile answers: ${told}, all after ${seconds(performance.now() - begun)} s; the honest ones were done after ${seconds(honestMs)} s`,
    );
    if (statuses.has(303)) throw new Error('A hostile response was accepted.');
  }
  const row = (times: readonly number[]) => ({
    'p50 ms': rounded(quantile(times, 0.5)),
    'p99 ms': rounded(quantile(times, 0.99)),
    'worst ms': rounded(Math.max(...times)),
  });
  console.table({ quiet: row(quiet), 'under fire': row(underFire) });
  const now = memory?.();
  console.log(
    `honest sign-ins told to come again: ${honest.turnedAway}; memory ${now?.resident.toFixed(0)} MB, at most ${now?.peak.toFixed(0)} MB`,
  );
  verdict(
    'p99 of honest sign-ins, under fire ÷ quiet',
    quantile(underFire, 0.99) / quantile(quiet, 0.99),
    TARGET,
    'times',
  );
}

for (const kind of ['postgres', 'embedded'] as const) {
  if ((only ?? 'postgres') !== kind) continue;
  await runBenchmark(async (afterwards) => {
    const configure = (folder: string) => writeConfiguration(folder, key);
    const installation = await startOneProcess(
      { kind, configure, env: { GATEBOOK_TRUSTED_PROXIES: 'loopback' } },
      afterwards,
    );
    if (!installation) return;
    const driver = new SignInDriver(installation.url, key, '198.51.100.7');
    const attackers = new SignInDriver(installation.url, key, '192.0.2.66');
    afterwards(() => driver.close());
    afterwards(() => attackers.close());
    const settings = `${numbers.rounds} rounds of ${HONEST} honest sign-ins and ${numbers.hostile} hostile answers`;
    console.log(`\nhostile-load, ${installation.name}: ${conditions(settings)}`);
    await measure(driver, attackers, installation);
  });
}
