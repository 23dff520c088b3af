/**
 * How soon a Gatebook over its embedded database is ready, and how much memory it takes: over a new data folder, again over the same one,
 * after half a minute of rest, and after some hundred sign-ins. Baseline of the same run: the smallest Nest Express application.
 * Time runs from the spawn until `/health/ready` answers 200. Targets stand in bench/README.md.
 * `npm run bench -- start [starts] [seconds of rest] [sign-ins]`
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newIdentityProviderKey, writeConfiguration } from './support/identity-provider.js';
import { machineLoad, memoryOfProcess } from './support/process-usage.js';
import { freePort, type ServerProcess, startGatebook, startServerProcess } from './support/server-process.js';
import { SignInDriver } from './support/sign-in-driver.js';
import { median, rounded, verdict } from './support/statistics.js';

const [STARTS = 5, REST_SECONDS = 30, SIGN_INS = 200] = process.argv.slice(2).map(Number);
const TARGET = { readyMs: 5_000, settledMb: 400 } as const;

/** What one start came to. */
interface Started {
  readonly readyMs: number;
  /** Right after it was ready, MB. */
  readonly resident: number;
  readonly peak: number;
}

const root = mkdtempSync(join(tmpdir(), 'gb-bench-'));
const key = await newIdentityProviderKey();
const env = { GATEBOOK_CONFIG: writeConfiguration(root, key) };
const launch = async (folder: string) => startGatebook(folder, await freePort(), env);

/** Starts a server several times, each time as `start` says, and stops it. */
async function repeatedly(start: (round: number) => Promise<ServerProcess>): Promise<Started[]> {
  const all: Started[] = [];
  for (let round = 0; round < STARTS; round += 1) {
    const server = await start(round);
    all.push({ readyMs: server.readyAfterMs, ...memoryOfProcess(server.pid) });
    await server.stop();
  }
  return all;
}

const bare = await repeatedly(async () =>
  startServerProcess({ command: ['dist/bench/support/bare-nest.js'], port: await freePort(), readyPath: '/ready' }),
);
await (await launch(join(root, 'first'))).stop(); // whatever is made once per machine is there afterwards
const fresh = await repeatedly((round) => launch(join(root, `new-${round}`)));
const existing = await repeatedly((round) => {
  const folder = join(root, `again-${round}`);
  cpSync(join(root, 'first'), folder, { recursive: true });
  return launch(folder);
});

const bareMs = median(bare.map(({ readyMs }) => readyMs));
console.log(`start; load of the machine ${machineLoad()}`);
console.table(
  Object.entries({ 'bare Nest Express': bare, 'new data folder': fresh, 'existing data folder': existing }).map(
    ([what, all]) => ({
      what,
      'ready ms, median': Math.round(median(all.map(({ readyMs }) => readyMs))),
      'ready ms, worst': Math.round(Math.max(...all.map(({ readyMs }) => readyMs))),
      'of bare Nest': rounded(median(all.map(({ readyMs }) => readyMs)) / bareMs),
      'resident MB when ready': Math.round(median(all.map(({ resident }) => resident))),
      'peak MB': Math.round(Math.max(...all.map(({ peak }) => peak))),
    }),
  ),
);
verdict(
  'ready, existing data folder, worst',
  Math.max(...existing.map(({ readyMs }) => readyMs)),
  TARGET.readyMs,
  'ms',
);
verdict('ready, new data folder, worst', Math.max(...fresh.map(({ readyMs }) => readyMs)), TARGET.readyMs, 'ms');

const server = await launch(join(root, 'first'));
const driver = new SignInDriver(server.url, key);
const settled = async (after: string) => {
  await delay(REST_SECONDS * 1_000);
  const { resident, peak } = memoryOfProcess(server.pid);
  verdict(
    `resident after ${after} and ${REST_SECONDS} s of rest (peak ${peak.toFixed(0)} MB)`,
    resident,
    TARGET.settledMb,
    'MB',
  );
};
await settled('the start');
for (let n = 0; n < SIGN_INS; n += 1) await driver.signIn(`person${n}`);
await settled(`${SIGN_INS} sign-ins`);
driver.close();
await server.stop();
rmSync(root, { recursive: true, force: true });
