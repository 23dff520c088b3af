import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createIdentityProviderKey } from '#libs/saml-idp';
import { whyNoKafka } from '#libs/testing';
import { whyNoPostgres } from '../../tools/cluster/local-postgres.mjs';
import { isFree } from '../../tools/cluster/ports.mjs';
import { stopCluster } from '../../tools/cluster/stop-cluster.mjs';
import type { Installation } from './installation.js';
import { ADMIN_KEY, type StartedServer } from './started-server.js';
import { configurationOf } from './test-idp.js';

const UP = resolve(__dirname, '../../tools/cluster/up.mjs');

/** Ports of a cluster are looked for from here, apart from those of other test processes; it takes a dozen. */
const FIRST_PORT = 21_000;
const PORTS_EACH = 25;
const TEST_PROCESSES = 300;

/** Separate processes on a Kafka and a PostgreSQL of their own, with two customers whose one identity provider is the test itself. */
export interface StartedCluster {
  /** As a browser and a caller of the API see it: what ends or restarts one process is not there. */
  readonly installation: Installation;
  /** Addresses by the names of the processes. */
  readonly urls: Readonly<Record<string, string>>;
  /** Ends everything and removes the folder. */
  stop(): Promise<void>;
}

/** Why no cluster can be started here; undefined if one can. */
export const whyNoCluster = (): string | undefined => whyNoKafka() ?? whyNoPostgres();

/** Starts a cluster with further policies of `acme`, as they stand in the file. @throws with what it said when it does not become ready */
export async function startTestCluster(policies: readonly string[]): Promise<StartedCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'gatebook-cluster-'));
  const stop = async () => {
    const { home } = homeOf(folder);
    await stopCluster(folder);
    for (const path of [folder, home]) rmSync(path, { recursive: true, force: true });
  };
  try {
    const key = await createIdentityProviderKey({ commonName: 'test identity provider', now: new Date() });
    const configuration = join(folder, 'gatebook.yaml');
    writeFileSync(configuration, withPolicies(configurationOf(key.certificatePem), policies));
    await up(folder, {
      PORT: String(await freeRange()),
      GATEBOOK_CONFIG: configuration,
      GATEBOOK_ADMIN_KEY: ADMIN_KEY,
    });
    const urls = JSON.parse(readFileSync(join(folder, 'urls.json'), 'utf8')) as Record<string, string>;
    const server = { url: urls['front'] ?? '' } as StartedServer;
    return { installation: { key, server, configuration } as Installation, urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const withPolicies = (configuration: string, policies: readonly string[]): string =>
  configuration.replace(
    '\n  - id: globex',
    `\n    policies:${policies.map((policy) => `\n      - ${policy}`).join('')}\n  - id: globex`,
  );

async function up(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [UP, folder], { env: { PATH, HOME, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  if (code !== 0) throw new Error(`The cluster did not start:\n${output}`);
}

async function freeRange(): Promise<number> {
  let port = FIRST_PORT + (process.pid % TEST_PROCESSES) * PORTS_EACH;
  while (!(await isFree(port))) port += PORTS_EACH;
  return port;
}

/** PostgreSQL keeps its data in a folder that its own user can reach. */
function homeOf(folder: string): { readonly home: string } {
  try {
    return JSON.parse(readFileSync(join(folder, 'postgres', 'postgres.json'), 'utf8'));
  } catch {
    return { home: folder };
  }
}
