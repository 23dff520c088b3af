/** A question is complete, or it is refused with what to do about it. */
import { type AskedQuestion, type QuestionGround, questionOf } from './question-of.js';

const ACCESS = { kind: 'access', about: 'instant', filters: ['role', 'department'] } as const;
const CHANGES = { kind: 'access-changes', about: 'period', filters: ['role'] } as const;

const ground = (over: Partial<QuestionGround> = {}): QuestionGround => ({
  kind: ACCESS,
  tenant: 'acme',
  timeZone: 'Europe/Berlin',
  now: '2026-06-15T10:00:00.000Z',
  position: 41,
  sealed: 42,
  personal: true,
  ...over,
});
const ofPeriod = { kind: CHANGES };
const ask = (asked: Partial<AskedQuestion>, over: Partial<QuestionGround> = {}) =>
  questionOf({ filter: {}, ...asked }, ground(over));

describe('a question', () => {
  it('without anything is about now, and everything that is known', () =>
    expect(ask({})).toEqual({
      tenant: 'acme',
      asOf: '2026-06-15T10:00:00.000Z',
      from: null,
      knownAt: 41,
      timeZone: 'Europe/Berlin',
      filter: {},
      personal: true,
    }));

  it('about days means their ends in the zone', () =>
    expect(ask({ from: '2026-03-31', to: '2026-04-30' }, ofPeriod)).toMatchObject({
      from: '2026-03-31T21:59:59.999Z',
      asOf: '2026-04-30T21:59:59.999Z',
    }));

  it('about instants means them', () =>
    expect(ask({ asOf: '2026-06-15T10:00:00.000Z', knownAt: 0 })).toMatchObject({
      asOf: '2026-06-15T10:00:00.000Z',
      knownAt: 0,
    }));

  it('may name the end of a period either way, and the same end both ways', () => {
    const end = '2026-05-31T21:59:59.999Z';
    expect(ask({ asOf: '2026-05-31' }, ofPeriod).asOf).toBe(end);
    expect(ask({ asOf: '2026-05-31', to: end }, ofPeriod).asOf).toBe(end);
  });

  it('may be about an empty period only where that cannot pass for a clean one', () =>
    expect(ask({ from: '2026-05-31', to: '2026-05-31' }, { ...ofPeriod, mayBeEmpty: true })).toMatchObject({
      from: '2026-05-31T21:59:59.999Z',
      asOf: '2026-05-31T21:59:59.999Z',
    }));

  it('keeps only conditions that were named', () =>
    expect(ask({ filter: { role: 'crm.admin', account: undefined } as object }).filter).toEqual({ role: 'crm.admin' }));

  it.each<[string, Partial<AskedQuestion>, Partial<QuestionGround>, string, RegExp]>([
    ['a day that has not ended', { asOf: '2026-06-15' }, {}, 'date-in-future', /has not ended in Europe\/Berlin/],
    ['an instant to come', { asOf: '2026-06-15T10:00:00.001Z' }, {}, 'date-in-future', /has not come yet/],
    ['a period that begins in the future', { from: '2026-07-01' }, ofPeriod, 'date-in-future', /^from/],
    ['a period backwards', { from: '2026-05-01', to: '2026-04-01' }, ofPeriod, 'from-after-to', /Exchange/],
    ['an empty period', { from: '2026-05-31', to: '2026-05-31' }, ofPeriod, 'from-after-to', /exclusive.*day before/],
    [
      'a period backwards that might be empty',
      { from: '2026-05-01', to: '2026-04-01' },
      { ...ofPeriod, mayBeEmpty: true },
      'from-after-to',
      /Exchange/,
    ],
    ['two ends', { asOf: '2026-05-01', to: '2026-04-01' }, ofPeriod, 'two-ends', /differ/],
    ['a period of a report about an instant', { from: '2026-05-01' }, {}, 'not-about-a-period', /asOf/],
    ['an end of one about an instant', { to: '2026-05-01' }, {}, 'not-about-a-period', /asOf/],
    ['a position that does not exist yet', { knownAt: 43 }, {}, 'known-at-beyond-log', /ends at position 42/],
    ['a filter that is not taken', { filter: { policy: 'x' } }, {}, 'filter-not-taken', /takes role, department/],
    ['a filter that would tell', { filter: { department: 'Sales' } }, { personal: false }, 'personal-filter', /scope/],
  ])('about %s is refused', (_what, asked, over, code, words) => {
    const asking = () => ask(asked, over);
    expect(asking).toThrow(expect.objectContaining({ code }));
    expect(asking).toThrow(words);
  });
});
