/**
 * A real Kafka broker of one process, for tests, benchmarks and a cluster on this machine: its jars come from Maven Central once per
 * checkout, its data stay in a folder that the caller names. Listens on loopback only. Built-in modules only, like all set-up.
 *
 * From a shell: `node tools/kafka/broker.mjs start|stop|kill|status|wipe FOLDER`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { endOfLog } from '../cluster/background-process.mjs';
import { isFree } from '../cluster/ports.mjs';
import { runEntryPoint, SetUpError } from '../set-up-error.mjs';
import { withSetUpLock } from '../set-up-lock.mjs';
import { countBrokers } from './metadata-request.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const CACHE = resolve(HERE, '../../.cache/kafka');
const LIB = join(CACHE, 'lib');
const MINIMUM_JAVA = 17;
const START_WAIT_MS = 60_000;
const STOP_WAIT_MS = 15_000;
const POLL_MS = 50;
/** Where ports are looked for, the last one excluded. */
const PORTS = [12_000, 32_000];
/** The virtual machine starts in half the time without its second compiler, and needs a third less memory. */
const JVM = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  `-Dlog4j2.configurationFile=${join(HERE, 'log4j2.properties')}`,
];
/** Runs the broker until standard input ends, which it does when the parent dies, however it dies. Prints the broker's id first. */
const KEEPER = `"$@" </dev/null >>"$KAFKA_LOG" 2>&1 & broker=$!
echo $broker; cat >/dev/null; kill -KILL $broker 2>/dev/null; wait $broker`;

/**
 * @typedef {object} BrokerOptions
 * @property {string} folder where its data and settings live; created when absent. A folder that was used goes on where it stood
 * @property {number} [port] for clients; a free one otherwise, the same again on the next start in this folder
 * @property {number} [controllerPort] likewise
 * @property {{ username: string, password: string }} [sasl] adds a listener that asks for SCRAM-SHA-256; only for a new folder
 * @property {boolean} [diesWithParent] kills the broker when this process ends, however it ends
 * @property {(line: string) => void} [onProgress] told what takes long
 *
 * @typedef {object} Broker
 * @property {string} brokers for clients, `127.0.0.1:PORT`
 * @property {string | null} saslBrokers of the listener that asks for a password
 * @property {number} pid of the process that runs now
 * @property {() => Promise<void>} restart stops it if it runs, and starts it with what it held
 * @property {() => Promise<void>} stop ends it in order
 * @property {() => Promise<void>} kill ends it as a crash would
 */

