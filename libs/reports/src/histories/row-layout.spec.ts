import { rowLayout } from './row-layout.js';

/** Goal: a personal column never shows what it holds to whoever may not see it. */

const layout = rowLayout<{ readonly cell: string | readonly string[] | null }>([
  { name: 'person', type: 'text', means: 'Who.', personal: true, of: ({ cell }) => cell },
  { name: 'thing', type: 'text', means: 'What.', of: ({ cell }) => cell },
]);

it.each([
  ['Ada', '[withheld]'],
  [null, null],
  ['[erased]', '[erased]'],
  [
    ['Ada', 'Bo'],
    ['[withheld]', '[withheld]'],
  ],
  [[], []],
])('shows %j as %j where it is personal, and as it is to whoever may see it', (cell, withheld) => {
  expect(layout.row({ cell }, false)).toEqual([withheld, cell]);
  expect(layout.row({ cell }, true)).toEqual([cell, cell]);
});

it('has a column for every cell, without where it comes from', () =>
  expect(layout.columns).toEqual([
    { name: 'person', type: 'text', means: 'Who.', personal: true },
    { name: 'thing', type: 'text', means: 'What.' },
  ]));
