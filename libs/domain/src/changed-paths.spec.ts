import { changedPaths, sameJson } from './changed-paths.js';

describe('two JSON values are the same', () => {
  it.each<[unknown, unknown]>([
    [
      { a: 1, b: [2, null] },
      { b: [2, null], a: 1 },
    ],
    [[], []],
    [null, null],
  ])('%j and %j', (a, b) => expect(sameJson(a, b)).toBe(true));

  it.each<[unknown, unknown]>([
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [{ a: undefined }, { b: undefined }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: null }, { a: {} }],
    ['1', 1],
  ])('but not %j and %j', (a, b) => expect(sameJson(a, b)).toBe(false));
});

it('settings that differ are named in order, by their first key', () =>
  expect(changedPaths({ b: { x: 1 }, a: 1, same: [] }, { b: { x: 2 }, c: 1, same: [] })).toEqual(['a', 'b', 'c']));
