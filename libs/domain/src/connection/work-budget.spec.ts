import type { MappingRule, RuleCondition } from '#libs/contracts';
import { connectionSettings, presented, rule } from '#libs/testing';
import { SignInRefusedError } from '../sign-in/sign-in-refused.error.js';
import { admit } from './admission.js';
import { factsOf, mapIdentity } from './identity-mapping.js';
import { compiled, WORK_PER_PATTERN, workOfPattern } from './regexps.js';
import { judgeRules } from './rules.js';
import { spend, WORK_MAX, workBudget, workOn } from './work-budget.js';

const notes = Array.from({ length: 8 }, () => 'x'.repeat(8_000));
const large = presented({ claims: { notes } });
const small = presented({ claims: { notes: ['x'] } });

const pattern = 'y?z';
const matches: RuleCondition = { claim: 'notes', matches: pattern };
/** What one condition costs: to have its values, to have its pattern, and to match. */
const workOf = (values: readonly string[]) =>
  values.length + 2 + WORK_PER_PATTERN + workOfPattern(compiled(pattern) as never, values);
const roomFor = Math.floor(WORK_MAX / workOf(notes));
const rules = (count: number, when: RuleCondition): MappingRule[] =>
  Array.from({ length: count }, (_, n) => rule(`r${n}`, '', ['crm.reader'], 1, { when }));

describe('a budget of work', () => {
  it('is spent to its end and never beyond it', () => {
    const budget = workBudget(10);
    expect([spend(budget, 6), spend(budget, 5), spend(budget, 4), spend(budget, 1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(budget).toEqual({ left: 0, omitted: 2 });
  });

  it('is of one size for everybody, and looking at nothing costs something, too', () => {
    expect(workBudget().left).toBe(WORK_MAX);
    expect(workOn(['', 'ab'])).toBe(18);
  });
});

describe('the work that a connection does for one person', () => {
  it('counts characters times the size of the expression that reads them', () => {
    const { workLeft } = mapIdentity(connectionSettings({ rules: rules(1, matches) }), large, []);
    expect(WORK_MAX - workLeft).toBe(workOf(notes));
    expect(workOf(notes)).toBe(10 + WORK_PER_PATTERN + (compiled(pattern)?.size ?? 0) * 8 * 8_008);
  });

  it('maps every attribute once', () => {
    const attributes = { userName: 'nameId', title: { lower: 'notes' } };
    const once = WORK_MAX - mapIdentity(connectionSettings({ attributes }), large, []).workLeft;
    expect(once).toBe(2 * workOn(notes));
  });

  it('has one budget for attributes, rules and admission together', () => {
    const allow = Array.from({ length: 20 }, (_, n) => ({ id: `a${n}`, when: matches }));
    const settings = connectionSettings({
      attributes: { userName: 'nameId', title: { regexp: pattern, of: 'notes', take: '$0' } },
      rules: rules(1, matches),
      admission: { allow },
    });
    const identity = mapIdentity(settings, large, []);
    const decided = identity.admission.allow.filter((holds) => holds !== null).length;
    expect(decided).toBe(roomFor - 3); // two for the attribute, one for the rule
    expect(decided).toBeGreaterThan(0);
    expect(mapIdentity(settings, small, []).admission.allow.every((holds) => holds === false)).toBe(true);
  });

  it('is no more for judging recorded claims than for a sign-in', () => {
    const attributes = { userName: 'nameId', title: { lower: 'notes' } };
    const settings = connectionSettings({ attributes, rules: rules(50, matches) });
    const facts = factsOf(settings, large);
    expect(facts.workLeft).toBe(WORK_MAX - 2 * workOn(notes));
    const decided = judgeRules(settings.rules, facts).filter(({ undecided }) => !undecided).length;
    expect(decided).toBe(Math.floor(facts.workLeft / workOf(notes)));
  });

  it.each<[string, RuleCondition]>([
    ['equal values', { claim: 'many', equals: 'y' }],
    ['patterns', { claim: 'many', matches: 'y' }],
  ])('is bounded for %s, however many rules compare them', (_, when) => {
    const many = presented({ claims: { many: Array.from({ length: 5_000 }, () => 'x') } });
    const { judgements } = mapIdentity(connectionSettings({ rules: rules(500, when) }), many, []);
    expect(judgements[0]).toMatchObject({ matched: false, undecided: false });
    expect(judgements.at(-1)).toMatchObject({ undecided: true, why: expect.stringContaining('too large') });
  });
});

describe('what the budget has no room for', () => {
  /** Everything is spent by attributes before those that matter. */
  const greedy = Array.from({ length: 40 }, (_, n) => [`a${n}`, { lower: 'notes' }] as const);
  const settings = (when: RuleCondition = 'always') =>
    connectionSettings({
      attributes: {
        userName: 'nameId',
        ...Object.fromEntries(greedy),
        employeeType: { lower: { firstOf: ['type', { constant: 'employee' }] } },
        displayName: { lower: 'notes' },
        givenName: 'first',
        email: { firstOf: [{ lower: 'notes' }, 'nickname'] },
      },
      rules: [rule('r', '', ['crm.reader'], 1, { when })],
      jit: { required: [], allowedDomains: [] },
    });
  const said = { first: ['Ada'], nickname: ['ceo@acme.example'] };
  const spent = presented({ claims: { ...said, notes, type: notes } });
  const fine = presented({ claims: { ...said, notes: ['ada@acme.example'], type: ['contractor'] } });
  const judged = (when: RuleCondition, presentedNow = spent) =>
    mapIdentity(settings(when), presentedNow, []).judgements[0];

  it('is not stated: neither a part of it, nor what would come in its place', () => {
    const { offered, untold } = mapIdentity(settings(), spent, []);
    for (const attribute of ['employeeType', 'displayName', 'email']) {
      expect(untold.has(attribute)).toBe(true);
      expect(offered.has(attribute)).toBe(false);
    }
    expect(offered.get('givenName')).toBe('Ada');
    expect(Object.fromEntries(mapIdentity(settings(), fine, []).offered)).toMatchObject({
      employeeType: 'contractor',
      email: 'ada@acme.example',
    });
  });

  it.each<RuleCondition>([
    { attribute: 'employeeType', present: false },
    { not: { attribute: 'employeeType', equals: 'contractor' } },
    { domain: 'acme.example' },
    { not: { domain: 'acme.example' } },
  ])('makes %j undecided, and not true', (when) => {
    expect(judged(when)).toMatchObject({ matched: false, undecided: true });
    expect(judged(when, fine)).toMatchObject({ undecided: false });
  });

  it('admits nobody whom a rule of admission asks about', () => {
    const closed = {
      ...settings(),
      admission: {
        ...settings().admission,
        refuse: [{ id: 'no-contractors', when: { claim: 'notes', matches: '.*y' } }],
      },
    };
    const turnedAway = refusal(() => admit(closed, mapIdentity(closed, spent, [])));
    expect(turnedAway).toMatchObject({ code: 'groups-unknown', rule: 'no-contractors' });
    expect(refusal(() => admit(closed, mapIdentity(closed, fine, [])))).toBeNull();
  });
});

function refusal(work: () => void): SignInRefusedError | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof SignInRefusedError) return error;
    throw error;
  }
}
