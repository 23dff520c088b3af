/** When a schedule is due: each of its times once, over changes of the clocks; of those that were missed the last. */
import { dueTimeOf, MISSED_COUNTED_MAX } from './due-schedule.js';

const BERLIN = 'Europe/Berlin';
const due = (schedule: string, after: string, notAfter: string) => dueTimeOf(schedule, BERLIN, { after, notAfter });

describe('a schedule', () => {
  it('is due at its time and not before it', () => {
    const after = '2026-03-15T00:00:00.000Z';
    expect(due('0 6 1 * *', after, '2026-04-01T03:59:59.999Z')).toBeNull();
    expect(due('0 6 1 * *', after, '2026-04-01T04:00:00.000Z')).toEqual({ at: '2026-04-01T04:00:00.000Z', missed: 0 });
  });

  it('keeps to the hour on the wall: 06:00 is another instant in summer and in winter', () => {
    const winter = due('0 6 1 * *', '2026-02-15T00:00:00.000Z', '2026-03-01T12:00:00.000Z');
    const summer = due('0 6 1 * *', '2026-03-15T00:00:00.000Z', '2026-04-01T12:00:00.000Z');
    expect([winter?.at, summer?.at]).toEqual(['2026-03-01T05:00:00.000Z', '2026-04-01T04:00:00.000Z']);
  });

  it('comes once where the clocks leave its hour out, and once where they repeat it', () => {
    const spring = due('30 2 * * *', '2026-03-28T12:00:00.000Z', '2026-03-29T12:00:00.000Z');
    const autumn = due('30 2 * * *', '2026-10-24T12:00:00.000Z', '2026-10-25T12:00:00.000Z');
    expect([spring, autumn]).toMatchObject([{ missed: 0 }, { missed: 0 }]);
    expect(due('30 2 * * *', autumn?.at ?? '', '2026-10-25T12:00:00.000Z')).toBeNull();
    expect(due('30 2 * * *', spring?.at ?? '', '2026-03-29T12:00:00.000Z')).toBeNull();
  });

  it('comes at the turn of the year', () =>
    expect(due('0 0 1 1 *', '2025-12-31T12:00:00.000Z', '2026-01-01T00:00:00.000Z')).toEqual({
      at: '2025-12-31T23:00:00.000Z',
      missed: 0,
    }));

  it('makes up for the last of the times that were missed, and says how many there were before it', () =>
    expect(due('0 6 * * *', '2026-04-01T04:00:00.000Z', '2026-04-05T12:00:00.000Z')).toEqual({
      at: '2026-04-05T04:00:00.000Z',
      missed: 3,
    }));

  it('counts the missed ones up to a limit', () =>
    expect(due('0 * * * *', '2020-01-01T00:00:00.000Z', '2026-01-01T00:30:00.000Z')).toEqual({
      at: '2026-01-01T00:00:00.000Z',
      missed: MISSED_COUNTED_MAX,
    }));
});
