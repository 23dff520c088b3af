import { fitting } from './fitting.js';

const texts = (count: number, text = (index: number) => `role-${index}`) =>
  Array.from({ length: count }, (_, index) => text(index));

describe('a list in a cell', () => {
  it.each([0, 1, 200])('keeps %d texts', (count) => {
    expect(fitting(texts(count))).toEqual(texts(count));
  });

  it('says how many more there are than fit', () => {
    expect(fitting(texts(250))).toEqual([...texts(200), '… and 50 more: see the event']);
  });

  it('stays within a cell of a spreadsheet, however long the texts are', () => {
    const long = fitting(texts(190, () => 'x'.repeat(1_000)));

    expect(long).toHaveLength(20);
    expect(long.at(-1)).toBe('… and 171 more: see the event');
    expect(long.join('; ').length).toBeLessThan(32_767);
  });
});
