import { reportsPage } from './reports.page.mjs';

const VISITS = {
  kind: 'visits',
  version: 3,
  title: 'Visits',
  answers: 'Who came, and when?',
  about: 'period',
  filters: ['account'],
  columns: [
    { name: 'guest', type: 'text', means: 'Name of the guest | or of a dog.', personal: true },
    { name: 'cameAt', type: 'instant', means: 'When.' },
  ],
};
const FORMATS = { csv: { name: 'csv', rowsMax: Number.POSITIVE_INFINITY }, html: { name: 'html', rowsMax: 20_000 } };
const pageOf = (kind: object, formats: object = FORMATS) =>
  reportsPage([kind], formats, { daysKept: 30, waiting: 100 });

describe('the page of reports', () => {
  it('has a definition for every column, and says which are personal', () => {
    const shown = pageOf(VISITS);
    expect(shown).toContain('| [`visits`](#visits) | Who came, and when? |');
    expect(shown).toContain('Who came, and when?\n\n*Visits*, version 3, about a period. Filters: `account`.');
    expect(shown).toContain('| `guest` | text | Name of the guest \\| or of a dog. | yes |');
    expect(shown).toContain('| `cameAt` | instant | When. |  |');
  });

  it('says how many rows a format holds, and how long files are kept', () => {
    const shown = pageOf(VISITS);
    expect(shown).toMatch(/^\| `csv` \|.*\| as many as there are \|$/m);
    expect(shown).toMatch(/^\| `html` \|.*\| 20,000 \|$/m);
    expect(shown).toContain('Files are kept for 30 days');
  });

  it.each<[string, object, object]>([
    ['filter', { ...VISITS, filters: ['mood'] }, FORMATS],
    ['type of column', { ...VISITS, columns: [{ name: 'a', type: 'mood', means: 'One.' }] }, FORMATS],
    ['format', VISITS, { mood: { name: 'mood', rowsMax: 1 } }],
  ])('refuses a %s that it has no words for', (what, kind, formats) =>
    expect(() => pageOf(kind, formats)).toThrow(`The ${what} mood has no words yet`),
  );
});
