import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '#libs/contracts';
import { holdLease } from '#libs/database';
import { keepSealing } from '#libs/ledger';
import { createLog, type Engine, openEngine, readEnvironment } from '#libs/platform';
import { PROJECTIONS, ProjectionRunner } from '#libs/read-model';
import { startPrivateKafka, startPrivatePostgres, whyNoKafka } from '#libs/testing';
import type { Afterwards } from './run-benchmark.js';
import { freePort, startApp } from './server-process.js';

/** Ways in which the engine runs. */
export const ENGINES = ['embedded', 'postgres', 'kafka'] as const;
export type EngineKind = (typeof ENGINES)[number];

/** An engine to append to, with whatever seals and projects behind it. */
export interface EngineUnderTest {
  readonly kind: EngineKind;
  readonly name: string;
  readonly engine: Engine;
}

const log = createLog({ level: 'error', readable: true, destination: process.stderr });

/** A folder that goes with the benchmark. */
export function temporaryFolder(afterwards: Afterwards): string {
  const folder = mkdtempSync(join(tmpdir(), 'gb-bench-'));
  afterwards(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens an engine over a database of its own; nothing behind it seals or projects yet. Null, with the reason on the console, without a PostgreSQL. */
export async function openBareEngine(
  kind: 'embedded' | 'postgres',
  afterwards: Afterwards,
): Promise<{ readonly engine: Engine; readonly env: Readonly<Record<string, string>> } | null> {
  const folder = temporaryFolder(afterwards);
  const env: Record<string, string> = { GATEBOOK_DATA_DIR: folder };
  if (kind === 'postgres') {
    const server = await startPrivatePostgres({ fsync: true });
    if (!server) {
      console.warn('SKIPPED: there is no PostgreSQL on this machine.');
      return null;
    }
    afterwards(() => server.stop());
    env['DATABASE_URL'] = server.url;
  }
  const engine = await openEngine({ environment: readEnvironment(env), log });
  afterwards(() => engine.close());
  return { engine, env };
}

/**
 * Starts an engine: embedded as one process, this one; otherwise with a relay and projectors as processes of their own, over a private
 * PostgreSQL with fsync and, for `kafka`, a real broker. Null, with the reason on the console, where the machine lacks something.
 */
export async function startEngine(
  kind: EngineKind,
  projectors: number,
  afterwards: Afterwards,
): Promise<EngineUnderTest | null> {
  const reason = kind === 'kafka' ? whyNoKafka() : undefined;
  if (reason) {
    console.warn(`SKIPPED: the engine over Kafka; ${reason}.`);
    return null;
  }
  const opened = await openBareEngine(kind === 'embedded' ? 'embedded' : 'postgres', afterwards);
  if (!opened) return null;
  const { engine, env } = opened;
  if (kind === 'embedded') {
    sealAndProjectHere(engine, afterwards);
    return { kind, engine, name: 'embedded, one process' };
  }
  const brokers = kind === 'kafka' ? await brokersFor(afterwards) : {};
  await startProcesses({ ...env, ...brokers }, projectors, afterwards);
  const how = `separate relay and ${projectors === 1 ? 'projector' : `${projectors} projectors`}`;
  return { kind, engine, name: kind === 'kafka' ? `PostgreSQL and Kafka, ${how}` : `PostgreSQL, ${how}` };
}

async function brokersFor(afterwards: Afterwards): Promise<{ readonly KAFKA_BROKERS: string }> {
  const kafka = await startPrivateKafka();
  afterwards(() => kafka.stop());
  return { KAFKA_BROKERS: kafka.brokers.join(',') };
}

async function startProcesses(env: Readonly<Record<string, string>>, projectors: number, afterwards: Afterwards) {
  for (const app of ['relay', ...Array.from({ length: projectors }, () => 'projector')]) {
    const server = await startApp(app, await freePort(), { ...env, LOG_LEVEL: 'error' });
    afterwards(() => server.stop());
  }
}

/** What relay and projector do, under the same leases. */
function sealAndProjectHere(engine: Engine, afterwards: Afterwards): void {
  const { database, store, clock, leases } = engine;
  const ending = new AbortController();
  const { signal } = ending;
  const runner = projectionRunner(engine);
  const working = Promise.all([
    holdLease({
      leases,
      role: 'relay',
      log,
      signal,
      work: async (lease, held) => {
        for await (const _ of keepSealing({ database, store, lease, clock }, held));
      },
    }),
    holdLease({
      leases,
      role: 'projector',
      log,
      signal,
      work: async (lease, held) => {
        await runner.run(lease, held);
      },
    }),
  ]);
  working.catch((error) => console.error('Sealing or projecting failed:', error));
  afterwards(async () => {
    ending.abort();
    await working.catch(() => undefined); // it was told when it happened
  });
}

/** Runs all projections from the sealed log, in this process. */
export function projectionRunner(engine: Engine, onTaken?: (events: number) => void): ProjectionRunner {
  const { database, store, codec, sealedEvents } = engine;
  return new ProjectionRunner({
    database,
    store,
    reader: codec,
    sealedEvents,
    catalogue,
    projections: PROJECTIONS,
    onTrouble: (error) => console.error('Projecting failed and will be tried again:', error),
    onTaken: ({ events }) => onTaken?.(events.length),
  });
}
