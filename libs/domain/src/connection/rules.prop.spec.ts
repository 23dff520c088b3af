import fc from 'fast-check';
import type { MappingRule } from '#libs/contracts';
import { connectionSettingsWith, presented, rule } from '#libs/testing';
import type { Groups } from './groups.js';
import { mapIdentity } from './identity-mapping.js';
import { dueKey, judgeRules, rolesDue } from './rules.js';
import { WORK_MAX } from './work-budget.js';

const RUNS = { numRuns: 300 };
const groupName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'engineers', 'admins', ''),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const roleId = fc.constantFrom('crm.reader', 'crm.admin', 'wiki.reader', 'constructor');
const rules = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'constructor', 'tostring'),
    version: fc.integer({ min: 1, max: 9 }),
    when: fc.oneof(fc.constant('always' as const), fc.record({ group: groupName })),
    grant: fc.uniqueArray(roleId, { minLength: 1, maxLength: 3 }),
    set: fc.constant({}),
    directory: fc.constant(null),
    refuse: fc.constant(false),
  }),
  { selector: ({ id }) => id, maxLength: 5 },
);
const live = fc.uniqueArray(roleId).map((roles) => new Set(roles));
const known = (values: readonly string[]): Groups => ({ known: true, values: new Set(values) });
const due = (some: readonly MappingRule[], groups: Groups, live: ReadonlySet<string>, groupAttribute = 'groups') =>
  rolesDue(some, judgeRules(some, { ...NOTHING_STATED, groups, groupAttribute }), live);
const NOTHING_STATED = {
  attributes: new Map(),
  untold: new Set<string>(),
  claims: new Map(),
  addressDenied: false,
  authentication: { context: null, methods: [] },
  authenticationContexts: {},
  workLeft: WORK_MAX,
};

describe('the rules of a connection', () => {
  it('give the same in whatever order the groups come, and however often each', () =>
    fc.assert(
      fc.property(rules, fc.array(groupName), live, (some, groups, roles) => {
        const once = due(some, known(groups), roles);
        expect(due(some, known([...groups].reverse().concat(groups)), roles)).toEqual(once);
      }),
      RUNS,
    ));

  it('give exactly what a reading of them by hand gives, hostile names or not', () =>
    fc.assert(
      fc.property(rules, fc.array(groupName), live, (some, groups, roles) => {
        const expected = some
          .filter(({ when }) => when === 'always' || groups.includes(when.group))
          .flatMap(({ id, grant }) =>
            grant.filter((role) => roles.has(role)).map((role) => dueKey({ rule: id, role })),
          );
        expect([...due(some, known(groups), roles).keys()]).toEqual(expected);
      }),
      RUNS,
    ));

  it('give with unknown groups no more than with any groups, and nothing that looks at them', () =>
    fc.assert(
      fc.property(rules, fc.array(groupName), live, (some, groups, roles) => {
        const unknown = due(some, { known: false }, roles);
        const birthright = new Set<string>(some.filter(({ when }) => when === 'always').map(({ id }) => id));
        expect([...unknown.values()].every(({ rule }) => birthright.has(rule))).toBe(true);
        expect([...due(some, known(groups), roles).keys()]).toEqual(expect.arrayContaining([...unknown.keys()]));
      }),
      RUNS,
    ));

  it('say of each role which values matched, and only values that the person has', () =>
    fc.assert(
      fc.property(rules, fc.array(groupName), live, (some, groups, roles) => {
        for (const { matched } of due(some, known(groups), roles, 'teams').values()) {
          for (const { claim, values } of matched)
            expect(claim === 'teams' && values.every((value) => groups.includes(value))).toBe(true);
        }
      }),
      RUNS,
    ));

  it('take 5,000 groups and 500 rules in their stride', () => {
    const many = Array.from({ length: 4_999 }, (_, index) => `group ${index}`);
    const asking = Array.from({ length: 500 }, (_, index) => rule(`r${index}`, `group ${index * 10}`, ['crm.reader']));
    const settings = connectionSettingsWith(asking);
    const claims = new Map([['groups', [...many, '__proto__']]]);
    const { judgements } = mapIdentity(settings, presented({ claims }), []);
    expect(rolesDue(settings.rules, judgements, new Set(['crm.reader'])).size).toBe(500);
  });
});
