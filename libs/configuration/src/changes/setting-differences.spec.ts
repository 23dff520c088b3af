/** What differs between two settings, told as somebody reads it who is to agree. */
import { settingDifferences } from './setting-differences.js';

const rule = (id: string, grant: string[]) => ({ id, when: 'always', grant });

it.each<[string, Record<string, unknown> | null, Record<string, unknown> | null, unknown[]]>([
  ['nothing', { a: 1, b: [1] }, { b: [1], a: 1 }, []],
  ['a value', { a: 1, b: 2 }, { a: 3, b: 2 }, [['a', 1, 3]]],
  ['a value deep within', { a: { b: { c: 1, d: 2 } } }, { a: { b: { c: 3, d: 2 } } }, [['a.b.c', 1, 3]]],
  [
    'what comes and goes',
    { a: 1 },
    { b: { c: 2 } },
    [
      ['a', 1, null],
      ['b', null, { c: 2 }],
    ],
  ],
  ['what was not said and what is null as the same', { a: null }, {}, []],
  ['a list without ids as a whole', { a: [1, 2] }, { a: [2] }, [['a', [1, 2], [2]]]],
  [
    'elements of a list by their ids',
    { rules: [rule('x', ['r']), rule('y', ['r'])] },
    { rules: [rule('y', ['r', 's']), rule('z', [])] },
    [
      ['rules[x]', rule('x', ['r']), null],
      ['rules[y].grant', ['r'], ['r', 's']],
      ['rules[z]', null, rule('z', [])],
    ],
  ],
  [
    'the order of elements',
    { rules: [rule('x', []), rule('y', [])] },
    { rules: [rule('y', []), rule('x', [])] },
    [['rules', ['x', 'y'], ['y', 'x']]],
  ],
  [
    'everything of something new',
    null,
    { a: 1, b: [] },
    [
      ['a', null, 1],
      ['b', null, []],
    ],
  ],
  ['everything of what is removed', { a: 1 }, null, [['a', 1, null]]],
])('tells %s', (_what, before, after, expected) => {
  const told = settingDifferences(before, after);
  expect(told.map(({ setting, before: was, after: is }) => [setting, was, is])).toEqual(expected);
});

it('tells a list whose elements are twice the same id as they are', () => {
  const [one, two] = [{ a: [rule('x', []), rule('x', ['r'])] }, { a: [rule('x', ['s']), rule('x', ['r'])] }];
  expect(settingDifferences(one, two)).toEqual([{ setting: 'a', before: one.a, after: two.a }]);
});
