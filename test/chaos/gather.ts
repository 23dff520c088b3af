import { randomUUID } from 'node:crypto';
import type { Api } from './api.js';
import type { Evidence, ListedGrant, LoggedEvent, RememberedAnswer } from './evidence.js';
import type { Load } from './load.js';
import { readTopic } from './topic-reader.js';

/** Longest time until everything has settled after the last fault, milliseconds. */
const SETTLE_MS = 60_000;
const TENANTS = ['acme', 'globex'];

/** Where the evidence is. */
export interface Scene {
  readonly api: Api;
  readonly brokers: readonly string[];
  /** Runs `gatebook verify-projections`; answers in how many tables a rebuild differs. */
  readonly rebuildDifferences: () => Promise<number>;
  /** What consumers said when they stopped. */
  readonly alarms: () => Promise<readonly string[]>;
}

/** Collects what can be seen from the outside, once the read model has everything. The load must have stopped. */
export async function gather({ api, brokers, rebuildDifferences, alarms }: Scene, load: Load): Promise<Evidence> {
  const settled = await settle(api, alarms);
  const parked = new Set<string>();
  const access = new Map<string, readonly ListedGrant[]>();
  for (const tenant of TENANTS) access.set(tenant, await grantsOf(api, tenant, parked));
  const remembered: RememberedAnswer[] = [];
  for (const { query, first } of load.remembered)
    remembered.push({ query, first, again: (await api.insist(query, SETTLE_MS)).body.items });
  const events = await wholeLog(api);
  const verification = await verified(api);
  return {
    settled,
    events,
    verification,
    access,
    parked: parked.size,
    signIns: load.signIns,
    changes: load.changes,
    remembered,
    topic: await readTopic(brokers),
    rebuildDifferences: await rebuildDifferences(),
    alarms: await alarms(),
  };
}

/**
 * A last change is made, and the read model asked to show it: then it has everything before. False when it does not come to that, or when a
 * consumer has stopped, which nothing but a person ends.
 */
async function settle(api: Api, alarms: Scene['alarms']): Promise<boolean> {
  const key = {
    name: 'last of the run',
    tenant: 'acme',
    scopes: ['audit:read'],
    reason: 'The end of a run under faults',
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const { body } = await api.change('/api/v1/keys', key, randomUUID(), SETTLE_MS);
  const deadline = performance.now() + SETTLE_MS;
  while (performance.now() < deadline) {
    const answer = await api.get(`/api/v1/access?tenant=acme&limit=1&minPosition=${body.positionToken}`);
    if (answer?.status === 200) return true;
    if ((await alarms()).length > 0) return false;
  }
  return false;
}

/** That all this was read is recorded too: the last of it may be on its way to the sealed log. */
async function verified(api: Api): Promise<Evidence['verification']> {
  for (const deadline = performance.now() + SETTLE_MS; ; ) {
    const { problems, pending } = (await api.insist('/api/v1/ledger/verification', SETTLE_MS)).body;
    if (pending === 0 || performance.now() > deadline) return { problems, pending };
  }
}

async function grantsOf(api: Api, tenant: string, parked: Set<string>): Promise<readonly ListedGrant[]> {
  const grants: ListedGrant[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await api.insist(`/api/v1/access?tenant=${tenant}&limit=200${cursor}`, SETTLE_MS);
    grants.push(...(body.items as ListedGrant[]));
    if (body.degraded) parked.add(tenant);
    if (body.nextCursor === null) return grants;
    cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
  }
}

async function wholeLog(api: Api): Promise<readonly LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (let after = ''; ; after = `&after=${events.at(-1)?.position}`) {
    const { body } = await api.insist(`/api/v1/events?limit=200${after}`, SETTLE_MS);
    events.push(...(body.items as LoggedEvent[]));
    if (body.items.length < 200) return events;
  }
}
