/** Reads that are counted together: which are written at once, which later, and what becomes of them when nothing can be written. */
import { COUNTED_FOR_MS, COUNTS_MAX, CountedReads, type ReadCount, type ReadSubject } from './counted-reads.js';

const BEGIN = '2026-03-10T00:00:00.000Z';
const subject: ReadSubject = { actor: { kind: 'key', id: 'auditor' }, tenant: 'acme', what: 'events', personal: true };
const nowhere = { after: null, through: null };
const from = (after: number, through: number) => ({ after, through });

/** A log that can be away, and a clock that stands still until it is set. */
function setting() {
  let now = Date.parse(BEGIN);
  let away = false;
  const written: (ReadCount & Pick<ReadSubject, 'tenant'>)[] = [];
  const reads = new CountedReads(
    async ({ tenant }, count) => {
      if (away) throw new Error('The log is away.');
      written.push({ tenant, ...count });
    },
    () => new Date(now),
  );
  return {
    reads,
    written,
    countsOf: () => written.map(({ reads: count }) => count),
    pass: (ms: number) => {
      now += ms;
    },
    takeAway: (is: boolean) => {
      away = is;
    },
  };
}

describe('reads of the audit', () => {
  it('are written down before the first is answered', async () => {
    const { reads, written } = setting();
    await reads.count(subject, from(-1, 20));
    expect(written).toEqual([{ tenant: 'acme', after: -1, through: 20, reads: 1, since: BEGIN }]);
  });

  it('are counted for ten minutes after it, and then written down together with the outermost positions', async () => {
    const { reads, written, pass } = setting();
    await reads.count(subject, from(-1, 20));
    pass(1000);
    await reads.count(subject, from(20, 40));
    await reads.count(subject, from(7, 8));
    await reads.write('elapsed');
    expect(written).toHaveLength(1);
    pass(COUNTED_FOR_MS);
    await reads.write('elapsed');
    await reads.write('elapsed');
    expect(written.slice(1)).toEqual([
      { tenant: 'acme', after: 7, through: 40, reads: 2, since: '2026-03-10T00:00:01.000Z' },
    ]);
  });

  it('are written down with the next one where it comes first', async () => {
    const { reads, pass, countsOf } = setting();
    await reads.count(subject, nowhere);
    await reads.count(subject, nowhere);
    pass(COUNTED_FOR_MS);
    await reads.count(subject, nowhere);
    expect(countsOf()).toEqual([1, 2]);
  });

  it.each<[string, Partial<ReadSubject>]>([
    ['caller', { actor: { kind: 'account', id: 'auditor' } }],
    ['tenant', { tenant: 'globex' }],
    ['kind of data', { what: 'access' }],
    ['right to see names', { personal: false }],
  ])('are counted apart for every %s', async (_what, other) => {
    const { reads, countsOf } = setting();
    await reads.count(subject, nowhere);
    await reads.count({ ...subject, ...other }, nowhere);
    expect(countsOf()).toEqual([1, 1]);
  });

  it('are all written down in the end', async () => {
    const { reads, countsOf } = setting();
    for (let nth = 0; nth < 5; nth += 1) await reads.count(subject, nowhere);
    await reads.write('all');
    expect(countsOf()).toEqual([1, 4]);
  });

  it('fail where the first cannot be written down, and so do those that waited for it; none of them counts', async () => {
    const { reads, takeAway, countsOf } = setting();
    takeAway(true);
    const answers = await Promise.allSettled([reads.count(subject, nowhere), reads.count(subject, nowhere)]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    takeAway(false);
    await reads.count(subject, nowhere);
    await reads.write('all');
    expect(countsOf()).toEqual([1]);
  });

  it('go on for ten minutes while the log is away, and what was answered is written down when it is back', async () => {
    const { reads, takeAway, pass, countsOf } = setting();
    await reads.count(subject, nowhere);
    takeAway(true);
    await reads.count(subject, nowhere);
    pass(COUNTED_FOR_MS);
    await expect(reads.write('elapsed')).rejects.toThrow('away');
    await expect(reads.count(subject, nowhere)).rejects.toThrow('away');
    await expect(reads.write('all')).rejects.toThrow('away');
    takeAway(false);
    await reads.count(subject, nowhere);
    await reads.write('all');
    expect(countsOf()).toEqual([1, 2]);
  });

  it('of more subjects than can be counted are written down one by one', async () => {
    const { reads, countsOf } = setting();
    for (let nth = 0; nth < COUNTS_MAX; nth += 1) await reads.count({ ...subject, tenant: `t${nth}` }, nowhere);
    await reads.count(subject, nowhere);
    await reads.count(subject, nowhere);
    expect(countsOf()).toHaveLength(COUNTS_MAX + 2);
  });
});
