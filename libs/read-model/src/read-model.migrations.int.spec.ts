import { EVERY_PARTITION, PARTITIONS } from '#libs/bus';
import { migrate } from '#libs/database';
import { ada, bo, clearReader, historyOf, onEveryDatabase, provisioned, signedIn, signInRefused } from '#libs/testing';
import { readPlaces } from './projecting/places.js';
import { readModelMigrations } from './read-model.migrations.js';
import { countDifferences } from './rebuilding/compare-tables.js';
import { verifyProjection } from './rebuilding/rebuild-projection.js';
import { projectedLog } from './rebuilding/rebuilding.fixture.js';
import { SIGN_IN_WITHDRAWALS_SQL } from './sign-ins/sign-in-withdrawals.table.js';

/** The tables of sign-ins as they were when the mark was on the sign-ins themselves. */
const AS_BEFORE = `
  drop table read_model.sign_in_withdrawals_v1;
  drop index read_model.sign_ins_v1_latest;
  alter table read_model.sign_ins_v1 add column refused boolean not null default false;
  create index sign_ins_v1_latest on read_model.sign_ins_v1 (tenant, account, at) where not refused;`;

/** What older versions of the read model hold is carried over. */

jest.setTimeout(60_000);

describe('an upgrade', () => {
  onEveryDatabase((open) => {
    it('keeps how far every projection has come, and which sign-ins were taken back', async () => {
      const { database, drop } = await open();
      try {
        const before = readModelMigrations.filter(({ name }) => name < '0509');
        await migrate(database, before);
        await database.query(`insert into read_model.checkpoints values ('grants', 1, 41, 57)`);
        const [taken, kept] = [ada.account, bo.account];
        await database.query(
          `insert into read_model.sign_ins_v1 values ($1, 'acme', $1, 'okta', now(), true, 3), ($2, 'acme', $2, 'okta', now(), false, 4)`,
          [taken, kept],
        );
        await migrate(database, readModelMigrations);
        const withdrawn = await database.query('select evidence, tenant from read_model.sign_in_withdrawals_v1');
        expect(withdrawn.rows).toEqual([{ evidence: taken, tenant: 'acme' }]);
        const checkpoints = await database.query('select partition, position from read_model.checkpoints');
        expect(checkpoints.rows).toEqual([{ partition: EVERY_PARTITION, position: 41 }]);
        expect((await readPlaces(database)).size).toBe(PARTITIONS);
      } finally {
        await drop();
      }
    });

    it('makes of sign-ins that were taken back what a rebuild makes of them', async () => {
      const log = await projectedLog(open, clearReader);
      try {
        await log.write(
          historyOf(
            provisioned(ada),
            signedIn(ada, 'okta', { nth: 1 }),
            signInRefused(ada, 'account-deactivated', { nth: 1 }),
          ),
        );
        await log.project();
        await log.database.query(AS_BEFORE);
        await log.database.query('update read_model.sign_ins_v1 set refused = true, position = 2');
        const { database } = log;
        await database.transaction(async (client) => {
          for (const statement of SIGN_IN_WITHDRAWALS_SQL.split(';'))
            if (statement.trim()) await client.query(statement);
        });
        const { differences } = await verifyProjection(log.rebuilding('sign-ins'));
        expect(differences.map(({ table, rows }) => [table, rows])).toEqual([
          ['read_model.sign_ins_v1', 1],
          ['read_model.sign_in_withdrawals_v1', 1],
        ]);
        expect(countDifferences(differences)).toBe(0);
      } finally {
        await log.drop();
      }
    });
  });
});
