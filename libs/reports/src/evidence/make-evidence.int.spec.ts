/** The evidence sheet against a log and a read model that are whole, and against each way in which they may not be. */
import type { ProjectionVerified } from '#libs/contracts';
import { PROJECTIONS } from '#libs/read-model';
import {
  ada,
  assigned,
  bo,
  clearReader,
  connectionRegistered,
  type Fact,
  historyOf,
  onEveryDatabase,
  provisioned,
  roleDefined,
  rule,
  signedIn,
  storeOf,
  tenantRegistered,
  yusuf,
} from '#libs/testing';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import { type MadeReport, makeEvidence } from './make-evidence.js';
import { sourceContacts } from './source-contacts.queries.js';
import { walkTenantLog } from './tenant-log.queries.js';

const compared = (differences: number, projection = 'grants', nth = 0, version = 1): Fact => ({
  category: 'projectionVerification',
  tenant: 'installation',
  id: `0000000${nth}-0000-4000-8000-000000000000`,
  event: (): ProjectionVerified => ({
    type: 'ProjectionVerified',
    data: {
      projection,
      version,
      position: 9,
      digest: 'd'.repeat(64),
      durationMs: 1,
      differences: [{ table: 'read_model.grants_v1', rows: 2, missing: differences, surplus: 0, changed: 0 }],
      parkedStreams: 0,
    },
  }),
});

const facts: readonly Fact[] = [
  tenantRegistered('acme'), // 0, acme 0
  roleDefined('crm.reader'), // 1, acme 1
  connectionRegistered('okta', [rule('engineers', 'engineers', ['crm.reader'])]), // 2, acme 2
  provisioned(yusuf), // 3, globex 0
  provisioned(ada), // 4, acme 3
  signedIn(ada, 'okta', { nth: 1 }), // 5, acme 4
  assigned(ada, 'crm.reader'), // 6, acme 5
  provisioned(bo), // 7, acme 6
];
const history = historyOf(...facts);
const KNOWN_AT = 7;

