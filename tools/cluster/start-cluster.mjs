/**
 * Gatebook as separate processes on this machine: a real PostgreSQL and a real Kafka unless others are given, every server as a process
 * of its own, and one front before them. The processes outlive whoever started them; the folder remembers them.
 */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { nodePath, pinnedEnvironment, ROOT } from '../pinned-node.mjs';
import { SetUpError } from '../set-up-error.mjs';
import { endOfLog, endProcess, startInBackground } from './background-process.mjs';
import { makeFolders, readState, writeState, writeUrls } from './cluster-state.mjs';
import { demoIdpUrl, isDemo, refuseOutsideLoopback, writeDemoConfiguration } from './demo.mjs';
import { crashPostgres, startPostgres } from './local-postgres.mjs';
import { choosePorts, isFree } from './ports.mjs';
import { identify, isAlive } from './process-identity.mjs';
import { commandOf, DEMO_IDP, FRONT, frontEnvironment, SERVICES, sharedEnvironment } from './services.mjs';
import { endInOrder, endOne, stopCluster } from './stop-cluster.mjs';

const FRONT_PORT = 3000;
const READY_WAIT_MS = 120_000; // ten processes share the machine's cores while they start
const KILL_WAIT_MS = 10_000;
const POLL_MS = 100;

/** Settings that make a difference to the processes; others of the environment do not. */
const SETTINGS = /^(PORT|HOST|LOG_LEVEL|DATABASE_URL|EVENT_STORE_URL|KAFKA_.*|GATEBOOK_.*|OTEL_.*|NODE_OPTIONS)$/;

/**
 * @typedef {object} ClusterOptions
 * @property {string} folder for data, logs and what is remembered; made when absent
 * @property {NodeJS.ProcessEnv} env as `npm start` reads it: what it gives replaces what the cluster would bring along
 * @property {Partial<Record<string, number>>} [ports] wishes, by name; otherwise the former ones, or free ones above the front's
 * @property {readonly import('./services.mjs').Service[]} [services] other servers than the usual
 * @property {boolean} [kafka] false: readers follow the sealed log in PostgreSQL. Default true
 * @property {(line: string) => void} [onProgress] told each step
 *
 * @typedef {object} Cluster
 * @property {Record<string, string>} urls by name: the front, every server, `postgres`, `kafka` (its brokers), `demoIdp`
 * @property {Record<string, number>} pids of the processes that run now
 * @property {(name: string) => Promise<void>} kill ends one as a crash would and waits until it is gone
 * @property {(name: string) => Promise<void>} restart ends one in order if it runs, and starts it again at the same address; answers when it is up
 * @property {(name: string) => Promise<void>} ready waits until one says that it is ready
 * @property {() => Promise<readonly string[]>} stop ends everything in order; the names of what had to be killed
 */

/**
 * Starts what does not run yet, and answers when all of it is ready. When something cannot start, nothing that this call started stays.
 * @param {ClusterOptions} options
 * @returns {Promise<Cluster>}
 * @throws {SetUpError} when something is missing on this machine, a port is taken, or a process ends while it starts
 */
export async function startCluster(options) {
  const cluster = new LocalCluster({ services: SERVICES, kafka: true, onProgress: () => {}, ...options });
  await cluster.start();
  return cluster;
}

class LocalCluster {
  #options;
  #state;
  #urls = {};
  #broker;
  #launches = {};

  constructor(options) {
    this.#options = { ...options, folder: resolve(options.folder) };
    this.#state = readState(this.#options.folder);
  }

