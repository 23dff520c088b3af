import fc from 'fast-check';
import type { Expression, RuleCondition } from '#libs/contracts';
import { connectionSettings, presented, rule } from '#libs/testing';
import { evaluate, VALUE_LENGTH_MAX, VALUES_MAX } from './expressions.js';
import { mapIdentity } from './identity-mapping.js';
import { WHY_LENGTH_MAX } from './rules.js';

/** Any mapping over any claims: hostile names, values and nesting included. */

const RUNS = { numRuns: 300 };
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.constantFrom('__proto__', 'constructor', 'nameId', 'groups', 'a', 'b', '{a}', '$1', '(a+)+$', '.*', '(', '[', ';'),
);
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 6 },
    text,
    fc.record({ constant: text }),
    fc.record({ lower: tie('expression') }),
    fc.record({ trim: tie('expression') }),
    fc.record({ split: tie('expression'), by: fc.constantFrom(';', ',', ' ', 'ab') }),
    fc.record({ firstOf: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ regexp: text, of: tie('expression'), take: text }),
    fc.record({ template: text }),
  ),
}));
const comparison = fc.oneof(
  fc.record({ equals: text }),
  fc.record({ in: fc.array(text, { minLength: 1, maxLength: 3 }) }),
  fc.record({ matches: text }),
  fc.record({ present: fc.boolean() }),
);
const { condition } = fc.letrec<{ condition: RuleCondition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 5 },
    fc.constant('always' as const),
    fc.record({ group: text }),
    fc.tuple(text, comparison).map(([attribute, compared]) => ({ attribute, ...compared })),
    fc.tuple(text, comparison).map(([claim, compared]) => ({ claim, ...compared })),
    fc.record({ domain: text }),
    fc.record({ authenticationContext: text }),
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ),
}));
const claims = fc
  .array(fc.tuple(text, fc.array(fc.oneof(text, fc.constant('')), { maxLength: 4 })), { maxLength: 6 })
  .map((pairs) => new Map<string, readonly string[]>(pairs));

describe('any expression over any claims', () => {
  it('yields bounded values or none, and never an error', () =>
    fc.assert(
      fc.property(expression, claims, (some, said) => {
        const values = evaluate(some, said) ?? [];
        expect(values.length).toBeLessThanOrEqual(VALUES_MAX);
        expect(values.every((value) => typeof value === 'string' && value.length <= VALUE_LENGTH_MAX)).toBe(true);
      }),
      RUNS,
    ));
});

describe('any rules over any claims', () => {
  const settingsWith = (when: readonly RuleCondition[], set: Readonly<Record<string, Expression>>) =>
    connectionSettings({
      rules: when.map((each, index) => rule(`r${index}`, '', ['crm.reader'], 1, { when: each, set })),
    });

  it('are judged, each with a reason of bounded length', () =>
    fc.assert(
      fc.property(fc.array(condition, { maxLength: 5 }), expression, claims, (when, some, said) => {
        const { judgements } = mapIdentity(settingsWith(when, { badge: some }), presented({ claims: said }), []);
        expect(judgements).toHaveLength(when.length);
        for (const { why, matched, undecided, matchedClaims } of judgements) {
          expect(why.length > 0 && why.length <= WHY_LENGTH_MAX).toBe(true);
          expect(matched && undecided).toBe(false);
          expect(matchedClaims.length).toBeLessThanOrEqual(20);
        }
      }),
      RUNS,
    ));

  it('are judged the same once more', () =>
    fc.assert(
      fc.property(fc.array(condition, { maxLength: 3 }), claims, (when, said) => {
        const judged = () => mapIdentity(settingsWith(when, {}), presented({ claims: said }), []).judgements;
        expect(judged()).toEqual(judged());
      }),
      RUNS,
    ));

  it('judge a rule and its contrary contrarily, or neither', () =>
    fc.assert(
      fc.property(condition, claims, fc.boolean(), (when, said, groupsOverage) => {
        const settings = settingsWith([when, { not: when }], {});
        const [one, other] = mapIdentity(settings, presented({ claims: said, groupsOverage }), []).judgements;
        expect(one?.undecided).toBe(other?.undecided);
        if (!one?.undecided) expect(one?.matched).toBe(!other?.matched);
      }),
      RUNS,
    ));

  it('decide with unknown groups nothing that any groups would decide otherwise', () =>
    fc.assert(
      fc.property(condition, claims, fc.array(text), (when, said, groups) => {
        const settings = settingsWith([when], {});
        const judged = (values: readonly string[], groupsOverage: boolean) =>
          mapIdentity(settings, presented({ claims: new Map(said).set('groups', values), groupsOverage }), [])
            .judgements[0];
        const unknown = judged(groups, true);
        if (!unknown?.undecided) expect(judged(groups, false)?.matched).toBe(unknown?.matched);
      }),
      RUNS,
    ));
});

describe('a regular expression that is costly elsewhere', () => {
  it('comes to an end soon: by backtracking this one would not within the age of the universe', () => {
    const said = presented({ claims: { x: ['a'.repeat(8_000)] } });
    const { judgements } = mapIdentity(settingsOf({ claim: 'x', matches: '(a+)+b' }), said, []);
    expect(judgements).toMatchObject([{ matched: false, undecided: false }]);
  });

  it('is undecided once a connection’s expressions would have to read more than they may', () => {
    const when: RuleCondition = { claim: 'x', matches: 'b' };
    const rules = Array.from({ length: 400 }, (_, n) => rule(`r${n}`, '', ['crm.reader'], 1, { when }));
    const said = presented({ claims: { x: Array.from({ length: 30 }, () => 'a'.repeat(8_000)) } });
    const { judgements } = mapIdentity(connectionSettings({ rules }), said, []);
    expect(judgements[0]).toMatchObject({ undecided: false, matched: false });
    expect(judgements.at(-1)).toMatchObject({ undecided: true, why: expect.stringContaining('too large') });
  });
});

const settingsOf = (when: RuleCondition) => connectionSettings({ rules: [rule('r', '', ['crm.reader'], 1, { when })] });