const made: MadeReport = {
  report: '3f0a7c52-9a64-5d0e-8f55-1c2b7e4d9a31',
  kind: { kind: 'access', version: 1, title: 'Access' },
  question: {
    tenant: 'acme',
    asOf: '2026-03-31T21:59:59.999Z',
    from: null,
    knownAt: KNOWN_AT,
    timeZone: 'Europe/Berlin',
    filter: {},
    personal: false,
  },
  rows: 1,
  kept: { rows: 1, goesOn: false },
  counts: { 'application.crm': 1, 'excluded.ended': 0, 'flag.orphan': 0 },
  summary: {},
  population: [{ of: 'grants', recorded: 1, listed: 1, excluded: {} }],
  files: [{ name: 'access.csv', sha256: 'a'.repeat(64), bytes: 40, rows: 1 }],
  erased: 0,
  parkedStreams: 0,
  generatedBy: 'key:auditor',
  generatedAt: '2026-04-01T08:00:00.000Z',
  softwareVersion: '0.1.0',
};

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  describe('the evidence sheet', () => {
    const told = sealedHistory({ open, reader: clearReader, storeOf });
    const sheet = (over: Partial<MadeReport> = {}) => makeEvidence(told.source, { ...made, ...over });
    const execute = (statement: string) => told.source.database.query(statement);
    beforeEach(() => told.tell(history));

    it('of a whole log says so: what it covers, the counts, the sources', async () => {
      expect(await sheet()).toMatchObject({
        tenant: 'acme',
        positions: { from: 0, through: KNOWN_AT },
        events: { sealed: 7, projected: 7 },
        gaps: 0,
        parkedStreams: 0,
        lag: 0,
        applications: { crm: 1 },
        flags: { orphan: 0 },
        sources: [{ connection: 'okta', status: 'enabled', lastContactAt: history[5]?.recordedAt }],
        sourcesNotListed: 0,
        truncated: false,
        complete: true,
        problems: [],
      });
    });

    it('covers nothing beyond what it knows at', async () => {
      const earlier = await sheet({ question: { ...made.question, knownAt: 4 } });
      expect(earlier).toMatchObject({ events: { sealed: 4, projected: 4 }, complete: true });
      expect(earlier.sources).toEqual([{ connection: 'okta', status: 'enabled', lastContactAt: null }]);
    });

    it('is empty and complete before the first event', async () => {
      const before = await sheet({ question: { ...made.question, knownAt: -1 } });
      expect(before).toMatchObject({ events: { sealed: 0, projected: 0 }, gaps: 0, complete: true });
    });

    it('tells of an event that the index of the read model lost', async () => {
      await execute('delete from read_model.events_v1 where position = 5');
      const { events, complete, problems } = await sheet();
      expect({ events, complete }).toEqual({ events: { sealed: 7, projected: 6 }, complete: false });
      expect(problems.join()).toContain('the first absent positions are 5');
    });

    it.each([
      ['is another one', `update read_model.events_v1 set event_id = gen_random_uuid() where position = 5`],
      ['is of another stream', `update read_model.events_v1 set stream = 'account-acme+x' where position = 5`],
      ['is another one of its stream', 'update read_model.events_v1 set revision = 7 where position = 5'],
      [
        'was sealed at another moment',
        `update read_model.events_v1 set sealed_at = '2026-01-01T00:00:00.000Z' where position = 5`,
      ],
      ['has another number', 'update read_model.events_v1 set tenant_position = 77 where position = 5'],
      ['is of a type that is none', `update read_model.events_v1 set type = 'X' where position = 5`],
      ['is of a type of other streams', `update read_model.events_v1 set type = 'RoleDefined' where position = 5`],
      [
        'is gone, and another tenant’s taken for it',
        `with gone as (delete from read_model.events_v1 where position = 5) update read_model.events_v1 set tenant = 'acme' where position = 3`,
      ],
    ])('tells of an event of the index that %s, although there are as many', async (_what, harm) => {
      await execute(harm);
      const { complete, problems } = await sheet();
      expect(complete).toBe(false);
      expect(problems.join()).toMatch(/positions are 5/);
    });

    it('tells of two events of the index that stand in each other’s place', async () => {
      const swap = (from: number, to: number) =>
        execute(`update read_model.events_v1 set position = ${to} where position = ${from}`);
      for (const [from, to] of [
        [5, 99],
        [6, 5],
        [99, 6],
      ] as const)
        await swap(from, to);
      expect((await sheet()).problems).toEqual([expect.stringContaining('the first positions are 5, 6.')]);
    });

    it('tells of a report that was cut off', async () => {
      expect(await sheet({ kept: { rows: 1, goesOn: true } })).toMatchObject({ truncated: true, complete: false });
    });

    it('says how many sources it does not list', async () => {
      await told.tell(historyOf(...facts, connectionRegistered('entra', [rule('all', 'all', ['crm.reader'])])));
      const query = { tenant: 'acme', knownAt: 8 };
      const [few, all] = [
        await sourceContacts(told.source.database, query, 1),
        await sourceContacts(told.source.database, query),
      ];
      expect([few.sources.map(({ connection }) => connection), few.notListed]).toEqual([['entra'], 1]);
      expect([all.sources.length, all.notListed]).toEqual([2, 0]);
    });

    it('tells of a source that the read model lost', async () => {
      await execute('delete from read_model.connections_v2');
      const { sources, problems } = await sheet();
      expect(sources).toEqual([]);
      expect(problems).toEqual([expect.stringContaining('The log has 1 connection of the tenant, the read model 0')]);
    });

    it('tells of a stream that is parked, and not of one that was parked later', async () => {
      await park(6);
      expect(await sheet()).toMatchObject({ parkedStreams: 1, complete: false });
      expect(await sheet({ question: { ...made.question, knownAt: 5 } })).toMatchObject({
        parkedStreams: 0,
        complete: true,
      });
    });

    it('tells of a stream that was parked when its rows were gathered, though it is not any more', async () => {
      const found = await sheet({ parkedStreams: 1 });
      expect(found).toMatchObject({ parkedStreams: 1, complete: false });
      expect(found.problems.join()).toContain('parked');
    });

    it('does not mind what is parked of another tenant, or for a projection that is no more', async () => {
      await park(6, { tenant: 'globex' });
      await park(6, { version: 99 });
      expect(await sheet()).toMatchObject({ parkedStreams: 0, complete: true });
    });

    it.each([
      ['inside', [4], 1, 'missing tenant positions are 3'],
      ['at the beginning', [0], 1, 'missing tenant positions are 0'],
      ['at the end, where nothing of the tenant follows', [7], 1, 'lacks 1 line at its end'],
      ['in several places', [1, 5, 6], 3, 'missing tenant positions are 1, 4, 5'],
    ])('tells of a gap that was punched into the sealed log %s', async (_where, positions, gaps, text) => {
      await told.punch(positions);
      const found = await sheet();
      expect(found).toMatchObject({ gaps, complete: false });
      expect(found.problems.join()).toContain(text);
    });

    it('does not take what another tenant lost for its own', async () => {
      await told.punch([3]);
      expect(await sheet()).toMatchObject({ gaps: 0, complete: true });
    });

    it('counts a gap right before what it does not cover', async () => {
      await told.punch([5]);
      expect(await sheet({ question: { ...made.question, knownAt: 5 } })).toMatchObject({ gaps: 1, complete: false });
    });

    it('tells of a read model that is behind', async () => {
      await told.seal(history);
      expect(await sheet()).toMatchObject({ lag: 8, events: { sealed: 7, projected: 0 }, complete: false });
    });

    it('names every projection that it was made from, and says that nobody has compared it', async () => {
      const { projections, complete } = await sheet();
      const never = { position: null, digest: null, differences: null, verifiedAt: null };
      expect(projections).toEqual(PROJECTIONS.map(({ name, version }) => ({ projection: name, version, ...never })));
      expect(complete).toBe(true);
    });

    it('does not take the comparison of another version for one of this', async () => {
      await told.tell(historyOf(...facts, compared(0, 'grants', 1, 99)));
      const { projections } = await sheet();
      expect(projections.find(({ projection }) => projection === 'grants')).toMatchObject({
        version: 1,
        position: null,
      });
    });

    it('shows the newest comparison of a projection with the log, and minds when it differed', async () => {
      await told.tell(
        historyOf(...facts, compared(3, 'grants', 1), compared(0, 'grants', 2), compared(2, 'sign-ins', 3)),
      );
      const { projections, problems } = await sheet();
      const comparedOnes = projections.filter(({ position }) => position !== null);
      expect(comparedOnes.map(({ projection, differences, digest }) => [projection, differences, digest])).toEqual([
        ['grants', 0, 'd'.repeat(64)],
        ['sign-ins', 2, 'd'.repeat(64)],
      ]);
      expect(problems).toEqual([expect.stringContaining('The projection sign-ins@1 differed from the log in 2 rows')]);
    });

    it('counts the same in stretches of any length', async () => {
      await told.punch([1, 5]);
      for (const stretch of [1, 2, 3, 100]) {
        const walked = await walkTenantLog(told.source.database, { tenant: 'acme', knownAt: KNOWN_AT }, stretch);
        const none = { unlike: 0, unprojected: [], connections: 1 };
        expect(walked).toEqual({ sealed: 5, projected: 7, gaps: 2, missing: [1, 4], missingAtEnd: 0, ...none });
      }
      await execute('update read_model.events_v1 set revision = revision + 1 where position in (0, 6)');
      for (const stretch of [1, 2, 3, 100]) {
        const walked = await walkTenantLog(told.source.database, { tenant: 'acme', knownAt: KNOWN_AT }, stretch);
        expect(walked).toMatchObject({ sealed: 5, projected: 7, unlike: 2, unprojected: [0, 6], connections: 1 });
      }
    });

    async function park(position: number, { tenant = 'acme', version = 1 } = {}): Promise<void> {
      const { stream, id } = history[position] as (typeof history)[number];
      await told.source.database.query(
        `insert into read_model.parked (projection, version, position, tenant, tenant_position, store_position, event_id, type, stream,
           revision, sealed_at, poisoned) values ('grants', $1, $2, $3, 0, 0, $4, 'RolesAssigned', $5, 0, '', true)`,
        [version, position, tenant, id, stream],
      );
    }
  });
});
