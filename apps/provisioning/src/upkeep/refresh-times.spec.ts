/** When metadata is read again: as often as somebody says, spread out, and in time before its end. */
import { nextRefresh, nextTry, type RefreshTimes } from './refresh-times.js';

const now = new Date('2026-03-02T08:00:00.000Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const wait = (over: Partial<RefreshTimes> = {}) =>
  Date.parse(
    nextRefresh({ connection: 'okta', refreshEvery: 'P1D', cacheDurationMs: null, validUntil: null, ...over }, now),
  ) - now.getTime();
const until = (ms: number) => new Date(now.getTime() + ms).toISOString();

describe('metadata that was read', () => {
  it('is read again within the last tenth of its time, each connection at a time of its own', () => {
    const waits = Array.from({ length: 100 }, (_, index) => wait({ connection: `connection-${index}` }));
    for (const each of waits) {
      expect(each).toBeGreaterThan(0.9 * DAY);
      expect(each).toBeLessThanOrEqual(DAY);
    }
    expect(new Set(waits).size).toBeGreaterThan(90);
  });

  it('is read sooner where it asks for that, and not later where it allows more', () => {
    expect(wait({ cacheDurationMs: HOUR })).toBeLessThanOrEqual(HOUR);
    expect(wait({ cacheDurationMs: 30 * DAY })).toBeLessThanOrEqual(DAY);
  });

  it('is read a day before its end at the latest, and never sooner than in 5 minutes', () => {
    expect(wait({ refreshEvery: 'P30D', validUntil: until(10 * DAY) })).toBe(9 * DAY + HOUR);
    for (const over of [{ validUntil: until(HOUR) }, { refreshEvery: 'PT1S' }, { cacheDurationMs: 0 }])
      expect(wait(over)).toBe(300_000);
  });
});

describe('metadata that cannot be read', () => {
  const waits = (refreshEvery: string) =>
    [1, 2, 3, 8, 1_000].map(
      (failures) => (Date.parse(nextTry({ refreshEvery }, failures, now)) - now.getTime()) / 60_000,
    );

  it('is tried again later and later, up to 6 hours, and not later than it would be read anyway', () => {
    expect(waits('P30D')).toEqual([5, 10, 20, 360, 360]);
    expect(waits('PT1H')).toEqual([5, 10, 20, 60, 60]);
    expect(waits('PT1S')).toEqual([5, 5, 5, 5, 5]);
  });
});
