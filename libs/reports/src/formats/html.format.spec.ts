/** A document holds every cell as text, runs and loads nothing, and says what was asked. */
import type { ReportRow } from '../column.js';
import { htmlFormat } from './html.format.js';
import { ADA, fileOf, NOBODY, VISITS } from './sample-report.fixture.js';

const written = async (rows: readonly ReportRow[], kind = VISITS) => (await fileOf(htmlFormat, rows, kind)).toString();

describe('a document', () => {
  it('says what was asked, in the time of the tenant and in UTC', async () => {
    const page = await written([]);
    expect(page).toContain('<h1>Visits</h1>');
    expect(page).toContain(
      '<dt>Period</dt><dd>after 2026-05-31 23:59:59.999 in Europe/Berlin (2026-05-31 21:59:59.999Z), up to and including 2026-06-30 23:59:59.999 in Europe/Berlin (2026-06-30 21:59:59.999Z)</dd>',
    );
    expect(page).toContain('<dd>position 123,456 of the sealed log: nothing that was recorded later');
    expect(page).toContain('<dd>privileged is true and role is crm.reader</dd>');
  });

  it('has every row, how many they are, and what the columns say', async () => {
    const page = await written([ADA, NOBODY]);
    expect(page).toContain(
      '<tr><td>Ada</td><td class="number">12</td><td class="number">0.5</td><td>yes</td><td>2026-06-30 21:59:59.999Z</td><td>Bob; Eve</td></tr>',
    );
    expect(page).toContain('2 rows: end of the report.');
    expect(page).toContain('<dt>count</dt><dd>Visits so far.</dd>');
    expect(page.match(/<th /g)).toHaveLength(6);
  });

  it('escapes what stands in cells, and marks what stands in for a value', async () => {
    const page = await written([
      ['<script>alert(1)</script>', ...NOBODY.slice(1)],
      ['[withheld]', ...NOBODY.slice(1)],
    ]);
    expect(page).toContain('<td>&lt;script&gt;alert(1)&lt;/<wbr>script&gt;</td>');
    expect(page).toContain('<span class="none">[withheld]</span>');
    expect(page).not.toContain('<script');
  });

  it('lets nothing run or load but the style that it brings', async () => {
    const page = await written([ADA]);
    expect(page).toMatch(
      /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/,
    );
    expect(page.match(/<style>/g)).toHaveLength(1);
    expect(page).not.toMatch(/<(link|img|iframe|script)/);
  });

  it('lets the last value of a short line have the rest of it', async () => {
    const columns = Array.from({ length: 11 }, (_, at) => ({ name: `isC${at}`, type: 'text' as const, means: 'One.' }));
    const page = await written([columns.map(({ name }) => name)], { ...VISITS, columns });
    expect(page).toContain('<td>isC9</td><td colspan="2">isC10</td></tr>');
    expect(page).toContain('::before{content:"is\\200b C10"}');
  });

  it('writes a kind of many columns in several lines, each value under the name of its column', async () => {
    const columns = Array.from({ length: 27 }, (_, at) => ({ name: `c${at}`, type: 'text' as const, means: 'One.' }));
    const row = columns.map(({ name }) => `value of ${name}`);
    const page = await written([row], { ...VISITS, columns });
    const record = page.match(/<tbody>.*?<\/tbody>/s)?.[0] ?? '';
    expect(record.match(/<tr class="l\d">/g)).toHaveLength(3);
    expect(record.match(/value of c\d+/g)).toEqual(row);
    expect(page).toContain('.rows .l3>td:nth-child(9)::before{content:"c26"}');
  });

  it('leaves out lines without a value, and gives a long one a line of its own', async () => {
    const columns = Array.from({ length: 27 }, (_, at) => ({ name: `c${at}`, type: 'list' as const, means: 'One.' }));
    const long = ['everyone=crm.reader', 'a'.repeat(80)];
    const row = columns.map((_, at) => (at === 20 ? long : at === 1 ? ['short'] : null));
    const record = (await written([row], { ...VISITS, columns })).match(/<tbody>.*?<\/tbody>/s)?.[0] ?? '';
    expect(record.match(/<tr class="l\d">/g)).toEqual(['<tr class="l1">', '<tr class="l3">']);
    expect(record).toContain('<td></td><td><span class="none">below</span></td>');
    expect(record).toContain(
      `<tr><td colspan="9"><span class="name">c20</span>everyone=<wbr>crm.reader; ${'a'.repeat(80)}</td></tr>`,
    );
  });

  it('breaks long words where people would, and reads instants wherever they stand', async () => {
    const row = ['ada.lovelace@acme.example', 1, 1, true, null, ['ReviewDecisionRecorded', '2026-06-30T21:59:59.999Z']];
    const page = await written([row]);
    expect(page).toContain('<td>ada.lovelace<wbr>@acme.example</td>');
    expect(page).toContain('<td>Review<wbr>Decision<wbr>Recorded; 2026-06-30 21:59:59.999Z</td>');
  });

  it('marks in the meaning of a column what is a value', async () => {
    const columns = [{ name: 'how', type: 'text' as const, means: 'How: `fast` or <slow>.' }];
    expect(await written([], { ...VISITS, columns })).toContain(
      '<dt>how</dt><dd>How: <code>fast</code> or &lt;slow&gt;.</dd>',
    );
  });
});
