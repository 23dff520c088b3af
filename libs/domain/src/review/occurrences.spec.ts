import fc from 'fast-check';
import { lastOccurrence, nextOccurrence, scheduleProblem } from './occurrences.js';

const BERLIN = 'Europe/Berlin';
const QUARTERLY = '0 6 1 */3 *';

const justBefore = (instant: string): string => new Date(Date.parse(instant) - 1).toISOString();

/** The next so many occurrences. */
function following(cron: string, after: string, count: number, zone = BERLIN): string[] {
  const all: string[] = [];
  let from = after;
  for (let next = nextOccurrence(cron, zone, from); next !== null && all.length < count; ) {
    all.push(next);
    from = next;
    next = nextOccurrence(cron, zone, from);
  }
  return all;
}

describe('a schedule', () => {
  it('goes by the clock on the wall, in summer and in winter', () =>
    expect(following(QUARTERLY, '2026-01-01T00:00:00.000Z', 5)).toEqual([
      '2026-01-01T05:00:00.000Z',
      '2026-04-01T04:00:00.000Z',
      '2026-07-01T04:00:00.000Z',
      '2026-10-01T04:00:00.000Z',
      '2027-01-01T05:00:00.000Z',
    ]));

  it('comes after the gap on the day in spring that lacks its time', () =>
    expect(following('30 2 * * *', '2026-03-27T12:00:00.000Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]));

  it('comes once on the day in autumn that has its time twice', () =>
    expect(following('30 2 * * *', '2026-10-24T12:00:00.000Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]));

  it('with several times a day comes once at each as well', () =>
    expect(following('30 2,14 * * *', '2026-10-24T20:00:00.000Z', 3)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T13:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]));

  it('that goes by the hour goes by every hour that passes', () =>
    expect(following('0 * * * *', '2026-10-24T23:30:00.000Z', 4)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T02:00:00.000Z',
      '2026-10-25T03:00:00.000Z',
    ]));

  it('for a leap day comes in leap years', () =>
    expect(following('0 0 29 2 *', '2026-01-01T00:00:00.000Z', 2, 'UTC')).toEqual([
      '2028-02-29T00:00:00.000Z',
      '2032-02-29T00:00:00.000Z',
    ]));
});

describe('the latest occurrence', () => {
  const last = (after: string, notAfter: string, cron = QUARTERLY) => lastOccurrence(cron, BERLIN, { after, notAfter });
  const APRIL = '2026-04-01T04:00:00.000Z';

  it('is due at its very instant, and not before', () => {
    expect(last('2026-01-01T05:00:00.000Z', '2026-04-01T03:59:59.999Z')).toBeNull();
    expect(last('2026-01-01T05:00:00.000Z', APRIL)).toBe(APRIL);
    expect(last('2026-01-01T05:00:00.000Z', '2026-04-01T04:00:00.999Z')).toBe(APRIL);
  });

  it('is not due again', () => expect(last(APRIL, '2026-06-30T00:00:00.000Z')).toBeNull());

  it('is the only one after a long absence: what was missed is put once', () =>
    expect(last('2025-01-01T05:00:00.000Z', '2026-05-05T12:00:00.000Z')).toBe(APRIL));

  it('does not come again when the clock is set back', () => {
    expect(last(APRIL, '2026-03-01T00:00:00.000Z')).toBeNull();
    expect(last(APRIL, APRIL)).toBeNull();
  });

  it('comes once when the clock jumps ahead', () => {
    const ahead = last(APRIL, '2031-01-02T00:00:00.000Z') as string;
    expect(ahead).toBe('2031-01-01T05:00:00.000Z');
    expect(last(ahead, '2031-01-02T00:00:01.000Z')).toBeNull();
  });

  it('of a leap day is found years later', () =>
    expect(last('2024-01-01T00:00:00.000Z', '2027-06-01T00:00:00.000Z', '0 12 29 2 *')).toBe(
      '2024-02-29T11:00:00.000Z',
    ));

  it('is one of the schedule, with none between it and now, whatever the schedule, also where the clocks change', () => {
    const crons = ['30 2 * * *', '*/20 * * * *', '15 1-3 * * *', '0 0 29 2 *', '0 3 * * SUN', '5 2,3 25-31 3,10 *'];
    const start = fc.constantFrom('2026-03-28T22:00:00.000Z', '2026-10-24T22:00:00.000Z', '2028-02-28T22:00:00.000Z');
    fc.assert(
      fc.property(
        fc.constantFrom(...crons),
        fc.constantFrom(BERLIN, 'UTC', 'America/New_York', 'Australia/Lord_Howe'),
        start,
        fc.integer({ min: 1, max: 30 * 3600 }),
        (cron, zone, after, seconds) => {
          const notAfter = new Date(Date.parse(after) + seconds * 1000).toISOString();
          const found = lastOccurrence(cron, zone, { after, notAfter });
          const next = nextOccurrence(cron, zone, found ?? after);
          expect(found === null || (found > after && found <= notAfter)).toBe(true);
          expect(next === null || next > notAfter).toBe(true);
          if (found !== null) expect(nextOccurrence(cron, zone, justBefore(found))).toBe(found);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('what is wrong with a schedule', () => {
  it.each([QUARTERLY, '0 6 * * MON-FRI', '30 2 L * *', '0 8 * JAN,JUL MON#1'])('is nothing: %s', (cron) =>
    expect(scheduleProblem(cron, BERLIN)).toBeNull(),
  );

  it.each<[string, string, RegExp]>([
    ['', BERLIN, /five fields/],
    ['@daily', BERLIN, /five fields/],
    ['0 0 6 1 * *', BERLIN, /five fields/],
    ['? 6 1 * *', BERLIN, /five fields/],
    ['61 6 1 * *', BERLIN, /no schedule/],
    ['0 6 1 13 *', BERLIN, /no schedule/],
    ['0 0 30 2 *', BERLIN, /never comes/],
    [QUARTERLY, 'Europe/Atlantis', /time zone/],
  ])('is said: %s in %s', (cron, zone, words) => expect(scheduleProblem(cron, zone)).toMatch(words));
});
