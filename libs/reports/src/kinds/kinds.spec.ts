/** What holds for every kind of report: whoever reads one must be able to look every column up. */
import { REPORT_KINDS } from '#libs/contracts';
import { REPORTS } from './index.js';

const kinds = [...REPORTS.values()];

describe('the kinds of reports', () => {
  it('are those that the catalogue of events names', () =>
    expect([...REPORTS.keys()].sort()).toEqual([...REPORT_KINDS].sort()));
});

describe.each(kinds.map((kind) => [kind.kind, kind] as const))('%s', (_name, kind) => {
  it('says which question it answers', () => {
    expect(kind.title).toMatch(/^[A-Z].{3,60}$/);
    expect(kind.answers).toMatch(/^[A-Z].{15,}[.?]$/);
    expect(kind.version).toBeGreaterThan(0);
  });

  it('explains every column in a sentence, and names none twice', () => {
    const names = kind.columns.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, means } of kind.columns) {
      expect(name).toMatch(/^[a-z][a-zA-Z0-9]{1,40}$/);
      expect({ name, means }).toEqual({ name, means: expect.stringMatching(/^[A-Z].{5,}[.]$/) });
    }
  });
});
