import fc from 'fast-check';
import { durationMs, instantAfter } from './duration.js';

describe('a duration', () => {
  it.each([
    ['PT0S', 0],
    ['PT60S', 60_000],
    ['PT5M', 300_000],
    ['PT1H', 3_600_000],
    ['P1D', 86_400_000],
    ['P2W', 14 * 86_400_000],
    ['P1W2DT3H4M5S', 9 * 86_400_000 + 3 * 3_600_000 + 4 * 60_000 + 5_000],
  ])('%s is %i ms', (iso, ms) => expect(durationMs(iso)).toBe(ms));

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    'P1Y',
    'P1M',
    'PT1.5S',
    'PT-1S',
    '-PT1S',
    'P1D ',
    'pt1s',
    'PT1S1M',
    'PT1234567S',
    '1H',
    'PT１S',
  ])('%j is refused', (text) => expect(() => durationMs(text)).toThrow(RangeError));

  it('is the sum of its parts, whichever are there', () =>
    fc.assert(
      fc.property(fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999)), ([w, d, h, m, s]) => {
        const ms = ((((w * 7 + d) * 24 + h) * 60 + m) * 60 + s) * 1000;
        expect(durationMs(`P${w}W${d}DT${h}H${m}M${s}S`)).toBe(ms);
      }),
    ));
});

describe('an instant after another one', () => {
  it('lies that many milliseconds later, also across the end of a year', () =>
    expect(instantAfter('2026-12-31T23:59:59.999Z', 1)).toBe('2027-01-01T00:00:00.000Z'));

  it('may lie before it', () => expect(instantAfter('2026-03-02T08:00:00.000Z', -1)).toBe('2026-03-02T07:59:59.999Z'));
});
