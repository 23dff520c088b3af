import fc from 'fast-check';
import { connectionSettingsWith } from '#libs/testing';
import { mapIdentity } from './identity-mapping.js';
import { dueKey, rolesDue } from './rules.js';

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
  }),
  { selector: ({ id }) => id, maxLength: 5 },
);
const live = fc.uniqueArray(roleId).map((roles) => new Set(roles));
const known = (values: readonly string[]) => ({ known: true as const, values: new Set(values) });

describe('the rules of a connection', () => {
  it('give the same in whatever order the groups come, and however often each', () =>
    fc.assert(
      fc.property(rules, fc.array(groupName), live, (some, groups, roles) => {
        const due = rolesDue(some, known(groups), 'groups', roles);
        expect(rolesDue(some, known([...groups].reverse().concat(groups)), 'groups', roles)).toEqual(due);
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
        expect([...rolesDue(some, known(groups), 'groups', roles).keys()]).toEqual(expected);
      }),
      RUNS,
    ));

  it('give with unknown groups no more than with any groups, and nothing that looks at them', () =>
    fc.assert(
      fc.property(rules, fc.array(groupName), live, (some, groups, roles) => {
        const unknown = rolesDue(some, { known: false }, 'groups', roles);
        const birthright = new Set<string>(some.filter(({ when }) => when === 'always').map(({ id }) => id));
        expect([...unknown.values()].every(({ rule }) => birthright.has(rule))).toBe(true);
        expect([...rolesDue(some, known(groups), 'groups', roles).keys()]).toEqual(
          expect.arrayContaining([...unknown.keys()]),
        );
      }),
      RUNS,
    ));

  it('say of each role which values matched, and only values that the person has', () =>
    fc.assert(
      fc.property(rules, fc.array(groupName), live, (some, groups, roles) => {
        for (const { matched } of rolesDue(some, known(groups), 'teams', roles).values()) {
          for (const { claim, values } of matched)
            expect(claim === 'teams' && values.every((value) => groups.includes(value))).toBe(true);
        }
      }),
      RUNS,
    ));

  it('take 5,000 groups and 500 rules in their stride', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `group ${index}`);
    const asking = Array.from({ length: 500 }, (_, index) => ({
      id: `r${index}`,
      version: 1,
      when: { group: `group ${index * 10}` },
      grant: ['crm.reader'],
    }));
    const settings = connectionSettingsWith(asking);
    const claims = new Map([['groups', [...many, '__proto__']]]);
    const { groups } = mapIdentity(settings, { nameId: { value: 'ada', format: null }, claims });
    expect(rolesDue(settings.rules, groups, 'groups', new Set(['crm.reader'])).size).toBe(500);
  });
});
