/**
 * How many people a second sign in to an application behind Gatebook, and what that costs: the application's authorization request, the
 * sign-in at Gatebook through its SAML identity provider, the way back with a code, and the exchange of the code for tokens. On a whole
 * Gatebook in one process over a PostgreSQL with fsync; application, browser and identity provider are the driver, which is not counted.
 * Everybody is known already and has the application's roles. Two hops: a browser that knows nothing. One hop: one that is signed in to
 * Gatebook, where nobody asks the identity provider. CPU is that of the server with all its threads, and of PostgreSQL, until the read
 * model has caught up. Baseline of the same run: the same people signing in to Gatebook itself, by SAML.
 * `npm run bench -- op-sign-in [--sign-ins N] [--only embedded | postgres]`
 */
import { APPLICATION_LINE, ApplicationDriver, type Browser } from './support/application-driver.js';
import { readArguments } from './support/arguments.js';
import { newIdentityProviderKey, writeConfiguration } from './support/identity-provider.js';
import { cpuOfOne, type Installation, startOneProcess } from './support/installations.js';
import { conditions, say } from './support/machine.js';
import { runBenchmark } from './support/run-benchmark.js';
import { type Cell, cpuOf, type Driver, measureCell, nextPeople, rowOf, signInAll } from './support/sign-in-cells.js';
import { SignInDriver } from './support/sign-in-driver.js';

const { numbers, only } = readArguments({ 'sign-ins': { default: 300, least: 10, most: 10_000 } }, [
  'embedded',
  'postgres',
]);
const SIGN_INS = numbers['sign-ins'];
const CONCURRENCY = [1, 4, 8] as const;

/** What people do, by its name in the table; the first one is the baseline. */
type Ways = readonly (readonly [string, Driver])[];

async function measure(installation: Installation, ways: Ways, people: readonly string[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const callers of CONCURRENCY) {
    say(`${callers} callers`);
    for (const [name, driver] of ways)
      cells.push(await measureCell({ driver, cpu: () => cpuOfOne(installation) }, name, people, callers));
  }
  return cells;
}

/** Signs the same people in, each in a browser of theirs that stays signed in. */
function inKnownBrowsers(driver: ApplicationDriver): Driver {
  const browsers = new Map<string, Browser>();
  return {
    visible: (person) => driver.visible(person),
    signIn: async (person) => {
      const known = browsers.get(person);
      const browser: Browser = known ?? new Map();
      browsers.set(person, browser);
      const { ms, hops } = await driver.signIn(person, browser);
      if (known && hops !== 1) throw new Error('A signed-in browser was sent to the identity provider.');
      return { ms };
    },
  };
}

const key = await newIdentityProviderKey();
for (const kind of ['postgres', 'embedded'] as const) {
  if ((only ?? 'postgres') !== kind) continue;
  await runBenchmark(async (afterwards) => {
    const configure = (folder: string) => writeConfiguration(folder, key, [APPLICATION_LINE]);
    const installation = await startOneProcess({ kind, configure }, afterwards);
    if (!installation) return;
    const saml = new SignInDriver(installation.url, key);
    const application = new ApplicationDriver(installation.url, key);
    for (const driver of [saml, application]) afterwards(() => driver.close());
    const known = inKnownBrowsers(application);
    const people = nextPeople(SIGN_INS);
    say('warming up');
    await signInAll(application, people, 4);
    await signInAll(known, people, 4);
    console.log(`\nop-sign-in, ${installation.name}: ${conditions(`${SIGN_INS} sign-ins per cell`)}`);
    const ways: Ways = [
      ['to Gatebook by SAML', saml],
      ['to an application, two hops', application],
      ['to an application, one hop', known],
    ];
    const cells = await measure(installation, ways, people);
    const baselineOf = ({ callers }: Cell) => cells.find((cell) => cell.callers === callers) ?? cells[0];
    console.table(cells.map((cell) => rowOf(cell, { name: 'SAML sign-in', ms: cpuOf(baselineOf(cell) ?? cell) })));
  });
}
