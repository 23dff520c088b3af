import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { IdentityProviderKey } from '#libs/saml-idp';
import { startPrivatePostgres } from '#libs/testing';
import { temporaryFolder } from './engine-under-test.js';
import { writeConfiguration } from './identity-provider.js';
import { say } from './machine.js';
import { cpuOfFamily, cpuOfPostgres, cpuOfProcess, memoryOfProcess } from './process-usage.js';
import type { Afterwards } from './run-benchmark.js';
import { ADMIN_KEY, freePort, startGatebook } from './server-process.js';

/** Ways in which a whole Gatebook runs. */
export const INSTALLATIONS = ['embedded', 'postgres', 'distributed'] as const;
export type InstallationKind = (typeof INSTALLATIONS)[number];

/** CPU used so far by each group of processes, milliseconds. */
export type CpuByGroup = Readonly<Record<string, number>>;

/** A whole Gatebook that people can sign in to. */
export interface Installation {
  readonly kind: InstallationKind;
  readonly name: string;
  readonly url: string;
  cpu(): CpuByGroup;
  /** Of its one process, MB; null where there are several. */
  readonly memory: (() => { readonly resident: number; readonly peak: number }) | null;
}

/** CPU used so far, in the two groups that one process has. */
export function cpuOfOne({ cpu }: Installation): { readonly gatebook: number; readonly postgres: number } {
  const { Gatebook = 0, PostgreSQL = 0 } = cpu();
  return { gatebook: Gatebook, postgres: PostgreSQL };
}

/** What the benchmarks need of `tools/cluster/start-cluster.mjs`, which says more. */
interface ClusterTool {
  startCluster(options: {
    folder: string;
    env: NodeJS.ProcessEnv;
    ports: Readonly<Record<string, number>>;
    onProgress: (line: string) => void;
  }): Promise<{ readonly urls: Readonly<Record<string, string>>; readonly pids: Readonly<Record<string, number>> }>;
}

interface PostgresTool {
  whyNoPostgres(): string | undefined;
}

interface KafkaTool {
  whyNoBroker(): string | undefined;
}

interface StopTool {
  stopCluster(folder: string): Promise<readonly string[]>;
}

interface PortsTool {
  choosePorts(wish: { names: readonly string[]; from: number }): Promise<Readonly<Record<string, number>>>;
}

/** Groups of a distributed installation by the names of their processes; the others serve what sign-ins do not need. */
const GROUPS: readonly (readonly [string, RegExp])[] = [
  ['front', /^front$/],
  ['gate', /^gate/],
  ['relay', /^relay/],
  ['projector', /^projector/],
  ['PostgreSQL', /^postgres$/],
  ['Kafka', /^kafka$/],
];
const OTHERS = 'others';

/** Ports of a cluster are looked for from here; it takes a dozen. */
const FIRST_PORT = 20_000;
const PORT_RANGE = 8_000;

/** Starts an installation of its own with one connection to the given identity provider. Null, with the reason on the console, where the machine lacks something. */
export function startInstallation(
  kind: InstallationKind,
  key: IdentityProviderKey,
  afterwards: Afterwards,
): Promise<Installation | null> {
  if (kind === 'distributed') return startDistributed(key, afterwards);
  return startOneProcess({ kind, configure: (folder) => writeConfiguration(folder, key) }, afterwards);
}

/** A Gatebook in one process. */
export interface OneProcess {
  readonly kind: 'embedded' | 'postgres';
  /** Writes its configuration. @returns the path */
  configure(folder: string): string;
  /** Default: one that is free. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a Gatebook of its own in one process. Null, with the reason on the console, where the machine lacks something. */
export async function startOneProcess(
  { kind, configure, port, env: more }: OneProcess,
  afterwards: Afterwards,
): Promise<Installation | null> {
  const folder = temporaryFolder(afterwards);
  const env: Record<string, string> = { GATEBOOK_CONFIG: configure(folder), ...more };
  let cpuOfDatabase: () => CpuByGroup = () => ({});
  if (kind === 'postgres') {
    const database = await startPrivatePostgres({ fsync: true });
    if (!database) {
      console.warn('SKIPPED: one process over PostgreSQL; there is no PostgreSQL on this machine.');
      return null;
    }
    afterwards(() => database.stop());
    env['DATABASE_URL'] = database.url;
    const sockets = new URL(database.url).searchParams.get('host');
    if (sockets) cpuOfDatabase = () => ({ PostgreSQL: cpuOfPostgres(sockets) });
  }
  const server = await startGatebook(folder, port ?? (await freePort()), env);
  afterwards(() => server.stop());
  return {
    kind,
    memory: () => memoryOfProcess(server.pid),
    name: kind === 'embedded' ? 'one process, embedded' : 'one process, PostgreSQL',
    url: server.url,
    cpu: () => ({ Gatebook: cpuOfProcess(server.pid), ...cpuOfDatabase() }),
  };
}

async function startDistributed(key: IdentityProviderKey, afterwards: Afterwards): Promise<Installation | null> {
  const reason = await whyNotDistributed();
  if (reason) {
    console.warn(`SKIPPED: separate processes over Kafka; ${reason}.`);
    return null;
  }
  const [{ startCluster }, { stopCluster }, { choosePorts }] = await Promise.all([
    tool<ClusterTool>('tools/cluster/start-cluster.mjs'),
    tool<StopTool>('tools/cluster/stop-cluster.mjs'),
    tool<PortsTool>('tools/cluster/ports.mjs'),
  ]);
  const folder = temporaryFolder(afterwards);
  const env = {
    PATH: process.env['PATH'],
    GATEBOOK_CONFIG: writeConfiguration(folder, key),
    GATEBOOK_ADMIN_KEY: ADMIN_KEY,
  };
  const ports = await choosePorts({ names: ['front'], from: FIRST_PORT + (process.pid % PORT_RANGE) });
  afterwards(() => stopCluster(folder));
  const cluster = await startCluster({ folder, env, ports, onProgress: say });
  return {
    kind: 'distributed',
    name: 'separate processes, PostgreSQL and Kafka',
    url: cluster.urls['front'] ?? '',
    cpu: () => cpuByGroup(cluster.pids),
    memory: null,
  };
}

async function whyNotDistributed(): Promise<string | undefined> {
  const { whyNoPostgres } = await tool<PostgresTool>('tools/cluster/local-postgres.mjs');
  const { whyNoBroker } = await tool<KafkaTool>('tools/kafka/broker.mjs');
  return whyNoPostgres() ?? whyNoBroker();
}

function cpuByGroup(pids: Readonly<Record<string, number>>): CpuByGroup {
  const sums: Record<string, number> = Object.fromEntries([...GROUPS.map(([group]) => [group, 0]), [OTHERS, 0]]);
  for (const [name, pid] of Object.entries(pids)) {
    const group = GROUPS.find(([, pattern]) => pattern.test(name))?.[0] ?? OTHERS;
    sums[group] = (sums[group] ?? 0) + (name === 'postgres' ? cpuOfFamily(pid) : cpuOfProcess(pid));
  }
  return sums;
}

/** The tools are no part of a build, so they are found from the root when they are needed. */
const tool = <T>(path: string): Promise<T> => import(pathToFileURL(join(process.cwd(), path)).href) as Promise<T>;
