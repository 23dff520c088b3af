/** When a day ends: at the last millisecond that the clocks of its zone showed it, whatever was done to the clocks. */
import { endOfDay, isDate, isTimeZone } from './instants.js';

describe('the end of a day', () => {
  it.each([
    ['in UTC', '2026-03-31', 'UTC', '2026-03-31T23:59:59.999Z'],
    ['in summer time', '2026-03-31', 'Europe/Berlin', '2026-03-31T21:59:59.999Z'],
    ['in winter time', '2026-01-31', 'Europe/Berlin', '2026-01-31T22:59:59.999Z'],
    ['of a day of 23 hours', '2026-03-29', 'Europe/Berlin', '2026-03-29T21:59:59.999Z'],
    ['of a day of 25 hours', '2026-10-25', 'Europe/Berlin', '2026-10-25T22:59:59.999Z'],
    ['of a leap day', '2028-02-29', 'America/New_York', '2028-03-01T04:59:59.999Z'],
    ['of the last day of a year', '2026-12-31', 'Pacific/Kiritimati', '2026-12-31T09:59:59.999Z'],
    ['in the last zone of all', '2026-12-31', 'Etc/GMT+12', '2027-01-01T11:59:59.999Z'],
    ['half an hour apart', '2026-06-30', 'Asia/Kolkata', '2026-06-30T18:29:59.999Z'],
    ['where the next day has no midnight', '2018-11-03', 'America/Sao_Paulo', '2018-11-04T02:59:59.999Z'],
    ['whose last hour came twice', '2018-02-17', 'America/Sao_Paulo', '2018-02-18T02:59:59.999Z'],
    ['where clocks went back one minute after midnight', '2010-11-06', 'America/St_Johns', '2010-11-07T03:29:59.999Z'],
    ['that the zone left out', '2011-12-30', 'Pacific/Apia', '2011-12-30T09:59:59.999Z'],
    ['before one that was left out', '2011-12-29', 'Pacific/Apia', '2011-12-30T09:59:59.999Z'],
    ['long ago', '1900-01-01', 'UTC', '1900-01-01T23:59:59.999Z'],
  ])('%s', (_when, date, zone, end) => expect(endOfDay(date, zone)).toBe(end));

  it('is followed by another day, in every zone and month', () => {
    for (const zone of ['Europe/Berlin', 'America/Havana', 'Asia/Beirut', 'Africa/Cairo', 'Australia/Lord_Howe']) {
      const shown = (ms: number) => new Intl.DateTimeFormat('sv', { timeZone: zone }).format(ms);
      for (let month = 1; month <= 12; month += 1) {
        const date = `2026-${String(month).padStart(2, '0')}-28`;
        const end = Date.parse(endOfDay(date, zone));
        expect([shown(end), shown(end + 1) > date]).toEqual([date, true]);
      }
    }
  });
});

describe('a date', () => {
  it.each(['2026-01-31', '2028-02-29', '1900-01-01', '9899-12-31'])('%s is one', (text) =>
    expect(isDate(text)).toBe(true),
  );
  it.each([
    '2026-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-1-1',
    '1899-12-31',
    '9900-01-01',
    '2026-01-31T00:00:00Z',
    '',
    20260131,
    null,
  ])('%s is none', (text) => expect(isDate(text)).toBe(false));
});

describe('a time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+12'])('%s is one', (name) =>
    expect(isTimeZone(name)).toBe(true),
  );
  it.each(['+02:00', 'Mars/Phobos', '', 'Europe/Berlin\n', 'x'.repeat(65), 3, null])('%s is none', (name) =>
    expect(isTimeZone(name)).toBe(false),
  );
});
