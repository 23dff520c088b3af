import fc from 'fast-check';
import type { PolicySettings } from '#libs/contracts';
import { conflictsOf, sodRules } from './sod-rules.js';

/** Rules of segregation of duties over random policies, exceptions and roles. */

const NOW = '2026-03-02T08:00:00.000Z';
const ROLES = ['a', 'b', 'c', 'd', 'e', 'f'];
const set = fc.uniqueArray(fc.constantFrom(...ROLES), { minLength: 1, maxLength: 3 });
const policies = fc
  .array(fc.record({ sets: fc.array(set, { minLength: 2, maxLength: 4 }), enabled: fc.boolean() }), { maxLength: 4 })
  .map((all) =>
    all.map(({ sets, enabled }, index) => ({
      id: `p${index}`,
      version: 1,
      enabled,
      settings: { kind: 'sod', roles: sets, mode: 'detective', owner: null } satisfies PolicySettings,
    })),
  );
const exceptions = fc.array(
  fc.record({
    policy: fc.constantFrom('p0', 'p1', 'p2'),
    account: fc.constantFrom('ada', 'bo'),
    sets: fc.array(set, { minLength: 2, maxLength: 4 }),
    until: fc.constantFrom(NOW, '2026-03-03T00:00:00.000Z'),
    ended: fc.boolean(),
  }),
  { maxLength: 5 },
);
const roles = fc.subarray(ROLES);
const named = (conflicts: ReturnType<typeof conflictsOf>) =>
  conflicts.map(({ policy, held }) => `${policy}: ${[...new Set(held.flat())].sort().join()}`).sort();

it('conflicts do not depend on the order of policies, exceptions, sets and roles', () =>
  fc.assert(
    fc.property(policies, exceptions, roles, (all, excepted, held) => {
      const once = conflictsOf(held, sodRules(all, excepted, 'ada', NOW));
      const turned = all.map(({ settings, ...policy }) => ({
        ...policy,
        settings: { ...settings, roles: settings.roles.toReversed() },
      }));
      const again = conflictsOf(held.toReversed(), sodRules(turned.toReversed(), excepted.toReversed(), 'ada', NOW));
      expect(named(again)).toEqual(named(once));
    }),
  ));

it('a further exception takes conflicts away and adds none; a further role adds some and takes none away', () =>
  fc.assert(
    fc.property(policies, exceptions, roles, fc.constantFrom(...ROLES), (all, excepted, held, role) => {
      const conflicts = (count: number, having = held) =>
        conflictsOf(having, sodRules(all, excepted.slice(0, count), 'ada', NOW)).flatMap(({ policy, held: against }) =>
          against.flat().map((each) => `${policy}: ${each}`),
        );
      for (let count = 1; count <= excepted.length; count += 1)
        expect(conflicts(count - 1)).toEqual(expect.arrayContaining(conflicts(count)));
      expect(conflicts(0, [...held, role])).toEqual(expect.arrayContaining(conflicts(0)));
    }),
  ));

it('two roles are in conflict exactly when some policy in force has them in two sets', () =>
  fc.assert(
    fc.property(policies, fc.constantFrom(...ROLES), fc.constantFrom(...ROLES), (all, one, other) => {
      const against = all.some(
        ({ enabled, settings }) =>
          enabled &&
          one !== other &&
          settings.roles.some((here, i) =>
            settings.roles.some((there, j) => i !== j && here.includes(one) && there.includes(other)),
          ),
      );
      expect(conflictsOf([one, other], sodRules(all, [], 'ada', NOW)).length > 0).toBe(against);
    }),
  ));
