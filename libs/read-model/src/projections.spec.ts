import { catalogue, EVENT_ENTRIES } from '#libs/contracts';
import { PERSONAL_COLUMNS } from './personal-columns.js';
import { PROJECTIONS } from './projections.js';

describe('the projections', () => {
  it.each(PROJECTIONS.map((projection) => [projection.name, projection] as const))(
    '%s handles or knowingly ignores every type of its categories',
    (_name, { categories, reads, ignores }) => {
      const types = EVENT_ENTRIES.filter(({ category }) => categories.includes(category)).map(({ type }) => type);
      const open = types.filter((type) => reads !== 'every' && !reads.has(type) && !ignores.includes(type));
      expect(open).toEqual([]);
    },
  );

  it.each(
    PROJECTIONS.filter(({ reads }) => reads !== 'every').map((projection) => [projection.name, projection] as const),
  )('%s reads only types of the categories that it must understand', (_name, { categories, reads }) => {
    const outside = [...(reads as ReadonlySet<string>)].filter(
      (type) => !categories.includes(catalogue.entry(type)?.category ?? ''),
    );
    expect(outside).toEqual([]);
  });

  it('own their tables alone, and name each checkpoint once', () => {
    const tables = PROJECTIONS.flatMap(({ tables }) => tables.map(({ name }) => name));
    expect(new Set(tables).size).toBe(tables.length);
    expect(new Set(PROJECTIONS.map(({ name }) => name)).size).toBe(PROJECTIONS.length);
  });

  it('see personal data only where they keep it in a column that is named for it', () => {
    const keep = (names: readonly string[]) => names.some((name) => PERSONAL_COLUMNS[name]);
    const sighted = PROJECTIONS.filter(({ sight }) => sight === 'personal');
    expect(sighted.filter(({ tables }) => !keep(tables.map(({ name }) => name)))).toEqual([]);
    const known = PROJECTIONS.flatMap(({ tables }) => tables).map(({ name }) => name);
    expect(Object.keys(PERSONAL_COLUMNS).filter((name) => !known.includes(name))).toEqual([]);
  });
});
