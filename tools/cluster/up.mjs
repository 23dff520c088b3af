/** The part of `npm run cluster` that runs on the built sources: starts the cluster, says where everything is, and stays when asked to. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runEntryPoint } from '../set-up-error.mjs';
import { withSetUpLock } from '../set-up-lock.mjs';
import { startCluster } from './start-cluster.mjs';
import { stopCluster } from './stop-cluster.mjs';

const WATCH_MS = 1_000;
const EXIT_INTERRUPTED = 130;

const [folder, ...flags] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);

async function endEverything() {
  say('\nEnding everything…');
  for (const line of await stopCluster(folder)) say(line);
}

/** Where the first administrator begins, in one line; nothing in a demo, or once the link is gone. */
function firstAdministrator({ demoIdp }) {
  const file = join(process.env.GATEBOOK_DATA_DIR || join(folder, 'data'), 'setup-link.txt');
  return !demoIdp && existsSync(file) ? `\nThe first administrator begins with the link in ${file}` : '';
}

/** Ctrl-C while it starts leaves nothing behind; afterwards it ends the cluster only if that stays in the foreground. */
async function interrupted() {
  await endEverything();
  process.exit(EXIT_INTERRUPTED);
}

/** Stays until a signal comes, and tells when a process ends by itself. */
async function watch(cluster) {
  const told = new Set();
  let stop = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal).on(signal, () => (stop = true));
  const names = Object.keys(cluster.pids);
  while (!stop) {
    await pause(WATCH_MS);
    const running = cluster.pids;
    for (const name of names.filter((one) => !(one in running) && !told.has(one))) {
      told.add(name);
      say(`${name} has ended: see ${folder}/logs/${name}.log`);
    }
  }
  await endEverything();
}

await runEntryPoint(async () => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupted);
  const kafka = !flags.includes('--without-kafka');
  const start = () => startCluster({ folder, env: process.env, kafka, onProgress: say });
  const cluster = await withSetUpLock(`${folder}/lock`, start);
  const { front, demoIdp } = cluster.urls;
  const sample = demoIdp ? `\nSign in as a sample person there; their identity provider is ${demoIdp}` : '';
  say(`\nGatebook  ${front}${sample}${firstAdministrator(cluster.urls)}`);
  say('Addresses in .cluster/urls.json, logs in .cluster/logs, what runs: npm run cluster -- status');
  if (flags.includes('--foreground')) return watch(cluster);
  say('End it with: npm run cluster -- down');
});
