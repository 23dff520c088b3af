import { StagedRows, type StoredRow } from './staged-rows.js';
import { change, MissingRowError, patch, put, type Row, type RowChange, table } from './table.js';

interface Thing extends Row {
  readonly id: string;
  readonly colour: string;
}
const columns = { id: true, colour: true } as const;
const keyed = table<Thing>('things_v1', 'keyed', ['id'], columns);
const versioned = table<Thing>('versions_v1', 'versioned', ['id'], columns);
const appended = table<Thing>('lines_v1', 'appended', ['id'], columns);

const red = { id: 'x', colour: 'red' };
const blue = { id: 'x', colour: 'blue' };
const paint = (where: typeof keyed, colour: string) => patch(where, { id: 'x' }, () => ({ colour }));

/** What is written when these changes happen at positions 5, 6, … to these rows. */
function written(where: typeof keyed, loaded: readonly StoredRow[], ...changes: readonly RowChange[][]) {
  const staged = new StagedRows([{ table: where as never, rows: loaded }]);
  changes.forEach((some, index) => {
    staged.apply(some, 5 + index);
  });
  const [writes] = staged.writes();
  return { upserts: writes?.upserts ?? [], removals: writes?.removals ?? [] };
}

describe('staged rows', () => {
  it('end in one row per key, however often it changed', () => {
    const { upserts } = written(keyed, [], [put(keyed, red)], [paint(keyed, 'green')], [paint(keyed, 'blue')]);
    expect(upserts).toEqual([{ ...blue, position: 7 }]);
  });

  it('keep every version of a versioned row, each closed where the next one begins', () => {
    const { upserts } = written(
      versioned,
      [{ ...red, from_pos: 2, to_pos: null }],
      [paint(versioned, 'green')],
      [paint(versioned, 'blue')],
    );
    expect(upserts).toEqual([
      { ...red, from_pos: 2, to_pos: 5 },
      { ...red, colour: 'green', from_pos: 5, to_pos: 6 },
      { ...blue, from_pos: 6, to_pos: null },
    ]);
  });

  it('close the last version of what is gone', () => {
    const { upserts, removals } = written(
      versioned,
      [{ ...red, from_pos: 2, to_pos: null }],
      [change(versioned, { id: 'x' }, () => null)],
    );
    expect(upserts).toEqual([{ ...red, from_pos: 2, to_pos: 5 }]);
    expect(removals).toEqual([]);
  });

  it('do not write what does not change', () => {
    expect(written(versioned, [{ ...red, from_pos: 2, to_pos: null }], [paint(versioned, 'red')]).upserts).toEqual([]);
  });

  it('pass over what a row has seen already', () => {
    expect(written(keyed, [{ ...red, position: 5 }], [paint(keyed, 'blue')]).upserts).toEqual([]);
    expect(written(versioned, [{ ...red, from_pos: 5, to_pos: null }], [paint(versioned, 'blue')]).upserts).toEqual([]);
  });

  it('remove a row, and bring it back', () => {
    const remove = change(keyed, { id: 'x' }, () => null);
    expect(written(keyed, [{ ...red, position: 1 }], [remove])).toEqual({ upserts: [], removals: [{ id: 'x' }] });
    expect(written(keyed, [{ ...red, position: 1 }], [remove], [put(keyed, blue)])).toEqual({
      upserts: [{ ...blue, position: 6 }],
      removals: [],
    });
  });

  it('take lines of an appended table as they are', () => {
    expect(written(appended, [], [put(appended, red)]).upserts).toEqual([red]);
  });

  it('keep nothing of an event that fails half-way', () => {
    const staged = new StagedRows([{ table: keyed as never, rows: [] }]);
    const missing = patch(keyed, { id: 'y' }, () => ({ colour: 'blue' }));
    expect(() => staged.apply([put(keyed, red), missing], 5)).toThrow(MissingRowError);
    expect(staged.writes()).toEqual([]);
    staged.apply([put(keyed, blue)], 6);
    expect(staged.writes()[0]?.upserts).toEqual([{ ...blue, position: 6 }]);
  });
});
