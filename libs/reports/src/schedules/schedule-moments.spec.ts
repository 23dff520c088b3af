/** What a scheduled report is about: whole days of the tenant’s calendar, over changes of the clocks and the ends of years. */
import { momentsOf } from './schedule-moments.js';

const BERLIN = 'Europe/Berlin';

describe('a report about an instant', () => {
  it.each([
    ['2026-04-01T04:00:00.000Z', BERLIN, '2026-03-31T21:59:59.999Z'], // 06:00, summer time
    ['2026-01-01T05:00:00.000Z', BERLIN, '2025-12-31T22:59:59.999Z'], // 06:00 on New Year’s Day
    ['2026-03-29T04:00:00.000Z', BERLIN, '2026-03-28T22:59:59.999Z'], // the day on which clocks go forward
    ['2026-03-30T04:00:00.000Z', BERLIN, '2026-03-29T21:59:59.999Z'], // the day after it
    ['2026-10-26T05:00:00.000Z', BERLIN, '2026-10-25T22:59:59.999Z'], // the day after they went back
    ['2026-04-01T02:00:00.000Z', 'America/New_York', '2026-03-31T03:59:59.999Z'], // there it is still March 31st
    ['2026-03-31T23:00:00.000Z', BERLIN, '2026-03-31T21:59:59.999Z'], // and there it is April already
  ])('asked for at %s in %s is about the end of the day before', (at, zone, asOf) =>
    expect(momentsOf({ period: null }, at, zone)).toEqual({ asOf }),
  );
});

describe('a report about a period', () => {
  const at = '2026-04-01T04:00:00.000Z'; // Wednesday, 06:00
  it.each([
    ['previousDay', at, '2026-03-30T21:59:59.999Z', '2026-03-31T21:59:59.999Z'],
    ['previousWeek', at, '2026-03-22T22:59:59.999Z', '2026-03-29T21:59:59.999Z'],
    ['previousWeek', '2026-03-30T04:00:00.000Z', '2026-03-22T22:59:59.999Z', '2026-03-29T21:59:59.999Z'], // a Monday
    ['previousWeek', '2026-03-29T10:00:00.000Z', '2026-03-15T22:59:59.999Z', '2026-03-22T22:59:59.999Z'], // a Sunday
    ['previousWeek', '2026-01-02T05:00:00.000Z', '2025-12-21T22:59:59.999Z', '2025-12-28T22:59:59.999Z'],
    ['previousMonth', at, '2026-02-28T22:59:59.999Z', '2026-03-31T21:59:59.999Z'],
    ['previousMonth', '2026-01-01T05:00:00.000Z', '2025-11-30T22:59:59.999Z', '2025-12-31T22:59:59.999Z'],
    ['previousMonth', '2028-03-15T05:00:00.000Z', '2028-01-31T22:59:59.999Z', '2028-02-29T22:59:59.999Z'],
    ['previousQuarter', at, '2025-12-31T22:59:59.999Z', '2026-03-31T21:59:59.999Z'],
    ['previousQuarter', '2026-02-15T05:00:00.000Z', '2025-09-30T21:59:59.999Z', '2025-12-31T22:59:59.999Z'],
    ['previousQuarter', '2026-12-31T05:00:00.000Z', '2026-06-30T21:59:59.999Z', '2026-09-30T21:59:59.999Z'],
    ['previousYear', at, '2024-12-31T22:59:59.999Z', '2025-12-31T22:59:59.999Z'],
  ] as const)('%s, asked for at %s, begins after one and ends with the other', (period, when, from, asOf) =>
    expect(momentsOf({ period }, when, BERLIN)).toEqual({ from, asOf }),
  );

  it('begins where the one before it ended, a whole year long', () => {
    const firsts = Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(2026, month, 1, 12)).toISOString());
    const months = firsts.map((when) => momentsOf({ period: 'previousMonth' }, when, BERLIN));
    expect(months.slice(1).map(({ from }) => from)).toEqual(months.slice(0, -1).map(({ asOf }) => asOf));
  });
});