/** Why no broker can be started on this machine; undefined when one can. */
export function whyNoBroker() {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (java.error)
    return `no Java on this machine; install ${MINIMUM_JAVA} or later (Debian: apt-get install openjdk-17-jre-headless)`;
  const version = Number(/version "(?:1[.])?(\d+)/.exec(java.stderr)?.[1]);
  if (!(version >= MINIMUM_JAVA)) return `Java ${version} is too old for Kafka; install ${MINIMUM_JAVA} or later`;
  if (isInstalled() || !spawnSync('mvn', ['--version']).error) return undefined;
  return 'no Maven to fetch the broker with; install it (Debian: apt-get install maven)';
}

/**
 * Starts a broker, or finds it running in that folder.
 * @param {BrokerOptions} options
 * @returns {Promise<Broker>}
 * @throws {SetUpError} when it does not come up; says where its log is
 */
export async function startBroker(options) {
  const folder = resolve(options.folder);
  await install(options.onProgress);
  mkdirSync(folder, { recursive: true });
  const settings = await settingsOf(folder, options);
  await run(folder, settings, options);
  return {
    brokers: `127.0.0.1:${settings.port}`,
    saslBrokers: settings.saslPort ? `127.0.0.1:${settings.saslPort}` : null,
    get pid() {
      return runningIn(folder) ?? Number.NaN;
    },
    restart: async () => {
      await end(folder, 'SIGTERM');
      await run(folder, settings, options);
    },
    stop: () => end(folder, 'SIGTERM'),
    kill: () => end(folder, 'SIGKILL'),
  };
}

const digestOfPom = () =>
  createHash('sha256')
    .update(readFileSync(join(HERE, 'pom.xml')))
    .digest('hex');
const isInstalled = () => existsSync(join(LIB, '.pom')) && readFileSync(join(LIB, '.pom'), 'utf8') === digestOfPom();

/** The folder of jars appears whole or not at all, so a download that was cut short is simply made again. */
async function install(onProgress = () => {}) {
  if (isInstalled()) return;
  await withSetUpLock(join(CACHE, 'set-up'), async (addHolder) => {
    if (isInstalled()) return;
    onProgress('Fetching the Kafka broker from Maven Central (44 MB, once)…');
    const fresh = join(CACHE, 'lib.fetching');
    rmSync(fresh, { recursive: true, force: true });
    await fetchJars(fresh, addHolder);
    writeFileSync(join(fresh, '.pom'), digestOfPom());
    rmSync(LIB, { recursive: true, force: true });
    renameSync(fresh, LIB);
  });
}

async function fetchJars(folder, addHolder) {
  const log = join(CACHE, 'maven.log');
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  const output = openSync(log, 'w');
  // Maven writes beside the description, so it gets a copy outside the sources.
  cpSync(join(HERE, 'pom.xml'), join(CACHE, 'pom.xml'));
  const maven = spawn('mvn', ['-B', '-q', ...goal], { cwd: CACHE, stdio: ['ignore', output, output] });
  if (maven.pid) addHolder(maven.pid);
  const code = await new Promise((done) => maven.once('exit', done).once('error', done));
  if (code !== 0)
    throw new SetUpError(`The Kafka broker could not be fetched; see ${log}. Check the network, then try again.`);
}

/** Ports and storage are made once per folder. The controller's port is part of what the storage remembers. */
async function settingsOf(folder, { port, controllerPort, sasl }) {
  const file = join(folder, 'broker.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const free = await freePorts(3);
  const settings = {
    port: port ?? free[0],
    controllerPort: controllerPort ?? free[1],
    saslPort: sasl ? free[2] : null,
  };
  rmSync(join(folder, 'kraft'), { recursive: true, force: true });
  writeFileSync(join(folder, 'server.properties'), properties(folder, settings, sasl));
  await format(folder, sasl);
  writeFileSync(file, JSON.stringify(settings));
  return settings;
}

function properties(folder, { port, controllerPort, saslPort }, sasl) {
  const listeners = [`PLAINTEXT://127.0.0.1:${port}`, `CONTROLLER://127.0.0.1:${controllerPort}`];
  if (saslPort) listeners.push(`SASL://127.0.0.1:${saslPort}`);
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: listeners.join(),
    'advertised.listeners': listeners.join(),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'kraft'),
    // One broker keeps one copy; few internal partitions, because each costs time after a crash.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    // After a crash the broker waits for its own former session to run out.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    ...(sasl && {
      'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
      'listener.name.sasl.scram-sha-256.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    }),
  };
  return `${Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}`;
}

async function format(folder, sasl) {
  const cluster = ['-t', randomBytes(16).toString('base64url').replace(/^-/, 'k')];
  const users = sasl ? ['--add-scram', `SCRAM-SHA-256=[name=${sasl.username},password=${sasl.password}]`] : [];
  const file = ['-c', join(folder, 'server.properties')];
  const args = [
    ...JVM,
    '-cp',
    `${LIB}/*`,
    'kafka.tools.StorageTool',
    'format',
    '--standalone',
    ...cluster,
    ...file,
    ...users,
  ];
  const log = join(folder, 'format.log');
  const output = openSync(log, 'w');
  const tool = spawn('java', args, { cwd: folder, stdio: ['ignore', output, output] });
  const code = await new Promise((done) => tool.once('exit', done).once('error', done));
  if (code !== 0) throw new SetUpError(`The storage of the Kafka broker could not be made; see ${log}.`);
}

