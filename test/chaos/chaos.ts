import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { countDifferences, type RebuildOutcome } from '#libs/read-model';
import type { IdentityProviderKey } from '../support/test-idp.js';
import { anomaliesIn } from './anomalies.js';
import { apiAt } from './api.js';
import { gather } from './gather.js';
import { startLoad } from './load.js';
import { type Victims, wreakHavoc } from './mayhem.js';
import { skippedDuplicates } from './skipped-duplicates.js';

/** An installation of separate processes. */
export interface ClusterUnderFaults {
  readonly urls: Readonly<Record<string, string>>;
  kill(name: string): Promise<void>;
  restart(name: string): Promise<void>;
  ready(name: string): Promise<void>;
  /** Log file of a process. */
  logOf(name: string): string;
  /** Runs `gatebook ARGS --json` against this installation; answers what it printed. */
  gatebook(args: readonly string[]): Promise<unknown>;
}

/** Starts of one process after a kill, at most. */
const STARTS_MAX = 10;

/** One run. */
export interface ChaosOptions {
  readonly cluster: ClusterUnderFaults;
  /** Processes that may be killed. */
  readonly names: readonly string[];
  readonly adminKey: string;
  readonly key: IdentityProviderKey;
  readonly seconds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What a run came to. */
export interface ChaosSummary {
  readonly events: number;
  readonly kills: number;
  readonly duplicatesSkipped: number;
  readonly parked: number;
  readonly anomalies: number;
  readonly seed: number;
}

/** Breaks an installation under load for some time, lets it recover, and checks from the outside what must hold after every fault. */
export async function runChaos(options: ChaosOptions): Promise<ChaosSummary> {
  const { cluster, adminKey, key, seed, say } = options;
  const url = cluster.urls['front'] ?? '';
  const api = apiAt(url, adminKey);
  const load = startLoad({ url, key, api, seed });
  const duplicates = skippedDuplicates(projectorsOf(cluster));
  let kills = 0;
  try {
    kills = await wreakHavoc({ ...options, victims: victimsIn(cluster) });
    say('the faults are over; the load ends');
  } finally {
    await load.stop();
    await duplicates.stop();
  }
  await endWriting(cluster);
  say(
    `${load.signIns.length} sign-ins and ${load.changes.length} changes acknowledged, ${load.unanswered()} sign-ins not`,
  );
  const evidence = await gather(
    {
      api,
      brokers: (cluster.urls['kafka'] ?? '').split(','),
      rebuildDifferences: () => rebuildDifferences(cluster),
      alarms: async () => alarmsIn(cluster),
    },
    load,
  );
  const anomalies = anomaliesIn(evidence);
  for (const anomaly of anomalies) say(`ANOMALY: ${anomaly}`);
  const { events, parked } = evidence;
  return {
    events: events.length,
    kills,
    duplicatesSkipped: duplicates.count(),
    parked,
    anomalies: anomalies.length,
    seed,
  };
}

/** Governance goes on to record what it finds in what happened; the evidence is of a log that nobody adds to any more. */
async function endWriting(cluster: ClusterUnderFaults): Promise<void> {
  if (cluster.urls['governance'] !== undefined) await cluster.kill('governance');
}

const projectorsOf = ({ urls }: ClusterUnderFaults) =>
  Object.entries(urls).flatMap(([name, url]) => (name.startsWith('projector') ? [url] : []));

function victimsIn(cluster: ClusterUnderFaults): Victims {
  const comeBack = async (name: string) => {
    await cluster.kill(name);
    await supervise(cluster, name);
  };
  return {
    killAndRestart: comeBack,
    crashDatabase: () => comeBack('postgres'),
    cutConnections: async () => {
      const client = new Client({ connectionString: cluster.urls['postgres'] });
      await client.connect();
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
      );
      await client.end();
    },
  };
}

/** Starts a process again until it stays up: what it needs may be down itself just then. */
async function supervise(cluster: ClusterUnderFaults, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await cluster.restart(name);
    } catch (error) {
      if (attempt === STARTS_MAX) throw error;
    }
  }
}

/** Rows in which the live tables differ from what the log says, over all projections. */
async function rebuildDifferences(cluster: ClusterUnderFaults): Promise<number> {
  const { outcomes } = (await cluster.gatebook(['verify-projections'])) as { outcomes: readonly RebuildOutcome[] };
  return outcomes.reduce((sum, { differences }) => sum + countDifferences(differences), 0);
}

/** Lines in which a projector said that it stopped. */
function alarmsIn(cluster: ClusterUnderFaults): string[] {
  const names = Object.keys(cluster.urls).filter((name) => name.startsWith('projector'));
  const lines = names.flatMap((name) => readFileSync(cluster.logOf(name), 'utf8').split('\n'));
  return lines.filter((line) => line.includes('Projecting stopped'));
}
