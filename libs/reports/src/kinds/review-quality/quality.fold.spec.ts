import { type Judgement, qualityOf } from './quality.fold.js';

/** Goal: how people decided is told by numbers that an auditor can recount from the rows of the report of reviews. */

const DAY = 86_400_000;
const day = (n: number) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + n * DAY).toISOString();

let position = 0;
const judged = (over: Partial<Judgement> = {}): Judgement => {
  position += 1;
  return {
    review: 'spring',
    policy: 'quarterly',
    reviewer: 'olga',
    account: 'ada',
    role: `role-${position}`,
    decision: 'certify',
    at: day(position),
    position,
    tookMs: null,
    bulk: false,
    recommended: 'none',
    ...over,
  };
};

beforeEach(() => {
  position = 0;
});

const of = (...judgements: readonly Judgement[]) => qualityOf(judgements, [])[0];

describe('how somebody decided', () => {
  it('is told for each reviewer and review, in the order of their first decisions', () => {
    const judgements = [judged({ reviewer: 'bo' }), judged(), judged({ review: 'autumn' }), judged({ reviewer: 'bo' })];

    expect(
      qualityOf(judgements.toReversed(), []).map(({ reviewer, review, decided }) => [reviewer, review, decided]),
    ).toEqual([
      ['bo', 'spring', 2],
      ['olga', 'spring', 1],
      ['olga', 'autumn', 1],
    ]);
  });

  it.each([
    { times: [], seconds: null },
    { times: [null], seconds: null },
    { times: [3_000], seconds: 3 },
    { times: [9_000, 1_000, 2_000], seconds: 2 },
    { times: [1_000, 2_000, 4_001, 9_000], seconds: 3.001 },
    { times: [1_000, null, 2_000], seconds: 1.5 },
  ])('has $seconds as the median of $times', ({ times, seconds }) =>
    expect(of(judged(), ...times.map((tookMs) => judged({ tookMs })))).toMatchObject({ medianSeconds: seconds }),
  );

  it('counts what followed the advice, and leaves abstentions and what had none out', () => {
    const quality = of(
      judged({ recommended: 'certify' }),
      judged({ recommended: 'revoke' }),
      judged({ recommended: 'revoke', decision: 'reduce' }),
      judged({ recommended: 'revoke', decision: 'abstain' }),
      judged({ bulk: true }),
    );
    expect(quality).toMatchObject({ decided: 5, recommended: 3, agreed: 2, bulk: 1, reduced: 1, abstained: 1 });
  });
});

describe('a decision is reversed', () => {
  const first = (decision: Judgement['decision']) => judged({ decision, role: 'crm', at: day(0) });
  const reversedBy = (decision: Judgement['decision'], over: Partial<Judgement>) =>
    of(first(decision), judged({ reviewer: 'bo', role: 'crm', review: 'autumn', ...over }))?.reversed;

  it.each([
    ['certify', 'revoke', 1],
    ['certify', 'reduce', 1],
    ['certify', 'certify', 0],
    ['certify', 'abstain', 0],
    ['revoke', 'certify', 1],
    ['reduce', 'certify', 1],
    ['reduce', 'revoke', 0],
    ['abstain', 'revoke', 0],
  ] as const)('from %s by a later %s: %i', (before, after, reversed) =>
    expect(reversedBy(before, { decision: after, at: day(10) })).toBe(reversed),
  );

  it('within 90 days, and not later', () => {
    expect(reversedBy('certify', { decision: 'revoke', at: day(90) })).toBe(1);
    expect(reversedBy('certify', { decision: 'revoke', at: day(90).replace('000Z', '001Z') })).toBe(0);
  });

  it('only about the same role of the same account', () => {
    expect(reversedBy('certify', { decision: 'revoke', at: day(1), role: 'git' })).toBe(0);
    expect(reversedBy('certify', { decision: 'revoke', at: day(1), account: 'bo' })).toBe(0);
  });

  it('by a withholding that somebody lifted', () => {
    const lifted = (at: string) => qualityOf([first('revoke')], [{ account: 'ada', role: 'crm', at }])[0]?.reversed;
    expect(lifted(day(3))).toBe(1);
    expect(lifted(day(-1))).toBe(0);
  });
});
