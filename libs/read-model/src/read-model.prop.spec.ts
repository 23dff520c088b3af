import * as fc from 'fast-check';
import { type AccountEvent, catalogue } from '#libs/contracts';
import { type Database, migrate } from '#libs/database';
import { accountDecider, rolesHeld } from '#libs/domain';
import { fold, type SealedEvent } from '#libs/kernel';
import {
  batchOf,
  clearReader,
  onEveryDatabase,
  randomHistory,
  storedInClear,
  storeOf,
  type TestDatabase,
} from '#libs/testing';
import { findAccess, PROJECTIONS, ProjectionRunner, readModelMigrations } from './index.js';

/**
 * The read model against its definition, on random histories: a fold of the log. Whatever the batches, however often an event comes, and
 * for every pair of instant and state of knowledge.
 */

const RUNS = { numRuns: 25, interruptAfterTimeLimit: 40_000 };
const FREE = { guard: async () => {} };

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  let test: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    test = await open();
    database = test.database;
    await migrate(database, readModelMigrations);
  });
  afterAll(() => test?.drop());

  async function empty(): Promise<void> {
    const tables = PROJECTIONS.flatMap((projection) => projection.tables.map(({ name }) => name));
    await database.query(`truncate ${tables.join(', ')}, read_model.checkpoints, read_model.parked`);
  }

  /** Takes a history in, in batches of these sizes, again and again. */
  async function take(events: readonly SealedEvent[], sizes: readonly number[]): Promise<void> {
    const stored = storedInClear(events);
    const runner = new ProjectionRunner({
      database,
      sealedEvents: { shared: false, follow: async () => {} },
      store: storeOf(stored),
      reader: clearReader,
      catalogue,
      projections: PROJECTIONS,
    });
    for (let at = 0, batch = 0; at < stored.length; batch += 1) {
      const size = sizes[batch % sizes.length] as number;
      await runner.take(batchOf(stored.slice(at, at + size)), FREE);
      at += size;
    }
  }

  async function contents(): Promise<string[]> {
    const rows: string[] = [];
    for (const { name } of PROJECTIONS.flatMap(({ tables }) => tables)) {
      const result = await database.query<{ row: object }>(`select to_jsonb(t) as row from ${name} t`);
      rows.push(...result.rows.map(({ row }) => `${name} ${JSON.stringify(row)}`).sort());
    }
    return rows;
  }

  const held = async (tenant: string, asOf: string, knownAt: number) => {
    const { items } = await findAccess(database, { tenant, asOf, knownAt, limit: 200 });
    return items.map((grant) => JSON.stringify([grant.grant_id, grant.account, grant.role, grant.user_name])).sort();
  };

  it('is the same whatever the batches', () =>
    fc.assert(
      fc.asyncProperty(
        randomHistory,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (events, sizes) => {
          await empty();
          await take(events, [events.length]);
          const atOnce = await contents();
          await empty();
          await take(events, sizes);
          expect(await contents()).toEqual(atOnce);
        },
      ),
      RUNS,
    ));

  it('is the same when everything comes twice, even with the checkpoints lost', () =>
    fc.assert(
      fc.asyncProperty(randomHistory, fc.integer({ min: 1, max: 9 }), async (events, size) => {
        await empty();
        await take(events, [size]);
        const once = await contents();
        await take(events, [events.length]);
        expect(await contents()).toEqual(once);
        await database.query('truncate read_model.checkpoints');
        await take(events, [size]);
        expect(await contents()).toEqual(once);
      }),
      RUNS,
    ));

  it('answers as a fold of the log does, for every instant and state of knowledge', () =>
    fc.assert(
      fc.asyncProperty(
        randomHistory,
        fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { minLength: 6, maxLength: 6 }),
        async (events, pairs) => {
          await empty();
          await take(events, [7]);
          for (const [minute, knownAt] of pairs) {
            const asOf = new Date(Date.parse('2026-03-02T08:00:00.000Z') + minute * 60_000).toISOString();
            for (const tenant of ['acme', 'globex'])
              expect(await held(tenant, asOf, knownAt)).toEqual(folded(events, tenant, asOf, knownAt));
          }
        },
      ),
      RUNS,
    ));

  it('agrees with what the domain says is held now', () =>
    fc.assert(
      fc.asyncProperty(randomHistory, async (events) => {
        await empty();
        await take(events, [5]);
        const last = events.at(-1) as SealedEvent;
        const streams = Map.groupBy(events.filter(isAboutAccount), ({ stream }) => stream);
        for (const [, own] of streams) {
          const state = fold(accountDecider, own);
          const { tenant } = own[0] as SealedEvent;
          const query = { tenant, account: state.id, asOf: last.recordedAt, knownAt: last.position, limit: 200 };
          const roles = (await findAccess(database, query)).items.map(({ role }) => role);
          expect([...new Set(roles)].sort()).toEqual(rolesHeld(state, last.recordedAt).sort());
        }
      }),
      RUNS,
    ));

  it('never changes an answer for an instant and a state of knowledge', () =>
    fc.assert(
      fc.asyncProperty(randomHistory, fc.nat(40), fc.nat(30), async (events, minute, knownAt) => {
        const asOf = new Date(Date.parse('2026-03-02T08:00:00.000Z') + minute * 60_000).toISOString();
        const then = events.filter(({ position }) => position <= knownAt);
        await empty();
        await take(then, [4]);
        const before = await held('acme', asOf, knownAt);
        await take(events, [6]);
        expect(await held('acme', asOf, knownAt)).toEqual(before);
      }),
      RUNS,
    ));

  it('would be caught if it left out a single event', async () => {
    // negative control: among these histories there are some in which a missing revocation shows
    let caught = 0;
    for (const events of fc.sample(randomHistory, { numRuns: 200, seed: 7 })) {
      const revocation = events.findLast(({ type }) => type === 'AccessRevoked');
      if (!revocation) continue;
      const { tenant, recordedAt: asOf, position } = revocation;
      await empty();
      await take(
        events.filter((event) => event !== revocation),
        [9],
      );
      const told = await held(tenant, asOf, position);
      if (told.join() !== folded(events, tenant, asOf, position).join()) caught += 1;
    }
    expect(caught).toBeGreaterThan(0);
  });
});

