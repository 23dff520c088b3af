import * as fc from 'fast-check';
import { partitionOf } from '#libs/bus';
import {
  ada,
  assigned,
  bo,
  clearReader,
  historyOf,
  olga,
  onEveryDatabase,
  provisioned,
  randomHistory,
  seededId,
} from '#libs/testing';
import { PROJECTIONS } from '../projections.js';
import { countDifferences } from './compare-tables.js';
import { rebuildProjection, verifyProjection } from './rebuild-projection.js';
import { type ProjectedLog, projectedLog } from './rebuilding.fixture.js';

/** Rebuilding beside the live tables: what comes out, what readers see meanwhile, and what an interruption leaves. */

jest.setTimeout(120_000);

const RUNS = { numRuns: 6, interruptAfterTimeLimit: 60_000 };

/** Three people who are given so many roles each. */
const grantsOf = (each: number) =>
  historyOf(
    ...[ada, bo, olga].flatMap((someone) => [
      provisioned(someone),
      ...Array.from({ length: each }, (_, index) => assigned(someone, `role-${index}`)),
    ]),
  );

onEveryDatabase((open) => {
  let log: ProjectedLog;
  beforeAll(async () => {
    log = await projectedLog(open, clearReader);
  });
  afterAll(() => log?.drop());
  beforeEach(() => log.clear());

  const shadowTables = async () =>
    (
      await log.database.query<{ name: string }>(
        `select tablename as name from pg_tables where schemaname = 'read_model_shadow'`,
      )
    ).rows
      .map(({ name }) => name)
      .sort();

  /** Names and definitions of everything that hangs on the tables of the read model. */
  const shape = async () =>
    (
      await log.database.query(
        `select tablename, indexname as name, indexdef as text from pg_indexes where schemaname = 'read_model'
         union all
         select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
         where connamespace = 'read_model'::regnamespace and contype <> 'n'
         union all
         select table_name, column_name, data_type || is_nullable from information_schema.columns where table_schema = 'read_model'
         order by 1, 2, 3`,
      )
    ).rows;

  describe('a rebuild', () => {
    it('of any projection makes what is live, whatever happened', () =>
      fc.assert(
        fc.asyncProperty(randomHistory, async (events) => {
          await log.clear();
          await log.write(events);
          await log.project();
          for (const { name } of PROJECTIONS) {
            const before = await log.contents(name);
            const { differences, position, parked } = await rebuildProjection(log.rebuilding(name));
            expect({ name, differing: countDifferences(differences), position, parked }).toEqual({
              name,
              differing: 0,
              position: events.length - 1,
              parked: { live: 0, rebuilt: 0 },
            });
            expect({ name, rows: await log.contents(name) }).toEqual({ name, rows: before });
          }
        }),
        RUNS,
      ));

    it('leaves tables, indexes and constraints under the same names, and nothing beside them, however often', async () => {
      await log.write(grantsOf(3));
      await log.project();
      const before = await shape();
      for (const { name } of [...PROJECTIONS, ...PROJECTIONS]) await rebuildProjection(log.rebuilding(name));
      expect(await shape()).toEqual(before);
      expect(await shadowTables()).toEqual(['parked', 'rebuilds']);
    });

    it('stops where the live tables stopped, in each partition', async () => {
      const events = grantsOf(5);
      await log.write(events);
      await log.project();
      const behind = partitionOf(events.find(({ stream }) => stream.includes(bo.account))?.stream ?? '');
      await log.database.query('delete from read_model.checkpoints');
      await log.database.query(
        `insert into read_model.checkpoints (projection, version, partition, position, store_position)
         select 'grants', 1, p, case when p = $1 then 7 else 17 end, 0 from generate_series(0, 11) p`,
        [behind],
      );
      await log.database.query('delete from read_model.grants_v1 where account = $1 and from_pos > 7', [bo.account]);
      const before = await log.contents('grants');
      const { differences, position } = await rebuildProjection(log.rebuilding('grants'));
      expect({ position, differing: countDifferences(differences) }).toEqual({ position: 7, differing: 0 });
      expect(await log.contents('grants')).toEqual(before);
    });

    it('goes on while events are appended and projected, and loses none', async () => {
      const events = grantsOf(60);
      await log.write(events.slice(0, 40));
      await log.project();
      let done = false;
      const living = (async () => {
        for (let at = 40; at < events.length || !done; at += 5) {
          await log.write(events.slice(at, at + 5));
          await log.project();
        }
      })();
      const rebuilt = await Promise.all(
        ['grants', 'accounts'].map((name) => rebuildProjection(log.rebuilding(name))),
      ).finally(() => {
        done = true;
      });
      await living;
      expect(rebuilt.map(({ differences }) => countDifferences(differences))).toEqual([0, 0]);
      expect(await log.contents('grants')).toHaveLength(180);
      const { differences } = await verifyProjection(log.rebuilding('grants'));
      expect(countDifferences(differences)).toBe(0);
    });

    it('is never seen by a reader: not half built, not missing', async () => {
      await log.write(grantsOf(30));
      await log.project();
      const counts = new Set<number>();
      let [done, reads] = [false, 0];
      const reading = async (name: string) => {
        while (!done) {
          const text = `select count(*) as count from read_model.grants_v1 g join read_model.account_history_v2 using (tenant, account)`;
          const { rows } = await log.database.query<{ count: number }>({ name, text });
          counts.add(rows[0]?.count ?? -1);
          reads += 1;
        }
      };
      const readers = Promise.all([reading('prepared.one'), reading('prepared.two'), reading('')]);
      for (let times = 0; times < 3; times += 1) await rebuildProjection(log.rebuilding('grants'));
      done = true;
      await readers;
      expect({ counts: [...counts], some: reads > 20 }).toEqual({ counts: [90], some: true });
    });

    it('keeps the rights that an operator gave to others', async () => {
      await log.database.query('grant select on read_model.roles_v1 to public');
      await rebuildProjection(log.rebuilding('roles'));
      const { rows } = await log.database.query(
        `select privilege_type from information_schema.role_table_grants
         where table_schema = 'read_model' and table_name = 'roles_v1' and grantee = 'PUBLIC'`,
      );
      expect(rows).toEqual([{ privilege_type: 'SELECT' }]);
    });
  });

  describe('a live row that somebody changed', () => {
    const forged = `update read_model.grants_v1 set role = 'forged' where role = 'role-1' and account = $1`;
    beforeEach(async () => {
      await log.write(grantsOf(4));
      await log.project();
    });

    it('is found, with its key and nothing else of it, and left as it is', async () => {
      await log.database.query(forged, [ada.account]);
      await log.database.query(`delete from read_model.grants_v1 where role = 'role-2' and account = $1`, [bo.account]);
      await log.database.query(
        `insert into read_model.grants_v1 select (jsonb_populate_record(g, jsonb_build_object('grant_id', $2::text))).*
         from read_model.grants_v1 g where role = 'role-3' and account = $1`,
        [olga.account, seededId('forged')],
      );
      const before = await log.contents('grants');
      const { differences, parked } = await verifyProjection(log.rebuilding('grants'));
      expect(differences).toEqual([
        { table: 'read_model.grants_v1', rows: 12, missing: 1, surplus: 1, changed: 1, keys: expect.any(Array) },
      ]);
      expect(differences[0]?.keys).toHaveLength(3);
      expect(differences[0]?.keys).toContain(`${seededId('forged')}/acme/14`);
      expect(parked).toEqual({ live: 0, rebuilt: 0 });
      expect(await log.contents('grants')).toEqual(before);
      expect(await shadowTables()).toEqual(['parked', 'rebuilds']);
    });

    it('is healed by a rebuild', async () => {
      const before = await log.contents('grants');
      await log.database.query(forged, [ada.account]);
      const { differences } = await rebuildProjection(log.rebuilding('grants'));
      expect(countDifferences(differences)).toBe(1);
      expect(await log.contents('grants')).toEqual(before);
    });

    it('makes the digest of what is right no other', async () => {
      const { digest } = await verifyProjection(log.rebuilding('grants'));
      await log.database.query(forged, [ada.account]);
      expect((await verifyProjection(log.rebuilding('grants'))).digest).toBe(digest);
    });
  });

  describe('a rebuild that is broken off', () => {
    beforeEach(async () => {
      await log.write(grantsOf(100));
      await log.project();
    });

    /** Breaks a rebuild off at the nth sign of progress; answers whether it got so far. */
    async function brokenOffAt(nth: number, software = '1'): Promise<boolean> {
      const stop = new AbortController();
      let signs = 0;
      const onProgress = () => {
        signs += 1;
        if (signs === nth) stop.abort();
      };
      const rebuilding = log.rebuilding('grants', { software, onProgress, signal: stop.signal });
      return rebuildProjection(rebuilding).then(
        () => false,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'rebuild-interrupted' });
          return true;
        },
      );
    }

    it('changes nothing, wherever that is, and goes on the next time', async () => {
      const before = await log.contents('grants');
      let nth = 1;
      for (; await brokenOffAt(nth, `version ${nth}`); nth += 1) {
        expect(await log.contents('grants')).toEqual(before);
        const next = await rebuildProjection(log.rebuilding('grants', { software: `version ${nth}` }));
        expect({ resumed: next.resumed, differing: countDifferences(next.differences) }).toEqual({
          resumed: true,
          differing: 0,
        });
      }
      expect(nth).toBeGreaterThan(3);
      expect(await log.contents('grants')).toEqual(before);
      expect(await shadowTables()).toEqual(['parked', 'rebuilds']);
    });

    it('takes again what it had taken of partitions that had come further', async () => {
      await brokenOffAt(2);
      await log.database.query(`update read_model_shadow.rebuilds set position = 20 where projection = 'grants'`);
      const { resumed, differences } = await rebuildProjection(log.rebuilding('grants'));
      expect({ resumed, differing: countDifferences(differences) }).toEqual({ resumed: true, differing: 0 });
      expect(await log.contents('grants')).toHaveLength(300);
    });

    it('is thrown away by another version of the software', async () => {
      await brokenOffAt(2);
      expect(await shadowTables()).toContain('grants_v1');
      const { resumed, differences } = await rebuildProjection(log.rebuilding('grants', { software: '2' }));
      expect({ resumed, differing: countDifferences(differences) }).toEqual({ resumed: false, differing: 0 });
    });

    it('says that it went on', async () => {
      await brokenOffAt(2);
      expect(await rebuildProjection(log.rebuilding('grants'))).toMatchObject({ resumed: true });
    });
  });

  it('refuses a second rebuild of the same projection', async () => {
    await log.write(grantsOf(3));
    await log.project();
    const both = await Promise.allSettled([
      rebuildProjection(log.rebuilding('grants')),
      rebuildProjection(log.rebuilding('grants')),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'rebuild-under-way' } });
  });

  describe('what is parked', () => {
    const poisoned = (id: string) => ({
      ...clearReader,
      decodeWithholding: (events: Parameters<typeof clearReader.decodeWithholding>[0]) => {
        if (events.some((event) => event.id === id)) throw new TypeError('no upcaster takes it');
        return clearReader.decodeWithholding(events);
      },
    });

    it('is tried again, and parked by the rebuild where it is still poison', async () => {
      const events = grantsOf(10);
      await log.write(events);
      await log.project();
      const poison = events.find(({ type, stream }) => type === 'RolesAssigned' && stream.includes(bo.account));
      const reader = poisoned(poison?.id ?? '');
      const poisonous = await rebuildProjection(log.rebuilding('grants', { reader }));
      expect(poisonous).toMatchObject({ parked: { live: 0, rebuilt: 1 } });
      expect(poisonous.differences).toMatchObject([{ surplus: 10 }]);
      const parked = await log.database.query(
        'select type, poisoned, problem from read_model.parked order by position',
      );
      const behind = { type: 'RolesAssigned', poisoned: false, problem: null };
      expect(parked.rows).toEqual([
        { type: 'RolesAssigned', poisoned: true, problem: 'TypeError' },
        ...Array(9).fill(behind),
      ]);
      const healed = await rebuildProjection(log.rebuilding('grants'));
      expect(healed).toMatchObject({ parked: { live: 1, rebuilt: 0 }, differences: [{ missing: 10 }] });
      expect((await log.database.query('select from read_model.parked')).rows).toEqual([]);
    });
  });

  it('does not go over what a later version recorded', async () => {
    const [first, second] = grantsOf(1);
    await log.write([first, { ...second, schemaVersion: 99 }] as never);
    await log.database.query(
      `insert into read_model.checkpoints (projection, version, position, store_position) values ('grants', 1, 1, 1)`,
    );
    await expect(rebuildProjection(log.rebuilding('grants'))).rejects.toMatchObject({
      code: 'rebuild-needs-newer-software',
    });
  });

  it('does not go over the end of a log that was set back', async () => {
    await log.write(grantsOf(1));
    await log.database.query(
      `insert into read_model.checkpoints (projection, version, position, store_position) values ('grants', 1, 1000, 1000)`,
    );
    await expect(rebuildProjection(log.rebuilding('grants'))).rejects.toMatchObject({ code: 'sealed-log-broken' });
  });
});
