import fc from 'fast-check';
import type { Profile } from '#libs/contracts';
import { ada } from '#libs/testing';
import type { OfferedValue } from '../connection/conditions.js';
import { STANDARD_ATTRIBUTES } from '../connection/offered-attributes.js';
import { mergeProfile, newProfile } from './profile-merge.js';

const RUNS = { numRuns: 300 };
const text = fc.constantFrom('a', 'b', 'Ada', 'ö', ' ');
const source = fc.constantFrom('okta', 'entra', 'hr', 'manual');
const ownName = fc.constantFrom('badge', 'floor', '__proto__', 'constructor', 'attributes');

/** What a connection may offer: one value or none for a standard attribute, a list for one of the operator's own. */
const offered: fc.Arbitrary<ReadonlyMap<string, OfferedValue>> = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constantFrom<string>(...STANDARD_ATTRIBUTES), fc.option(text)),
      fc.tuple(ownName, fc.array(text, { maxLength: 3 })),
    ),
    { maxLength: 8 },
  )
  .map((pairs) => new Map<string, OfferedValue>(pairs));
const update = fc.constantFrom('never' as const, 'fillEmpty' as const, 'everySignIn' as const);
const authority = fc.dictionary(fc.constantFrom('email', 'title', 'badge'), fc.uniqueArray(source), {
  noNullPrototype: true,
});
const statedBy = fc
  .array(fc.tuple(fc.constantFrom('email', 'title', 'badge', 'department'), source))
  .map((pairs) => new Map(pairs));
const profile = offered.map((values) => ({ ...newProfile(values), userName: 'ada' }));
const by = fc.record({ source, update, authority, statedBy });

describe('a profile to which a source states attributes', () => {
  it('does not change when the same source states the same again', () =>
    fc.assert(
      fc.property(profile, offered, by, (before, values, words) => {
        const once = mergeProfile(before, values, words);
        const stated = new Map([
          ...words.statedBy,
          ...once.changed.map((attribute) => [attribute, words.source] as const),
        ]);
        const twice = mergeProfile(once.profile, values, { ...words, statedBy: stated });
        expect(twice).toEqual({ profile: once.profile, changed: [], lost: once.lost });
      }),
      RUNS,
    ));

  it('changes in the attributes named and in no other', () =>
    fc.assert(
      fc.property(profile, offered, by, (before, values, words) => {
        const { profile: after, changed } = mergeProfile(before, values, words);
        expect(differing(before, after)).toEqual([...changed].sort());
        expect(changed.every((attribute) => values.has(attribute))).toBe(true);
      }),
      RUNS,
    ));

  it('never loses its user name', () =>
    fc.assert(
      fc.property(profile, offered, by, (before, values, words) => {
        expect(mergeProfile(before, values, words).profile.userName).not.toBeNull();
      }),
      RUNS,
    ));

  it('keeps what is there when only empty attributes may be filled, and everything when none may', () =>
    fc.assert(
      fc.property(profile, offered, by, (before, values, words) => {
        const filled = mergeProfile(before, values, { ...words, update: 'fillEmpty' });
        expect(filled.changed.filter((attribute) => valueIn(before, attribute) !== '')).toEqual([]);
        expect(mergeProfile(before, values, { ...words, update: 'never' })).toEqual({
          profile: before,
          changed: [],
          lost: [],
        });
      }),
      RUNS,
    ));

  it('neither reaches nor pollutes what every object inherits', () => {
    const values = new Map<string, OfferedValue>([['__proto__', ['polluted']]]);
    const { profile: after } = mergeProfile(ada.profile, values, {
      source: 'okta',
      update: 'everySignIn',
      authority: {},
      statedBy: new Map(),
    });
    expect(Object.keys(after.attributes)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(after.attributes)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

const isStandard = (attribute: string) => (STANDARD_ATTRIBUTES as readonly string[]).includes(attribute);

/** As text, empty when there is none. */
function valueIn({ attributes, ...standard }: Profile, attribute: string): string {
  const own: Record<string, unknown> = isStandard(attribute) ? standard : attributes;
  const value = Object.hasOwn(own, attribute) ? own[attribute] : null;
  return value === null ? '' : JSON.stringify(value);
}

function differing(before: Profile, after: Profile): string[] {
  const names = new Set([...STANDARD_ATTRIBUTES, ...Object.keys(before.attributes), ...Object.keys(after.attributes)]);
  return [...names].filter((name) => valueIn(before, name) !== valueIn(after, name)).sort();
}
