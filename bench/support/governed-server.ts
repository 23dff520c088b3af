import { setTimeout as delay } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import { createLog, openEngine, readEnvironment } from '#libs/platform';
import { startPrivatePostgres } from '#libs/testing';
import { temporaryFolder } from './engine-under-test.js';
import { recordPeople, type TenantSize, writeGovernedTenant } from './governed-tenant.js';
import { HttpClient } from './http-client.js';
import { say } from './machine.js';
import { cpuOfProcess } from './process-usage.js';
import type { Afterwards } from './run-benchmark.js';
import { ADMIN_KEY, freePort, startGatebook } from './server-process.js';

/** Databases over which governance is measured. */
export const GOVERNED_KINDS = ['postgres', 'embedded'] as const;
export type GovernedKind = (typeof GOVERNED_KINDS)[number];

/** A server is at rest when it takes less CPU than this share of a core for so many looks, one a second. */
const REST_SHARE = 0.12;
const REST_LOOKS = 3;
const LOOK_MS = 1_000;
const REST_WITHIN_MS = 600_000;

const log = createLog({ level: 'error', readable: true, destination: process.stderr });

/** A whole Gatebook in a process of its own, with a tenant of many people whom it has taken in. */
export interface GovernedServer {
  readonly url: string;
  readonly pid: number;
  /** Asks the API with the installation's key. @throws with what was answered when that is no success */
  get<T>(path: string): Promise<T>;
  /** Likewise, with a body and a key of its own. */
  post<T>(path: string, body: unknown): Promise<T>;
  delete<T>(path: string): Promise<T>;
}

/** Starts one over a database of its own. Null, with the reason on the console, where the machine has no PostgreSQL. */
export async function startGovernedServer(
  kind: GovernedKind,
  size: TenantSize,
  afterwards: Afterwards,
): Promise<GovernedServer | null> {
  const folder = temporaryFolder(afterwards);
  const env: Record<string, string> = { GATEBOOK_CONFIG: writeGovernedTenant(folder, size), LOG_LEVEL: 'error' };
  if (kind === 'postgres') {
    const database = await startPrivatePostgres({ fsync: true });
    if (!database) {
      console.warn('SKIPPED: over PostgreSQL; there is no PostgreSQL on this machine.');
      return null;
    }
    afterwards(() => database.stop());
    env['DATABASE_URL'] = database.url;
  }
  say(`${kind}: recording ${size.people} people with ${size.grants} grants each`);
  const engine = await openEngine({ environment: readEnvironment({ ...env, GATEBOOK_DATA_DIR: folder }), log });
  await recordPeople(engine, size).finally(() => engine.close());
  say(`${kind}: starting the server and waiting until it has taken all of it in`);
  const server = await startGatebook(folder, await freePort(), env, REST_WITHIN_MS);
  afterwards(() => server.stop());
  const http = new HttpClient();
  afterwards(() => http.close());
  await atRest(server.pid);
  return { url: server.url, pid: server.pid, ...api(http, server.url) };
}

function api(http: HttpClient, url: string): Pick<GovernedServer, 'get' | 'post' | 'delete'> {
  const authorization = `Bearer ${ADMIN_KEY}`;
  const written = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const headers = { authorization, 'idempotency-key': uuid(), 'content-type': 'application/json' };
    const answer = await fetch(url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${text.slice(0, 2_000)}`);
    return JSON.parse(text) as T;
  };
  return {
    async get<T>(path: string) {
      const { status, body } = await http.send(url + path, { authorization });
      if (status !== 200) throw new Error(`${path} was answered ${status}: ${body.slice(0, 2_000)}`);
      return JSON.parse(body) as T;
    },
    post: (path, body) => written('POST', path, body),
    delete: (path) => written('DELETE', path),
  };
}

/** Resolves when a server has nothing left to do. @throws when it does not come to rest within ten minutes */
export async function atRest(pid: number): Promise<void> {
  const deadline = performance.now() + REST_WITHIN_MS;
  for (let looks = 0; looks < REST_LOOKS; ) {
    if (performance.now() > deadline) throw new Error('The server did not come to rest within ten minutes.');
    const before = cpuOfProcess(pid);
    await delay(LOOK_MS);
    looks = cpuOfProcess(pid) - before < REST_SHARE * LOOK_MS ? looks + 1 : 0;
  }
}