  get urls() {
    return { ...this.#urls };
  }

  get pids() {
    const running = Object.entries(this.#state.processes).filter(([, identity]) => isAlive(identity));
    return Object.fromEntries(running.map(([name, { pid }]) => [name, pid]));
  }

  async start() {
    const { folder, onProgress } = this.#options;
    makeFolders(folder);
    this.#refuseOtherSettings();
    const before = this.pids;
    try {
      await this.#startAll();
    } catch (error) {
      const started = Object.keys(this.pids).filter((name) => !(name in before));
      await endInOrder(started, (name) => this.#end(name));
      throw error;
    }
    this.#state.settings = this.#digest();
    this.#save();
    writeUrls(folder, this.#urls);
    onProgress('Everything is ready.');
  }

  async kill(name) {
    const identity = this.#state.processes[name];
    if (!identity) throw new SetUpError(`There is no process "${name}" in this cluster.`);
    await (name === 'postgres' ? crashPostgres(identity) : endProcess(identity, 'SIGKILL', KILL_WAIT_MS));
  }

  async restart(name) {
    await this.#end(name);
    await this.#launch(name);
    if (name in this.#launches) await this.#until(name, 'live');
  }

  ready(name) {
    return this.#until(name, 'ready');
  }

  async stop() {
    const killed = (await stopCluster(this.#options.folder)).filter((line) => line.endsWith(': killed'));
    this.#state = readState(this.#options.folder);
    return killed.map((line) => line.split(':')[0]);
  }

  async #startAll() {
    const { env, services } = this.#options;
    await this.#choosePorts();
    const { ports } = this.#state;
    const publicUrl = env.GATEBOOK_PUBLIC_URL || `http://localhost:${ports.front}`;
    const demo = isDemo(env, publicUrl);
    if (demo) refuseOutsideLoopback(env.HOST || '127.0.0.1');
    const own = await this.#startFoundations();
    const shared = sharedEnvironment({ env, folder: this.#options.folder, publicUrl, own });
    const behindFront = [...services];
    if (demo) {
      await this.#addDemo(shared, publicUrl);
      behindFront.push(DEMO_IDP);
    }
    for (const service of behindFront) this.#plan(service, shared);
    this.#plan(FRONT, frontEnvironment({ env, services: behindFront, ports }));
    await this.#startServers(behindFront.map(({ name }) => name));
    this.#urls.front = publicUrl;
  }

  /** The first server makes the schema; then the others start side by side, and the front when they have answers to give. */
  async #startServers([first, ...others]) {
    await this.#step(first, () => this.#launchAndWait(first));
    await Promise.all(others.map((name) => this.#step(name, () => this.#launchAndWait(name))));
    await this.#step('front', () => this.#launchAndWait('front'));
  }

  /** PostgreSQL and Kafka, unless others are given. */
  async #startFoundations() {
    const { env, kafka } = this.#options;
    const own = {};
    if (env.DATABASE_URL) this.#urls.postgres = env.DATABASE_URL;
    else {
      await this.#step('postgres', () => this.#launch('postgres'));
      own.DATABASE_URL = this.#urls.postgres;
    }
    if (env.KAFKA_BROKERS) this.#urls.kafka = env.KAFKA_BROKERS;
    else if (kafka) {
      await this.#step('kafka', () => this.#launch('kafka'));
      own.KAFKA_BROKERS = this.#urls.kafka;
    }
    return own;
  }

  async #addDemo(shared, publicUrl) {
    const { folder } = this.#options;
    const baseUrl = demoIdpUrl(publicUrl, this.#state.ports.front);
    shared.GATEBOOK_CONFIG = await writeDemoConfiguration({ folder: join(folder, 'data'), baseUrl });
    shared.DEMO_IDP_URL = baseUrl;
    this.#urls.demoIdp = `${baseUrl}/`;
  }

  #plan(service, env) {
    const port = this.#state.ports[service.name];
    if (service !== DEMO_IDP) this.#urls[service.name] = `http://127.0.0.1:${port}`;
    this.#launches[service.name] = {
      file: nodePath(),
      args: commandOf(service),
      cwd: ROOT,
      env: { ...pinnedEnvironment(env), PORT: String(port), ...service.env },
    };
  }

  async #choosePorts() {
    const { env, services, ports: wished = {} } = this.#options;
    const front = wished.front ?? Number(env.PORT || FRONT_PORT);
    const names = ['postgres', 'kafka', 'kafka-controller', ...services.map(({ name }) => name), DEMO_IDP.name];
    const running = (name) =>
      isAlive(this.#state.processes[name === 'kafka-controller' ? 'kafka' : name] ?? { born: 'dead' });
    if (!running('front') && !(await isFree(front)))
      throw new SetUpError(
        `Port ${front} is taken by another program, or another Gatebook. Stop it, or set PORT to a free port.`,
      );
    const former = { ...this.#state.ports, ...wished };
    delete former.front;
    this.#state.ports = { ...(await choosePorts({ names, from: front + 1, former, running })), front };
    this.#save();
  }

  async #launchAndWait(name) {
    await this.#launch(name);
    await this.#until(name, 'ready');
  }

  /** Starts one unless it runs. */
  async #launch(name) {
    const running = isAlive(this.#state.processes[name] ?? { born: 'dead' });
    if (name === 'postgres') return this.#launchPostgres();
    if (name === 'kafka') return this.#launchKafka();
    const launch = this.#launches[name];
    if (!launch) throw new SetUpError(`There is no process "${name}" in this cluster.`);
    if (!running) this.#remember(name, await startInBackground({ ...launch, log: this.#logOf(name) }));
  }

  async #launchPostgres() {
    const { folder } = this.#options;
    const where = { folder: join(folder, 'postgres'), port: this.#state.ports.postgres, log: this.#logOf('postgres') };
    const { url, identity } = await startPostgres({ ...where, former: this.#state.processes.postgres });
    this.#urls.postgres = url;
    this.#remember('postgres', identity);
  }

  async #launchKafka() {
    const { folder, onProgress } = this.#options;
    const { startBroker, whyNoBroker } = await import('../kafka/broker.mjs');
    const reason = whyNoBroker();
    if (reason)
      throw new SetUpError(
        `Kafka cannot be started: ${reason}. Or set KAFKA_BROKERS to one that runs elsewhere, or do without: npm run cluster -- up --without-kafka`,
      );
    const { kafka: port, 'kafka-controller': controllerPort } = this.#state.ports;
    this.#broker = await startBroker({ folder: join(folder, 'kafka'), port, controllerPort, onProgress });
    this.#urls.kafka = this.#broker.brokers;
    this.#remember('kafka', identify(this.#broker.pid));
  }

  async #until(name, state) {
    const deadline = performance.now() + READY_WAIT_MS;
    const where = `http://127.0.0.1:${this.#state.ports[name]}/health/${state}`;
    let said = 'no answer';
    while (performance.now() < deadline) {
      if (!isAlive(this.#state.processes[name])) throw this.#failure(name, 'ended while it started');
      const answer = await fetch(where).catch(() => null);
      said = answer ? await answer.text() : 'no answer';
      if (answer?.ok) return;
      await pause(POLL_MS);
    }
    throw this.#failure(name, `is not ${state} after ${READY_WAIT_MS / 1000} seconds (${said})`);
  }

  #failure(name, what) {
    const log = this.#logOf(name);
    return new SetUpError(`${name} ${what}. The end of ${log}:\n${endOfLog(log)}`);
  }

  async #end(name) {
    const identity = this.#state.processes[name];
    if (identity) await endOne(name, identity);
  }

  /** Tells when a step is done, how long it took and where to look. */
  async #step(name, work) {
    const startedAt = performance.now();
    const ran = name in this.pids;
    await work();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const address = withoutPassword(this.#urls[name] ?? this.#urls.demoIdp);
    this.#options.onProgress(`${name.padEnd(12)} ${address.padEnd(46)} ${ran ? 'runs already' : `${seconds} s`}`);
  }

  #refuseOtherSettings() {
    const { settings } = this.#state;
    if (Object.keys(this.pids).length === 0 || settings === null || settings === this.#digest()) return;
    throw new SetUpError('The cluster runs with other settings than these. End it first: npm run cluster -- down');
  }

  #digest() {
    const { env, services, kafka } = this.#options;
    const relevant = Object.entries(env).filter(([name, value]) => SETTINGS.test(name) && value);
    return createHash('sha256')
      .update(JSON.stringify([relevant.sort(), services, kafka]))
      .digest('hex');
  }

  #logOf(name) {
    return join(this.#options.folder, 'logs', `${name}.log`);
  }

  #remember(name, identity) {
    this.#state.processes[name] = identity;
    this.#save();
  }

  #save() {
    writeState(this.#options.folder, this.#state);
  }
}

function withoutPassword(url) {
  return url.replace(/(?<=:\/\/[^:/@]+:)[^@]+(?=@)/, '…');
}
