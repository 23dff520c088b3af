/**
 * How long it takes to build a review of everything that a tenant's people hold: from its opening until it is recorded as complete, until the
 * API shows it open, and how long it takes to list all of its items then; on a whole Gatebook in a process of its own, which also seals
 * and projects them meanwhile, over a PostgreSQL with fsync and over the embedded database. Resident memory is looked at all along: it must
 * not grow with the review. At the end the items are listed page by page and counted: each grant once.
 * Baseline of the same run: appending as many of the same events, ready in memory, each to a stream of its own, as many at a time.
 * Target: 100,000 items recorded as complete within 30 s over PostgreSQL.
 * `npm run bench -- review-build [--people 20000] [--managers 1000] [--grants 5] [--only embedded | postgres]`
 */
import { setTimeout as delay } from 'node:timers/promises';
import { aReview, Chronicle, itemOf, itemOpened } from '#libs/testing';
import { readArguments } from './support/arguments.js';
import { openBareEngine } from './support/engine-under-test.js';
import {
  atRest,
  GOVERNED_KINDS,
  type GovernedKind,
  type GovernedServer,
  startGovernedServer,
} from './support/governed-server.js';
import { appendAll, personOfTenant, type TenantSize } from './support/governed-tenant.js';
import { timed } from './support/growing-log.js';
import { conditions, say } from './support/machine.js';
import { cpuOfProcess, memoryOfProcess } from './support/process-usage.js';
import { runBenchmark } from './support/run-benchmark.js';
import { rounded, verdict } from './support/statistics.js';

const { numbers, only } = readArguments(
  {
    people: { default: 20_000, least: 10, most: 1_000_000 },
    managers: { default: 1_000, least: 2, most: 100_000 },
    grants: { default: 5, least: 1, most: 50 },
  },
  GOVERNED_KINDS,
);
const SIZE: TenantSize = { ...numbers, managers: Math.min(numbers.managers, numbers.people) };
const ITEMS = SIZE.people * SIZE.grants;
/** Seconds for 100,000 items. */
const TARGET_S = 30;
const TARGET_ITEMS = 100_000;
/** Appends at a time in the baseline: as many as a review has under way. */
const AT_ONCE = 256;
/** Events of the baseline that are encoded together. */
const ENCODED_TOGETHER = 1_000;
const ASK_EVERY_MS = 250;
const PAGE = 200;

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
}

interface Built {
  /** Seconds from the opening, by the log. */
  readonly recorded: number;
  /** Seconds from the answer to the request, until the API shows it open. */
  readonly shown: number;
  /** CPU of the server until then, milliseconds for each item: also of what it seals and projects. */
  readonly cpuMs: number;
  /** Seconds to list all of it. */
  readonly listed: number;
  /** Resident, MB, as long as it took. */
  readonly memory: readonly number[];
}

/** Seconds to append as many events, in a database of their own. */
async function plainAppends(kind: GovernedKind): Promise<number | null> {
  let seconds: number | null = null;
  await runBenchmark(async (afterwards) => {
    const opened = await openBareEngine(kind, afterwards);
    if (!opened) return;
    seconds = 0;
    const review = aReview('baseline');
    const reviewer = personOfTenant(0, SIZE);
    for (let done = 0; done < ITEMS; done += ENCODED_TOGETHER) {
      const facts = Array.from({ length: Math.min(ENCODED_TOGETHER, ITEMS - done) }, (_, index) =>
        itemOpened(itemOf(review, personOfTenant(done + index, SIZE), 'crm.role-0'), [reviewer]),
      );
      const history = new Chronicle().record(...facts);
      const encoded = await opened.engine.codec.encode(history);
      const appends = encoded.map((event, index) => ({ stream: history[index]?.stream ?? '', events: [event] }));
      seconds += (await timed(() => appendAll(opened.engine, appends, AT_ONCE))) / 1_000;
    }
  });
  return seconds;
}

