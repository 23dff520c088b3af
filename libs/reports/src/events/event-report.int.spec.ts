import { historyOf, onEveryDatabase, person, signedIn, signInRefused } from '#libs/testing';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import { ROWS_PER_BATCH } from '../report-kind.js';
import { text } from './columns.js';
import { eventReport } from './event-report.js';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from './told-history.fixture.js';

const REFUSALS = 1_203;
const ROWS_OF_ONE = 700;

const people = [person('Ines', 'Duarte'), person('Kofi', 'Mensah'), person('Lena', 'Horvath', { tenant: 'globex' })];
const history = historyOf(
  ...Array.from({ length: REFUSALS }, (_, seed) =>
    signInRefused(people[seed % 3] ?? (people[0] as never), 'no-account', { seed }),
  ),
);

/** Many rows of some events, so that batches end within them; none of others. */
const copies = eventReport({
  kind: 'refusals',
  version: 1,
  title: 'Copies',
  answers: 'What was refused, many times over?',
  columns: [text('event', 'Id of the event.'), text('copy', 'Number of the copy.')],
  filters: ['account'],
  types: ['SignInRefused'],
  tell: async (events) =>
    events.map(({ id, position }) => {
      if (position % 7 === 0) return { excluded: 'seventh' };
      const copy = (index: number) => [id, String(index)];
      const more = position % 400 === 1 ? Array.from({ length: ROWS_OF_ONE }, (_, index) => copy(index + 1)) : [];
      return { rows: [copy(0), ...more], counts: { 'flag.told': 1 } };
    }),
});

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeAll(() => told.tell(history));

  it('has the rows of every event of the tenant, in the order of the log', async () => {
    const { cells, counts } = await reportOf(copies, told.source, askedOf(history));

    const own = history.filter(({ tenant, position }) => tenant === 'acme' && position % 7 !== 0);
    expect([...new Set(cells.map(([id]) => id))]).toEqual(own.map(({ id }) => id));
    expect(counts['flag.told']).toBe(own.length);
    expect(await reconciles(copies, told.source, askedOf(history))).toEqual([]);
  });

  it('goes on from any bookmark with what would have followed, and counts nothing twice', async () => {
    const question = askedOf(history);
    const whole = await reportOf(copies, told.source, question);

    let taken = 0;
    let counted = 0;
    for await (const { rows, bookmark, counts } of copies.rows(told.source, question, null)) {
      expect(rows.length).toBeLessThanOrEqual(ROWS_PER_BATCH);
      expect(bookmark.length).toBeLessThan(1_000);
      taken += rows.length;
      counted += counts['flag.told'] ?? 0;
      const rest = await reportOf(copies, told.source, question, bookmark);
      expect(rest.cells).toEqual(whole.cells.slice(taken));
      expect(counted + (rest.counts['flag.told'] ?? 0)).toBe(whole.counts['flag.told']);
    }
    expect(taken).toBe(whole.cells.length);
  });

  it('looks at nothing beyond what is known', async () => {
    const { cells } = await reportOf(copies, told.source, askedOf(history, { knownAt: 3 }));

    expect(new Set(cells.map(([id]) => id))).toEqual(new Set([history[1]?.id, history[3]?.id]));
  });

  it('has nothing to tell of an empty log', async () => {
    expect((await reportOf(copies, told.source, askedOf(history, { knownAt: -1 }))).cells).toEqual([]);
  });

  it('does not reconcile when the index of the log lost what the walk has met', async () => {
    const question = askedOf(history);
    const { cells, counts } = await reportOf(copies, told.source, question);
    await told.source.database.query('delete from read_model.events_v1 where position = 1');

    const [events] = await copies.population(told.source, question, { rows: cells.length, counts });

    const { recorded = 0, listed = 0, excluded = {} } = events ?? {};
    expect(recorded).toBe(listed + (excluded['seventh'] ?? 0) - 1);
  });

  it('refuses a bookmark of another report', async () => {
    await expect(reportOf(copies, told.source, askedOf(history), '[1,"x"]')).rejects.toThrow('no bookmark');
  });

  it.each([
    ['of the type', `update read_model.events_v1 set type = 'SignInRefused' where position = 2`],
    [
      'recorded in the period',
      `update read_model.events_v1 set recorded_at = '2026-03-02T08:00:30Z' where position = 3`,
    ],
  ])('tells nothing of an event that was not %s whatever the index says, and says so', async (_what, harm) => {
    const [ines] = people as [(typeof people)[number]];
    const refused = (seed: number) => signInRefused(ines, 'no-account', { seed });
    const short = historyOf(refused(0), refused(1), signedIn(ines), refused(3));
    await told.tell(short);
    const question = askedOf(short, { asOf: short[2]?.recordedAt as string });
    const before = await reportOf(copies, told.source, question);
    expect(before.counts).toMatchObject({ 'excluded.seventh': 1, 'listed.events': 1 });

    await told.source.database.query(harm);
    const { cells, counts } = await reportOf(copies, told.source, question);

    expect(cells).toEqual(before.cells);
    expect(counts).toMatchObject({ 'excluded.unknownEvent': 1, 'excluded.seventh': 1, 'listed.events': 1 });
  });

  it.each([
    ['of another account', `account = '${people[1]?.account}'`],
    ['of no account', 'account = null'],
    ['through another connection', `connection = 'entra'`],
    ['by somebody else', `actor = 'account:nobody'`],
    ['recorded at another moment', `recorded_at = recorded_at - interval '1 ms'`],
  ])('tells nothing of an event that the index has as one %s, and says so', async (_what, change) => {
    const [ines] = people as [(typeof people)[number]];
    const short = historyOf(signedIn(ines), signInRefused(ines, 'no-account'));
    await told.tell(short);
    const before = await reportOf(copies, told.source, askedOf(short));
    expect(before.counts).toMatchObject({ 'listed.events': 1 });

    await told.source.database.query(`update read_model.events_v1 set ${change} where position = 1`);
    const { cells, counts } = await reportOf(copies, told.source, askedOf(short));

    expect({ cells, counts }).toEqual({ cells: [], counts: { 'excluded.unknownEvent': 1 } });
  });
});
