import * as fc from 'fast-check';
import type { ReviewItemEvent } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { clearReader, onEveryDatabase, randomGovernance } from '#libs/testing';
import { findReviewItems, lastUses, PROJECTIONS } from './index.js';
import { emptyReadModel, projectedHistory } from './read-model.fixture.js';

/**
 * Reviews, elevations, findings and use as the read model tells of them, against random histories: the same whatever the batches and however
 * often an event comes, and for the open questions and the last use the same as is found by reading the log from the beginning.
 */

const RUNS = { numRuns: 15, interruptAfterTimeLimit: 40_000 };

jest.setTimeout(90_000);

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);

  async function take(events: readonly SealedEvent[], sizes: readonly number[]): Promise<void> {
    for (let at = 0, batch = 0; at < events.length; batch += 1) {
      const size = sizes[batch % sizes.length] as number;
      await model.project(events.slice(at, at + size));
      at += size;
    }
  }

  async function contents(): Promise<string[]> {
    const rows: string[] = [];
    for (const { name } of PROJECTIONS.flatMap(({ tables }) => tables)) {
      const result = await model.database.query<{ row: object }>(`select to_jsonb(t) as row from ${name} t`);
      rows.push(...result.rows.map(({ row }) => `${name} ${JSON.stringify(row)}`).sort());
    }
    return rows;
  }

  it('is the same whatever the batches, and when everything comes twice', () =>
    fc.assert(
      fc.asyncProperty(
        randomGovernance,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (events, sizes) => {
          await emptyReadModel(model.database);
          await take(events, [events.length]);
          const atOnce = await contents();
          await model.database.query('truncate read_model.checkpoints');
          await take(events, sizes);
          expect(await contents()).toEqual(atOnce);
          await emptyReadModel(model.database);
          await take(events, sizes);
          expect(await contents()).toEqual(atOnce);
          expect((await model.database.query('select * from read_model.parked')).rows).toEqual([]);
        },
      ),
      RUNS,
    ));

  it('tells of every item whom it asks and whether it is answered, as the log does', () =>
    fc.assert(
      fc.asyncProperty(randomGovernance, async (events) => {
        await emptyReadModel(model.database);
        await take(events, [11]);
        const { items } = await findReviewItems(model.database, { tenant: 'acme', limit: 200 });
        const told = items.map(({ item, status, reviewers, outcome }) => [item, { status, reviewers, outcome }]);
        expect(Object.fromEntries(told)).toEqual(itemsIn(events));
      }),
      RUNS,
    ));

  it('tells the last day of use, in whatever order sources speak', () =>
    fc.assert(
      fc.asyncProperty(randomGovernance, async (events) => {
        await emptyReadModel(model.database);
        await take(events, [6]);
        const accounts = events.filter(({ type }) => type === 'UserProvisioned').map(({ data }) => accountIn(data));
        const told = await lastUses(model.database, { tenant: 'acme', accounts });
        const asTexts = told.map((use) => [use.account, use.application, use.role, use.source, use.usedOn].join(' '));
        expect(asTexts.sort()).toEqual(lastUsesIn(events).sort());
      }),
      RUNS,
    ));
});

interface Asked {
  status: string;
  reviewers: readonly string[];
  outcome: string | null;
}

/** Items straight from the log. */
function itemsIn(events: readonly SealedEvent[]): Record<string, Asked> {
  const items: Record<string, Asked> = {};
  for (const event of events.filter(({ stream }) => stream.startsWith('reviewItem-'))) {
    const { type, data } = event as SealedEvent & ReviewItemEvent;
    if (type === 'ReviewItemOpened') items[data.item] = { status: 'open', reviewers: data.reviewers, outcome: null };
    const item = items[data.item] as Asked;
    if (type === 'ReviewItemAssigned') item.reviewers = data.reviewers;
    if (type === 'ReviewDecisionRecorded' && ['revoke', 'reduce'].includes(data.decision)) item.status = 'revoking';
    if (type === 'ReviewItemClosed') Object.assign(item, { status: 'closed', outcome: data.outcome });
    if (type === 'ReviewItemReopened') Object.assign(item, { status: 'open', outcome: null });
  }
  return items;
}

interface Used {
  readonly account: string;
  readonly application: string;
  readonly role: string | null;
  readonly usedAt: string;
}

/** Last uses straight from the log. */
function lastUsesIn(events: readonly SealedEvent[]): string[] {
  const last = new Map<string, string>();
  for (const { type, data, recordedAt } of events)
    for (const { source, account, application, role, usedAt } of usesOf(type, data, recordedAt)) {
      const key = [account, application, role, source].join(' ');
      const day = usedAt.slice(0, 10);
      if (day > (last.get(key) ?? '')) last.set(key, day);
    }
  return [...last].map(([key, day]) => `${key} ${day}`);
}

function usesOf(type: string, data: unknown, recordedAt: string): (Used & { readonly source: string })[] {
  if (type === 'ApplicationSignedIn') {
    const { account, application } = data as Used;
    return [{ account, application, role: null, usedAt: recordedAt, source: 'op' }];
  }
  if (type !== 'UsageReported') return [];
  const { source, entries } = data as { readonly source: string; readonly entries: readonly Used[] };
  return entries.map((entry) => ({ ...entry, source }));
}

const accountIn = (data: unknown): string => (data as { readonly account: string }).account;