const isAboutAccount = ({ stream }: SealedEvent) => stream.startsWith('account-');

interface Held {
  readonly account: string;
  readonly role: string;
  readonly from: string;
  to: string | null;
}

interface Standing {
  active: boolean;
  readonly expiresAt: string | null;
  name: string;
}

/** Who held what, straight from the log: what was recorded up to `knownAt`, as it held at `asOf`. */
function folded(events: readonly SealedEvent[], tenant: string, asOf: string, knownAt: number): string[] {
  const grants = new Map<string, Held>();
  const accounts = new Map<string, Standing>();
  const known = events.filter((event) => isAboutAccount(event) && event.tenant === tenant && event.position <= knownAt);
  for (const event of known as (SealedEvent & AccountEvent)[]) {
    rememberGrants(grants, event);
    if (event.recordedAt <= asOf) rememberStanding(accounts, event);
  }
  return [...grants]
    .filter(([, { account, from, to }]) => {
      const standing = accounts.get(account);
      const counts = standing?.active && (standing.expiresAt === null || asOf < standing.expiresAt);
      return counts && from <= asOf && (to === null || asOf < to);
    })
    .map(([id, { account, role }]) => JSON.stringify([id, account, role, accounts.get(account)?.name]))
    .sort();
}

function rememberGrants(grants: Map<string, Held>, { type, data }: AccountEvent): void {
  if (type === 'RolesAssigned') {
    for (const { id, role, effectiveAt, until } of data.grants)
      grants.set(id, { account: data.account, role, from: effectiveAt, to: until });
  }
  if (type === 'GrantsConfirmed') {
    for (const { id } of data.grants) (grants.get(id) as Held).to = data.until;
  }
  if (type === 'GrantsReduced') {
    for (const { id } of data.grants) {
      const grant = grants.get(id) as Held;
      grant.to = grant.to !== null && grant.to < data.until ? grant.to : data.until;
    }
  }
  if (type === 'AccessRevoked') {
    for (const { id } of data.grants) {
      const grant = grants.get(id) as Held;
      grant.to = grant.to !== null && grant.to < data.effectiveAt ? grant.to : data.effectiveAt;
    }
  }
}

function rememberStanding(accounts: Map<string, Standing>, { type, data }: AccountEvent): void {
  if (type === 'UserProvisioned')
    accounts.set(data.account, { active: true, expiresAt: data.expiresAt, name: data.profile.userName });
  const standing = accounts.get(data.account);
  if (!standing) return;
  if (type === 'UserDeactivated') standing.active = false;
  if (type === 'UserReactivated') standing.active = true;
  if (type === 'ProfileUpdated') standing.name = data.profile.userName;
}
