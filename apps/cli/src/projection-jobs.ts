import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { catalogue } from '#libs/contracts';
import { deriveId } from '#libs/event-store';
import { type CommandMetadata, INSTALLATION_TENANT, system } from '#libs/kernel';
import { type Engine, SOFTWARE_VERSION } from '#libs/platform';
import {
  type ProjectionWork,
  type RebuildOutcome,
  type RebuildProgress,
  rebuildProjections,
  verifyProjections,
} from '#libs/read-model';
import type { Arguments, Terminal } from './command.js';
import { withInstallation } from './installation.js';
import { progress } from './progress.js';
import { type ServerClient, ServerRefusedError } from './server-client.js';

/** Pause between two looks at a job of a server, milliseconds. */
const POLL_MS = 500;

/** Status of a refusal that came with a job instead of an answer. */
const JOB_FAILED = 409;

/** Long work on projections. */
export interface Job {
  readonly kind: 'rebuild' | 'verify';
  /** None for all. */
  readonly projections: readonly string[];
}

/** A job as a server tells of it. */
interface JobOfServer {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly progress: RebuildProgress | null;
  readonly outcomes: readonly RebuildOutcome[] | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Does long work on projections, here or at the server that holds the data, and shows how far it is. */
export async function carryOutJob(job: Job, args: Arguments, terminal: Terminal): Promise<readonly RebuildOutcome[]> {
  const shown = progress(terminal, args.flags['json'] === true);
  const onProgress = ({ projection, phase, position, of }: RebuildProgress) =>
    shown.show({ label: `${job.kind} ${projection}, ${phase}`, done: position, of });
  try {
    return await withInstallation(terminal, { mayCreate: false }, (access) =>
      access.kind === 'server' ? atServer(access.server, job, onProgress) : here(access.engine, job, onProgress),
    );
  } finally {
    shown.end();
  }
}

/** What the libraries need of an engine. */
export function projectionWork({ database, store, codec, leases }: Engine): ProjectionWork {
  return { database, store, reader: codec, leases, catalogue, software: SOFTWARE_VERSION };
}

async function here(
  engine: Engine,
  { kind, projections }: Job,
  onProgress: (progress: RebuildProgress) => void,
): Promise<readonly RebuildOutcome[]> {
  const work = { ...projectionWork(engine), onProgress };
  if (kind === 'rebuild') return rebuildProjections(work, projections);
  return verifyProjections(work, projections, { path: engine.writePath, metadata: metadataOf(engine) });
}

/** On the host nobody is known by name: whoever may open the data may verify it. Each run is a command of its own. */
function metadataOf({ keyring, clock }: Engine): CommandMetadata {
  const commandId = randomUUID();
  return {
    tenant: INSTALLATION_TENANT,
    actor: system('command-line'),
    commandId,
    commandDigest: keyring.lookupHmac('command', 'verify-projections'),
    correlationId: commandId,
    now: clock.now().toISOString(),
    deriveId: (name) => deriveId(commandId, name),
  };
}

async function atServer(
  server: ServerClient,
  job: Job,
  onProgress: (progress: RebuildProgress) => void,
): Promise<readonly RebuildOutcome[]> {
  let now = await server.post<JobOfServer>('/api/v1/projections/jobs', job, randomUUID());
  while (now.state === 'running') {
    if (now.progress) onProgress(now.progress);
    await delay(POLL_MS);
    now = await server.get<JobOfServer>(`/api/v1/projections/jobs/${now.id}`);
  }
  if (now.outcomes) return now.outcomes;
  const { code, message } = now.error ?? { code: 'internal-error', message: 'The server could not do it.' };
  throw new ServerRefusedError(JOB_FAILED, code, message, {});
}