async function run(folder, { port }, { diesWithParent = false }) {
  if (runningIn(folder)) return;
  const args = [...JVM, '-Xms128m', '-Xmx512m', '-cp', `${LIB}/*`, 'kafka.Kafka', join(folder, 'server.properties')];
  const log = join(folder, 'broker.log');
  const pid = diesWithParent ? await spawnKept(args, folder, log) : spawnAlone(args, folder, log);
  writeFileSync(join(folder, 'broker.pid'), `${pid}`);
  const deadline = performance.now() + START_WAIT_MS;
  while ((await countBrokers(port)) === 0) {
    if (!runningIn(folder))
      throw new SetUpError(`The Kafka broker ended while it started. The end of ${log}:\n${endOfLog(log)}`);
    if (performance.now() > deadline) throw new SetUpError(`The Kafka broker is not ready after a minute; see ${log}.`);
    await pause(POLL_MS);
  }
}

function spawnAlone(args, folder, log) {
  const output = openSync(log, 'a');
  const broker = spawn('java', args, { cwd: folder, stdio: ['ignore', output, output], detached: true });
  broker.unref();
  return broker.pid;
}

async function spawnKept(args, folder, log) {
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', 'java', ...args], {
    cwd: folder,
    env: { ...process.env, KAFKA_LOG: log },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const said = await new Promise((done) => keeper.stdout.once('data', done));
  for (const handle of [keeper, keeper.stdin, keeper.stdout]) handle.unref();
  return Number(String(said).trim());
}

/** @param {'SIGTERM' | 'SIGKILL'} signal */
async function end(folder, signal) {
  const pid = runningIn(folder);
  if (!pid) return;
  process.kill(pid, signal);
  const deadline = performance.now() + STOP_WAIT_MS;
  while (runningIn(folder)) {
    if (performance.now() > deadline) process.kill(pid, 'SIGKILL');
    await pause(POLL_MS);
  }
  rmSync(join(folder, 'broker.pid'), { force: true });
}

/** Id of the broker that runs on this folder. A process of another kind that was given the same id does not count. */
function runningIn(folder) {
  const file = join(folder, 'broker.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8'));
  try {
    process.kill(pid, 0);
    return isBrokerOf(pid, folder) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isBrokerOf(pid, folder) {
  if (!existsSync('/proc/self/cmdline')) return true; // no way to tell on this system
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  // nothing stands there for the moment in which a process becomes Java, and for good once it has ended
  if (command === '') return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return command.includes(join(folder, 'server.properties'));
}

/** Free ports below those that the system hands out to outgoing connections: after a restart the broker must find its own free. */
async function freePorts(count) {
  const ports = [];
  while (ports.length < count) {
    const port = randomInt(...PORTS);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

const COMMANDS = {
  start: async (folder) => {
    const broker = await startBroker({ folder, onProgress: (line) => process.stderr.write(`${line}\n`) });
    return `up at ${broker.brokers}, process ${broker.pid}`;
  },
  stop: (folder) => end(folder, 'SIGTERM').then(() => 'down'),
  kill: (folder) => end(folder, 'SIGKILL').then(() => 'down'),
  status: (folder) => {
    const pid = runningIn(folder);
    if (!pid) process.exitCode = 1;
    return pid ? `up, process ${pid}` : 'down';
  },
  wipe: (folder) => {
    if (runningIn(folder)) throw new SetUpError('The broker runs. Stop it first.');
    const made = ['kraft', 'broker.json', 'server.properties', 'broker.log', 'format.log', 'broker.pid'];
    for (const name of made) rmSync(join(folder, name), { recursive: true, force: true });
    return 'wiped';
  },
};

function runCommand(word, folder) {
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  return runEntryPoint(async () => {
    if (!command || !folder) throw new SetUpError(`Say: broker.mjs ${Object.keys(COMMANDS).join('|')} FOLDER`);
    const reason = word === 'start' ? whyNoBroker() : undefined;
    if (reason) throw new SetUpError(`Kafka cannot be started: ${reason}.`);
    process.stdout.write(`${await command(resolve(folder))}\n`);
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  void runCommand(process.argv[2] ?? '', process.argv[3]);
}
