import type { RuleCondition } from '#libs/contracts';
import { type ConnectionOverrides, connectionSettings, presented, rule } from '#libs/testing';
import { factsOf } from './identity-mapping.js';
import { type Judgement, judgeRules } from './rules.js';

const settingsOf = (when: RuleCondition, over: ConnectionOverrides = {}) =>
  connectionSettings({
    attributes: { userName: 'nameId', email: 'email', title: 'title', badges: 'badge' },
    authenticationContexts: { mfa: ['urn:mfa', 'otp'] },
    ...over,
    rules: [rule('r', '', ['crm.reader'], 3, { when })],
  });
const said = {
  email: ['ada@ACME.example'],
  title: ['Senior Engineer'],
  badge: ['7', '9'],
  dept: ['R&D'],
  groups: ['engineering', 'staff'],
};
function judged(when: RuleCondition, { claims = {}, ...over }: Parameters<typeof presented>[0] = {}): Judgement {
  const settings = settingsOf(when);
  const all = { ...said, ...claims };
  return judgeRules(settings.rules, factsOf(settings, presented({ claims: all, ...over })))[0] as Judgement;
}
const all = (...parts: RuleCondition[]): RuleCondition => ({ all: parts });
const any = (...parts: RuleCondition[]): RuleCondition => ({ any: parts });
const not = (part: RuleCondition): RuleCondition => ({ not: part });
const engineering = { group: 'engineering' };
const sales = { group: 'sales' };

describe('a condition', () => {
  it.each<[RuleCondition, string]>([
    ['always', 'for everybody'],
    [engineering, 'member of engineering'],
    [{ attribute: 'title', equals: 'Senior Engineer' }, 'attribute title is Senior Engineer'],
    [{ attribute: 'badges', in: ['1', '9'] }, 'attribute badges is 9'],
    [{ attribute: 'title', matches: '(?i)senior .*' }, 'attribute title matches (?i)senior .*'],
    [{ attribute: 'title', present: true }, 'attribute title is present'],
    [{ attribute: 'department', present: false }, 'attribute department is absent'],
    [{ claim: 'dept', equals: 'R&D' }, 'claim dept is R&D'],
    [{ claim: 'nameId', equals: 'ada' }, 'claim nameId is ada'],
    [{ domain: 'Acme.example' }, 'e-mail address in acme.example'],
    [{ authenticationContext: 'mfa' }, 'authentication context is mfa'],
    [{ authenticationContext: 'pwd' }, 'authentication context is pwd'],
    [all(engineering, { domain: 'acme.example' }), 'member of engineering; e-mail address in acme.example'],
    [any(sales, engineering), 'member of engineering'],
    [not(sales), 'not a member of sales'],
  ])('%j holds, and says by what', (when, why) =>
    expect(judged(when, { authentication: { context: 'urn:mfa', methods: ['pwd'] } })).toMatchObject({
      rule: 'r',
      version: 3,
      matched: true,
      undecided: false,
      why,
    }),
  );

  it.each<[RuleCondition, string]>([
    [sales, 'not a member of sales'],
    [{ attribute: 'title', equals: 'Engineer' }, 'attribute title is not Engineer'],
    [{ attribute: 'badges', in: ['1', '2'] }, 'attribute badges is not 1, 2'],
    [{ attribute: 'title', matches: 'Engineer' }, 'attribute title does not match Engineer'],
    [{ attribute: 'department', equals: 'R&D' }, 'attribute department is absent'],
    [{ attribute: 'title', present: false }, 'attribute title is present'],
    [{ claim: 'costs', equals: '1' }, 'claim costs is absent'],
    [{ domain: 'elsewhere.example' }, 'no e-mail address in elsewhere.example'],
    [{ authenticationContext: 'mfa' }, 'authentication context pwd is not mfa'],
    [all(engineering, sales), 'not a member of sales'],
    [any(sales, { domain: 'b.example' }), 'not a member of sales; no e-mail address in b.example'],
    [not(engineering), 'member of engineering'],
  ])('%j does not hold, and says why', (when, why) =>
    expect(judged(when, { authentication: { methods: ['pwd'] } })).toMatchObject({
      matched: false,
      undecided: false,
      why,
    }),
  );

  it('says that nothing was stated of how the person signed in', () =>
    expect(judged({ authenticationContext: 'mfa' }).why).toBe('authentication context (not stated) is not mfa'));

  it('goes by what an alias stands for, and not by its name unless that is among it', () => {
    expect(judged({ authenticationContext: 'mfa' }, { authentication: { methods: ['otp'] } }).matched).toBe(true);
    expect(judged({ authenticationContext: 'mfa' }, { authentication: { methods: ['mfa'] } }).matched).toBe(false);
  });

  it('compares whole values by a regular expression: a part of one is not enough', () => {
    expect(judged({ claim: 'dept', matches: 'R' }).matched).toBe(false);
    expect(judged({ claim: 'dept', matches: 'R.D' }).matched).toBe(true);
  });

  it('remembers the values that matched, and not how the person signed in', () => {
    const mfa = { authenticationContext: 'otp' };
    const when = all(engineering, { claim: 'badge', in: ['7', '8'] }, { claim: 'badge', matches: '.' }, mfa);
    expect(judged(when, { authentication: { methods: ['otp'] } }).matchedClaims).toEqual([
      { claim: 'groups', values: ['engineering'] },
      { claim: 'badge', values: ['7', '9'] },
    ]);
  });

  it('says no more than 500 characters, and names no more than 20 claims', () => {
    const parts = Array.from({ length: 40 }, (_, n) => ({ claim: `claim-number-${n}`, equals: 'x' }));
    const claims = Object.fromEntries(parts.map(({ claim }) => [claim, ['x']]));
    const judgement = judged(all(...parts), { claims });
    expect(judgement.why).toHaveLength(500);
    expect(judgement.matchedClaims).toHaveLength(20);
  });
});

describe('with unknown groups', () => {
  const unknown = (when: RuleCondition) => judged(when, { groupsOverage: true });

  it.each([engineering, not(engineering), all(engineering, 'always'), any(engineering, { domain: 'b.example' })])(
    '%j cannot be told',
    (when) =>
      expect(unknown(when)).toMatchObject({
        matched: false,
        undecided: true,
        why: 'groups unknown',
        matchedClaims: [],
      }),
  );

  it('what another part decides is decided', () => {
    expect(unknown(any(engineering, { domain: 'acme.example' }))).toMatchObject({ matched: true, undecided: false });
    expect(unknown(all(engineering, { domain: 'b.example' }))).toMatchObject({ matched: false, undecided: false });
  });
});

it('a person of whom nothing is on record is judged by what is for everybody alone', () => {
  const rules = [engineering, not(engineering), 'always' as const].map((when) => rule('r', '', [], 1, { when }));
  expect(judgeRules(rules, 'unknown').map(({ matched, undecided }) => [matched, undecided])).toEqual([
    [false, true],
    [false, true],
    [true, false],
  ]);
});
