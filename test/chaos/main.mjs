/**
 * `npm run chaos [-- --seconds 60 --seed N]`: separate processes on real Kafka and PostgreSQL under load, killed at random; then a check
 * of everything that must hold. The last line is the result as JSON; exit code 1 when something did not hold.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createIdentityProviderKey } from '../../dist/libs/saml-idp/src/index.js';
import { runChaos } from '../../dist/test/chaos/chaos.js';
import { configurationOf } from '../../dist/test/support/test-idp.js';
import { choosePorts } from '../../tools/cluster/ports.mjs';
import { SERVICES } from '../../tools/cluster/services.mjs';
import { startCluster } from '../../tools/cluster/start-cluster.mjs';
import { nodePath, ROOT } from '../../tools/pinned-node.mjs';

const ADMIN_KEY = 'administrator-key-of-a-run-under-faults';
/** Exit code of a run that was told to end. */
const INTERRUPTED = 130;
/** Which of the servers may be killed; PostgreSQL crashes at times of its own. */
const VICTIMS = ['relay-1', 'relay-2', 'projector-1', 'projector-2', 'gate-1', 'gate-2', 'kafka'];
/** Two gates, so that one can always be killed while people go on signing in at the other. */
const SERVERS = SERVICES.flatMap((service) =>
  service.app === 'gate' ? ['gate-1', 'gate-2'].map((name) => ({ ...service, name })) : [service],
);
/** Servers that are broken on purpose, to show that the check finds it: which processes, and what they run. */
const BROKEN = {
  'checkpoint-before-ack': { servers: /^relay-/, entry: 'dist/test/chaos/broken/checkpoint-before-ack.main.js' },
  'rows-and-checkpoint-apart': {
    servers: /^projector-/,
    entry: 'dist/test/chaos/broken/rows-and-checkpoint-apart.main.js',
  },
  'swallowing-broker': { servers: /^relay-/, entry: 'dist/test/chaos/broken/swallowing-broker.main.js' },
};

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    seed: { type: 'string' },
    broken: { type: 'string' },
    keep: { type: 'boolean' },
  },
});
const seconds = whole('seconds', values.seconds ?? '60', 9, 86_400);
const seed = whole('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)), 0, 2 ** 32 - 1);
const say = (line) => process.stdout.write(`${line}\n`);
process.exitCode = await main();

async function main() {
  say(`seed ${seed}, ${seconds} seconds`);
  const folder = mkdtempSync(join(tmpdir(), 'gatebook-chaos-'));
  let cluster;
  try {
    const { key, env } = await installation(folder);
    cluster = await startCluster({
      folder,
      env,
      ports: await choosePorts({ names: ['front'], from: 20_000 + (process.pid % 8_000) }),
      services: services(values.broken),
      onProgress: say,
    });
    // The processes outlive whoever started them: they end with the run, also when that is told to end.
    for (const signal of ['SIGINT', 'SIGTERM'])
      process.once(signal, () => void cluster.stop().finally(() => process.exit(INTERRUPTED)));
    const summary = await runChaos({
      cluster: {
        ...handles(cluster),
        gatebook: (args) =>
          gatebook(args, {
            ...env,
            DATABASE_URL: cluster.urls.postgres,
            GATEBOOK_KEYRING: `file:${join(folder, 'keyring.json')}`,
          }),
        logOf: (name) => join(folder, 'logs', `${name}.log`),
      },
      names: victims(values.broken),
      adminKey: ADMIN_KEY,
      key,
      seconds,
      seed,
      say,
    });
    say(
      `${summary.events} events, ${summary.kills} kills, ${summary.duplicatesSkipped} duplicates skipped, ${summary.parked} parked, ${summary.anomalies} anomalies`,
    );
    say(JSON.stringify(summary));
    return summary.anomalies === 0 ? 0 : 1;
  } finally {
    await cluster?.stop();
    if (!values.keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** A configuration of two customers whose identity provider is this run, and what the servers are told. */
async function installation(folder) {
  const key = await createIdentityProviderKey({
    commonName: 'identity provider of a run under faults',
    now: new Date(),
  });
  const configuration = join(folder, 'gatebook.yaml');
  writeFileSync(configuration, configurationOf(key.certificatePem));
  const env = {
    PATH: process.env.PATH,
    GATEBOOK_CONFIG: configuration,
    GATEBOOK_ADMIN_KEY: ADMIN_KEY,
    LOG_LEVEL: 'info',
  };
  for (const name of ['EVENT_STORE_URL']) if (process.env[name]) env[name] = process.env[name];
  return { key, env };
}

/**
 * Besides the broken servers, of each kind one: what a broken one does shows without the others, and every server takes seconds to start.
 * Governance only adds to the log what it finds in it.
 */
function needless(broken, { name, app }) {
  return !BROKEN[broken].servers.test(name) && (name.endsWith('-2') || app === 'governance');
}

/** A broken server shows when it is killed: then no one else is. */
function victims(broken) {
  const servers = broken === undefined ? /./ : BROKEN[broken].servers;
  return VICTIMS.filter((name) => servers.test(name));
}

function services(broken) {
  if (broken === undefined) return SERVERS;
  const variant = BROKEN[broken];
  if (!variant) throw new Error(`--broken is one of ${Object.keys(BROKEN).join(', ')}.`);
  return SERVERS.filter((service) => !needless(broken, service)).map((service) =>
    variant.servers.test(service.name) ? { ...service, entry: variant.entry } : service,
  );
}

/** A cluster's methods, apart from the object that they belong to. */
function handles(cluster) {
  const [kill, restart, ready] = ['kill', 'restart', 'ready'].map((method) => (name) => cluster[method](name));
  return { urls: cluster.urls, kill, restart, ready };
}

/** The command line works on the data as the servers do. */
async function gatebook(args, env) {
  const command = [join(ROOT, 'dist/apps/cli/src/main.js'), ...args, '--json'];
  const { stdout } = await promisify(execFile)(nodePath(), command, { env, maxBuffer: 64 * 1024 * 1024 }).catch(
    (error) => {
      if (error.code === 1) return error; // differences were found: the answer names them
      throw error;
    },
  );
  return JSON.parse(stdout);
}

function whole(name, text, least, most) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} must be a whole number from ${least} to ${most}.`);
}
