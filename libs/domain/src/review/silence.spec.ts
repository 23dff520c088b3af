import fc from 'fast-check';
import { deadlinesOf, stageTimes } from './deadlines.js';
import { deliveryOf, type SilentItem, silence } from './silence.js';

const terms = { noResponse: 'revoke', maxRevocations: { percent: 5, atLeast: 10 } } as const;
const told = { recommendation: 'none', delivered: true, reminded: true } as const;
const items = (count: number, over: Partial<SilentItem> = {}): SilentItem[] =>
  Array.from({ length: count }, (_, index) => ({ item: `item-${index}`, ...told, ...over }));

describe('silence', () => {
  it('keeps, where the policy says so', () =>
    expect(silence({ ...terms, noResponse: 'keep' }, { items: items(3), total: 3, already: 0 })).toMatchObject({
      keep: ['item-0', 'item-1', 'item-2'],
      revoke: [],
      held: false,
    }));

  it('follows the recommendation, where the policy says so', () => {
    const mixed = (['certify', 'revoke', 'none'] as const).map((recommendation) => ({
      ...told,
      item: recommendation,
      recommendation,
    }));
    expect(silence({ ...terms, noResponse: 'recommendation' }, { items: mixed, total: 3, already: 0 })).toMatchObject({
      keep: ['certify', 'none'],
      revoke: ['revoke'],
    });
  });

  it.each([{ delivered: false }, { reminded: false }])('takes nothing of which nobody knew: %j', (over) => {
    const review = { items: items(2, { ...over, recommendation: 'revoke' }), total: 2, already: 0 };
    expect(silence(terms, review).revoke).toEqual([]);
    expect(silence({ ...terms, noResponse: 'recommendation' }, review).revoke).toEqual([]);
  });

  it.each([
    [10, 20, 0, false],
    [11, 20, 0, true],
    [50, 1000, 0, false],
    [51, 1000, 0, true],
    [1, 1000, 50, true],
    [0, 1000, 80, false],
  ])('of %i items out of %i, after %i, waits for somebody: %s', (count, total, already, held) =>
    expect(silence(terms, { items: items(count), total, already }).held).toBe(held),
  );

  it('is confirmed for exactly these, in whichever order they come', () => {
    const review = (some: SilentItem[]) => silence(terms, { items: some, total: 100, already: 0 }).confirmable;
    expect(review(items(3).reverse())).toBe(review(items(3)));
    expect(review(items(2))).not.toBe(review(items(3)));
  });
});

describe('the stages of a review', () => {
  it('have an equal share of its time', () =>
    expect(stageTimes('2026-03-02T08:00:00.000Z', 'P6D', 3)).toEqual([
      '2026-03-04T08:00:00.000Z',
      '2026-03-06T08:00:00.000Z',
      '2026-03-08T08:00:00.000Z',
    ]));

  it('end one after the other, and with the review', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 100_000 }), (stages, seconds) => {
        const ends = stageTimes('2026-03-02T08:00:00.000Z', `PT${seconds}S`, stages);
        expect(ends).toEqual([...ends].sort());
        expect(new Set(ends).size).toBe(stages);
        expect(Date.parse(ends.at(-1) as string) - Date.parse('2026-03-02T08:00:00.000Z')).toBe(seconds * 1000);
      }),
    ));
});

describe('what is due', () => {
  const policy = { reminders: ['P2D', 'PT12H'], escalation: { before: 'P1D', to: ['ciso'] } };
  const item = {
    stageBeganAt: '2026-03-02T08:00:00.000Z',
    stageDueAt: '2026-03-09T08:00:00.000Z',
    remindedAt: null,
    escalated: false,
  };
  const FIRST = '2026-03-07T08:00:00.000Z';
  const SECOND = '2026-03-08T20:00:00.000Z';
  const at = (now: string, over: Partial<Parameters<typeof deadlinesOf>[1]> = {}) =>
    deadlinesOf(policy, { ...item, ...over }, now);

  it('is nothing at first', () =>
    expect(at('2026-03-07T07:59:59.999Z')).toEqual({ remind: null, escalate: false, over: false }));

  it('is a reminder, once each', () => {
    expect(at(FIRST).remind).toBe(FIRST);
    expect(at('2026-03-08T00:00:00.000Z', { remindedAt: FIRST }).remind).toBeNull();
    expect(at(SECOND, { remindedAt: FIRST }).remind).toBe(SECOND);
  });

  it('is one reminder when several were missed', () => {
    expect(at(SECOND).remind).toBe(SECOND);
    expect(at(SECOND, { remindedAt: '2026-03-08T20:00:05.000Z' }).remind).toBeNull();
  });

  it('is a reminder in the middle of a stage that is too short for it', () => {
    const short = { stageDueAt: '2026-03-02T20:00:00.000Z' };
    expect(at('2026-03-02T13:59:59.999Z', short).remind).toBeNull();
    expect(at('2026-03-02T14:00:00.000Z', short).remind).toBe('2026-03-02T14:00:00.000Z');
  });

  it('is asking others as well, once', () => {
    expect(at('2026-03-08T07:59:59.999Z').escalate).toBe(false);
    expect(at('2026-03-08T08:00:00.000Z').escalate).toBe(true);
    expect(at('2026-03-08T08:00:00.000Z', { escalated: true }).escalate).toBe(false);
    expect(deadlinesOf({ ...policy, escalation: null }, item, SECOND).escalate).toBe(false);
  });

  it('is its end, when its time is over, and nothing else any more', () =>
    expect(at('2026-03-09T08:00:00.000Z')).toEqual({ remind: null, escalate: false, over: true }));
});

describe('what somebody was told of', () => {
  const day = (nth: number) => `2026-03-0${nth}T08:00:00.000Z`;
  const item = { reviewers: ['olga'], askedSince: { olga: day(3) }, reminded: ['olga'] };
  const toldAt = (told: number, reminded: number, account = 'olga') =>
    new Map([
      [
        account,
        new Map([
          ['review-items', day(told)],
          ['review-reminder', day(reminded)],
        ]),
      ],
    ]);

  it('is an item about which they are asked, if the mails came since', () =>
    expect(deliveryOf(item, toldAt(3, 4))).toEqual({ delivered: true, reminded: true }));

  it('is none that came to them after they were told and reminded of others', () =>
    expect(deliveryOf(item, toldAt(1, 2))).toEqual({ delivered: false, reminded: false }));

  it('is none of which somebody else was reminded', () =>
    expect(deliveryOf({ ...item, reminded: ['bo'] }, toldAt(3, 4))).toEqual({ delivered: true, reminded: false }));

  it('is none about which they are not asked any more', () =>
    expect(deliveryOf(item, toldAt(3, 4, 'bo'))).toEqual({ delivered: false, reminded: false }));
});
