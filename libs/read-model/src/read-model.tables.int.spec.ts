import { catalogue } from '#libs/contracts';
import { type Database, migrate } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import {
  ada,
  aReview,
  assigned,
  batchOf,
  bo,
  by,
  changeHeld,
  clearReader,
  connectionRegistered,
  elevationRequested,
  exceptionGranted,
  findingAccepted,
  findingRaised,
  historyOf,
  itemDecided,
  itemOf,
  itemOpened,
  onEveryDatabase,
  provisioned,
  reviewOpened,
  revoked,
  roleDefined,
  signedIn,
  signInRefused,
  storedInClear,
  storeOf,
  type TestDatabase,
} from '#libs/testing';
import { PERSONAL_COLUMNS, PROJECTIONS, ProjectionRunner, readModelMigrations } from './index.js';
import { columnsOf } from './projecting/table-writer.js';
import { emptyReadModel } from './read-model.fixture.js';

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
  beforeEach(() => emptyReadModel(database));

  async function project(events: readonly SealedEvent[]): Promise<void> {
    const stored = storedInClear(events);
    const runner = new ProjectionRunner({
      database,
      sealedEvents: { shared: false, follow: async () => {} },
      store: storeOf(stored),
      reader: clearReader,
      catalogue,
      projections: PROJECTIONS,
    });
    await runner.take(batchOf(stored), { guard: async () => {} });
  }

  it('looks a grant up in an index, by account and by role', async () => {
    const many = Array.from({ length: 1_500 }, (_, n) =>
      assigned(n % 2 ? ada : bo, `role-${n % 300}`, by('okta', 'r'), { nth: n }),
    );
    await project(historyOf(provisioned(ada), provisioned(bo), ...many));
    await database.query('analyze read_model.grants_v1');
    const plan = async (column: string, value: string) => {
      const { rows } = await database.query<{ 'QUERY PLAN': string }>(
        `explain select 1 from read_model.grants_v1 g where g.tenant = 'acme' and g.${column} = '${value}' and g.from_pos <= 900
         order by granted_pos, grant_id limit 51`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    expect(await plan('account', ada.account)).toContain('grants_v1_by_account');
    expect(await plan('role', 'role-7')).toContain('grants_v1_by_role');
  });

  it('has exactly the columns that the projections write', async () => {
    for (const table of PROJECTIONS.flatMap(({ tables }) => tables)) {
      const { rows } = await database.query<{ column_name: string }>(
        `select column_name from information_schema.columns where table_schema || '.' || table_name = '${table.name}'`,
      );
      expect(rows.map(({ column_name }) => column_name).sort()).toEqual(columnsOf(table).sort());
    }
  });

  it('holds personal data only in the columns that are named for it', async () => {
    const words = ['ada@acme.example', 'Okafor', 'olga@acme.example'];
    await project(
      historyOf(
        connectionRegistered('okta'),
        roleDefined('crm.reader'),
        signedIn(ada),
        provisioned(ada, { sponsor: 'olga@acme.example' }),
        assigned(ada, 'crm.reader', by('okta', 'r'), { matched: [{ claim: 'groups', values: ['Okafor'] }] }),
        revoked(ada, 'crm.reader', { reason: 'Okafor left' }),
        signInRefused(ada, 'account-exists-unlinked'),
        elevationRequested(ada, 'now', [bo], { reason: 'Okafor asked for it' }),
        exceptionGranted(ada, 'august', '2026-09-01T00:00:00.000Z', {
          control: 'Okafor is looked after',
          reason: 'Okafor',
        }),
        changeHeld('rules', { reason: 'Okafor needs it', command: '{"by":"Okafor"}' }),
        reviewOpened(aReview('q'), {
          reason: 'Okafor',
          terms: {
            signOff: 'olga@acme.example',
            stages: [
              { reviewers: [{ kind: 'named', principal: 'olga@acme.example' }], fallback: ['olga@acme.example'] },
            ],
          },
        }),
        itemOpened(itemOf(aReview('q'), ada, 'crm.reader'), [bo]),
        itemDecided(itemOf(aReview('q'), ada, 'crm.reader'), 'revoke', bo, { reason: 'Okafor left' }),
        findingRaised('quiet', ada),
        findingAccepted('quiet', bo, '2026-09-01T00:00:00.000Z'),
      ),
    );
    const columnsWith = async (table: string) => {
      const { rows } = await database.query<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t`);
      return rows.flatMap(({ row }) =>
        Object.entries(JSON.parse(row) as object)
          .filter(([, value]) => words.some((word) => JSON.stringify(value).includes(word)))
          .map(([column]) => column),
      );
    };
    const found: Record<string, string[]> = {};
    for (const { name } of PROJECTIONS.flatMap(({ tables }) => tables)) {
      const columns = [...new Set(await columnsWith(name))];
      expect(columns.filter((column) => !PERSONAL_COLUMNS[name]?.includes(column))).toEqual([]);
      if (columns.length > 0) found[name] = columns;
    }
    expect(Object.keys(found).sort()).toEqual([
      'read_model.account_history_v2',
      'read_model.accounts_v1',
      'read_model.elevations_v1',
      'read_model.grant_ends_v1',
      'read_model.held_changes_v1',
      'read_model.sod_exceptions_v1',
    ]);
  });
});