async function build(server: GovernedServer): Promise<Built> {
  const asked = { tenant: 'acme', title: 'Everything', reason: 'A benchmark', reviewers: ['manager'] };
  const { tenant: _tenant, ...body } = asked;
  const dry = await server.post<{ items: number; withoutReviewer: number }>('/api/v1/access-reviews?tenant=acme', {
    ...body,
    dryRun: true,
  });
  if (dry.items !== ITEMS || dry.withoutReviewer > 0)
    throw new Error(`Not everybody is known yet: ${JSON.stringify(dry).slice(0, 200)}`);
  await atRest(server.pid);
  const memory: number[] = [];
  const cpuBefore = cpuOfProcess(server.pid);
  const begun = performance.now();
  const { id } = await server.post<{ id: string }>('/api/v1/access-reviews?tenant=acme', body);
  for (let status = 'building'; status !== 'open'; await delay(ASK_EVERY_MS)) {
    memory.push(memoryOfProcess(server.pid).resident);
    status = await statusOf(server, id);
  }
  const shown = (performance.now() - begun) / 1_000;
  const cpuMs = (cpuOfProcess(server.pid) - cpuBefore) / ITEMS;
  const listed = (await timed(() => listAll(server, id))) / 1_000;
  const { items } = await server.get<{ items: { data: { review: string; tookMs: number } }[] }>(
    '/api/v1/events?tenant=acme&type=AccessReviewPopulated',
  );
  const recorded = (items.find(({ data }) => data.review === id)?.data.tookMs ?? Number.NaN) / 1_000;
  return { recorded, shown, cpuMs, listed, memory };
}

/** A review that was only just opened is not there yet. */
async function statusOf(server: GovernedServer, id: string): Promise<string> {
  const { items } = await server.get<{ items: { id: string; status: string }[] }>('/api/v1/access-reviews?tenant=acme');
  return items.find((review) => review.id === id)?.status ?? 'building';
}

async function listAll(server: GovernedServer, review: string): Promise<void> {
  const seen = new Set<string>();
  let listed = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: Page = await server.get(
      `/api/v1/review-items?tenant=acme&review=${review}&status=open&limit=${PAGE}${after}`,
    );
    for (const { id } of page.items) seen.add(id);
    listed += page.items.length;
    cursor = page.nextCursor;
  }
  if (listed !== ITEMS || seen.size !== ITEMS)
    throw new Error(`${listed} items are listed, ${seen.size} different ones, of ${ITEMS}.`);
}

/** At every tenth of the time. */
const tenths = (values: readonly number[]): string =>
  Array.from({ length: 11 }, (_, tenth) =>
    Math.round(values[Math.floor(((values.length - 1) * tenth) / 10)] ?? 0),
  ).join(' ');

function report(kind: GovernedKind, plain: number, { recorded, shown, cpuMs, listed, memory }: Built): void {
  console.table([
    {
      database: kind,
      items: ITEMS,
      'complete s': rounded(recorded),
      'items/s': Math.round(ITEMS / recorded),
      'shown open s': rounded(shown),
      'CPU ms per item': rounded(cpuMs, 2),
      'listing all s': rounded(listed),
      'plain appends s': rounded(plain),
      'complete ÷ plain': rounded(recorded / plain),
    },
  ]);
  console.log(`${kind}, resident memory at each tenth of the building, MB: ${tenths(memory)}`);
  verdict(`${kind}, complete, for ${TARGET_ITEMS} items`, (recorded * TARGET_ITEMS) / ITEMS, TARGET_S, 's');
}

for (const kind of GOVERNED_KINDS.filter((one) => only === null || one === only)) {
  console.log(
    `\nreview-build, ${kind}: ${conditions(`${SIZE.people} people, ${SIZE.managers} managers, ${ITEMS} items`)}`,
  );
  say(`${kind}: plain appends`);
  const plain = await plainAppends(kind);
  if (plain === null) continue;
  await runBenchmark(async (afterwards) => {
    const server = await startGovernedServer(kind, SIZE, afterwards);
    if (server) report(kind, plain, await build(server));
  });
}
