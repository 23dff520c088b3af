import * as fc from 'fast-check';
import { clearReader, onEveryDatabase, randomGovernance } from '#libs/testing';
import { countDifferences } from './compare-tables.js';
import { verifyProjection } from './rebuild-projection.js';
import { type ProjectedLog, projectedLog } from './rebuilding.fixture.js';

/** Goal: tables of reviews, elevations, findings and use are what the log makes of them, also where many streams write the same row. */

const TABLES_OF = [
  'access-reviews',
  'review-items',
  'elevations',
  'findings',
  'sod-exceptions',
  'held-changes',
  'activity',
];

jest.setTimeout(90_000);

onEveryDatabase((open) => {
  let log: ProjectedLog;
  beforeAll(async () => {
    log = await projectedLog(open, clearReader);
  });
  afterAll(() => log?.drop());

  it('are the same when they are filled from the log anew', async () => {
    const [longest] = fc
      .sample(randomGovernance, { numRuns: 60, seed: 6 })
      .sort((one, other) => other.length - one.length);
    await log.write(longest ?? []);
    await log.project(7);
    for (const name of TABLES_OF) {
      const { differences } = await verifyProjection(log.rebuilding(name));
      expect([name, countDifferences(differences)]).toEqual([name, 0]);
    }
  });

  it('would be told apart if a row were wrong', async () => {
    // negative control: somebody tampers with one item
    await log.database.query(`update read_model.review_items_v1 set status = 'closed' where status = 'open'`);
    const { differences } = await verifyProjection(log.rebuilding('review-items'));
    expect(countDifferences(differences)).toBeGreaterThan(0);
  });
});
