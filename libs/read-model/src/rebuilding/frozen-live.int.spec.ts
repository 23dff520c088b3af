import { ada, assigned, clearReader, historyOf, onEveryDatabase, provisioned } from '#libs/testing';
import { PROJECTIONS } from '../projections.js';
import { withFrozenLive } from './frozen-live.js';
import { type ProjectedLog, projectedLog } from './rebuilding.fixture.js';

/** What is compared stands still, also where a hold ran out because the process was held up. */

jest.setTimeout(60_000);

const grants = PROJECTIONS.find(({ name }) => name === 'grants') as (typeof PROJECTIONS)[number];
const history = historyOf(provisioned(ada), ...Array.from({ length: 4 }, (_, nth) => assigned(ada, `role-${nth}`)));

onEveryDatabase((open, kind) => {
  let log: ProjectedLog;
  beforeAll(async () => {
    log = await projectedLog(open, clearReader);
  });
  afterAll(() => log?.drop());
  beforeEach(() => log.clear());

  /** Counts the rows that are seen; the first times somebody projects one more event meanwhile. */
  async function countRows(interruptions: number) {
    let tries = 0;
    await log.write(history.slice(0, 1));
    await log.project();
    const seen = await withFrozenLive(log.database, grants, async ({ reach, client }) => {
      tries += 1;
      const rows = async () => (await client.query('select from read_model.grants_v1')).rows.length;
      const before = await rows();
      if (tries <= interruptions) {
        await log.database.query('update read_model.holds set until = clock_timestamp()');
        await log.write(history.slice(tries, tries + 1));
        await log.project();
      }
      return { position: reach.furthest, before, after: await rows() };
    });
    return { ...seen, tries };
  }

  it('is seen at one position, however that comes about', async () => {
    const { position, before, after, tries } = await countRows(2);
    expect({ before, after }).toEqual({ before: position, after: position });
    expect(tries).toBe(kind === 'embedded' ? 3 : 1);
  });

  if (kind === 'embedded')
    it('is given up where the live tables never stand still', async () => {
      await expect(countRows(3)).rejects.toMatchObject({ code: 'rebuild-live-moved-on' });
    });
});
