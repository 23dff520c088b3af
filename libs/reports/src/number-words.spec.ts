/** Sentences with numbers read as people write them. */
import { grouped, isOrAre, many } from './number-words.js';

it.each<[number, string, string]>([
  [0, '0 rows', 'are'],
  [1, '1 row', 'is'],
  [2, '2 rows', 'are'],
  [1_048_575, '1048575 rows', 'are'],
])('%d of them takes the right form', (count, words, verb) => {
  expect(many(count, 'row')).toBe(words);
  expect(isOrAre(count)).toBe(verb);
});

it('a number can be written with its thousands apart', () => {
  expect([0, 999, 1_000, 1_048_575].map(grouped)).toEqual(['0', '999', '1,000', '1,048,575']);
  expect(many(1_000, 'event', grouped)).toBe('1,000 events');
});
