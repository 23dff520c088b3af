/** The sheet says first whether the report can be relied on, and shows every number that it says so from. */
import type { EvidenceSheet } from '../evidence.js';
import { renderSheet } from './evidence-files.js';
import { JUNE, VISITS } from './sample-report.fixture.js';

const SHEET: EvidenceSheet = {
  ...JUNE,
  report: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  kind: 'visits',
  version: 3,
  title: 'Visits',
  positions: { from: 0, through: 123_456 },
  events: { sealed: 98_765, projected: 98_765 },
  gaps: 0,
  parkedStreams: 0,
  lag: 0,
  rows: 1_200,
  population: [{ of: 'visits', recorded: 1_234, listed: 1_200, excluded: { unknownGuest: 4, cancelled: 30 } }],
  applications: { crm: 1_000, erp: 200 },
  flags: { uninvited: 3 },
  summary: { opening: 10, p95Seconds: 1.5, none: null },
  sources: [
    { connection: 'okta', status: 'active', lastContactAt: '2026-06-30T20:00:00.000Z' },
    { connection: 'hr', status: 'disabled', lastContactAt: null },
  ],
  sourcesNotListed: 0,
  projections: [
    {
      projection: 'grants',
      version: 2,
      position: 120_000,
      digest: 'ab'.repeat(32),
      differences: 0,
      verifiedAt: '2026-06-30T03:00:00.000Z',
    },
    { projection: 'roles', version: 1, position: null, digest: null, differences: null, verifiedAt: null },
  ],
  truncated: false,
  erasedValues: 2,
  complete: true,
  problems: [],
  softwareVersion: '0.1.0',
  generatedBy: 'apiKey:auditor',
  generatedAt: '2026-07-01T08:00:00.000Z',
  files: [{ name: 'visits.csv', sha256: 'cd'.repeat(32), bytes: 45_678, rows: 1_200 }],
};

const pageOf = (sheet: EvidenceSheet) => renderSheet(sheet, VISITS).html.toString();

describe('the sheet as JSON', () => {
  it('has all of it, members in alphabetical order, whatever order they came in', () => {
    const { json } = renderSheet(SHEET, VISITS);
    const reversed = Object.fromEntries(Object.entries(SHEET).reverse()) as unknown as EvidenceSheet;
    expect(JSON.parse(json.toString())).toEqual(SHEET);
    expect(renderSheet(reversed, VISITS).json.equals(json)).toBe(true);
    expect(json.toString()).toMatch(/^\{\n {2}"applications": \{\n {4}"crm": 1000,/);
  });
});

describe('the sheet as a page', () => {
  it('begins with its verdict', () => {
    const page = pageOf(SHEET);
    expect(page).toContain('<div class="verdict good"><h2>Complete</h2>');
    expect(page.indexOf('Complete</h2>')).toBeLessThan(page.indexOf('What was asked'));
  });

  it('that something is wrong says what, and nowhere that it is complete', () => {
    const problems = ['Number 17 of the tenant is missing.', '<b>One stream is parked.</b>'];
    const page = pageOf({ ...SHEET, complete: false, problems, gaps: 1 });
    expect(page).toContain('<div class="verdict bad"><h2>Not complete</h2>');
    expect(page).toContain('<li>Number 17 of the tenant is missing.</li>');
    expect(page).toContain('<li>&lt;b&gt;One stream is parked.&lt;/b&gt;</li>');
    expect(page).not.toContain('<h2>Complete</h2>');
  });

  it('tells of the population first, then of the log, the totals, the sources and the comparisons', () => {
    const page = pageOf(SHEET);
    const places = [
      ...[
        '<th scope="col" class="number">In the log',
        'Listed</th>',
        'Excluded</th>',
        'Positions of the log</dt>',
        '<dt>Gaps',
      ],
      ...['<dt>Parked streams', 'Rows by application', 'Figures', 'last heard of', 'last compared with the log'],
    ].map((words) => page.indexOf(words));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('counts one as one', () => {
    const page = pageOf({ ...SHEET, rows: 1, lag: 1, erasedValues: 1, sourcesNotListed: 1 });
    for (const words of ['1 row. ', '<dd>1 event</dd>', '1 cell of people', '1 more is not listed'])
      expect(page).toContain(words);
  });

  it('shows how the population adds up', () => {
    expect(pageOf(SHEET)).toContain(
      '<td>visits</td><td class="number">1,234</td><td class="number">1,200</td><td class="number">34</td><td>cancelled: 30<br>unknown guest: 4</td><td>yes</td>',
    );
    const short = { of: 'visits', recorded: 1_235, listed: 1_200, excluded: { cancelled: 34 } };
    expect(pageOf({ ...SHEET, population: [short] })).toContain('<td><strong>no</strong></td>');
  });

  it('shows every figure of the sheet', () => {
    const page = pageOf(SHEET);
    const shown = [
      ...['0 to 123,456', '98,765 in the sealed log, 98,765 in the index', '0 missing among', '2 cells of people'],
      ...['crm', 'all of them', 'uninvited', 'p95 seconds', '1.5', 'okta', 'never', '2026-06-30 20:00:00.000Z'],
      ...[
        'grants, version 2',
        'roles, version 1',
        'Never compared: roles, version 1.',
        'ab'.repeat(32),
        'cd'.repeat(32),
        '45,678',
        'apiKey:auditor',
        'version 0.1.0',
      ],
    ];
    for (const words of shown) expect(page).toContain(words);
  });

  it('tells figures in the order in which they add up', () => {
    const page = pageOf({ ...SHEET, summary: { opening: 3, gained: 2, lost: 1, closing: 4 } });
    expect([...page.matchAll(/<td>(opening|gained|lost|closing)<\/td>/g)].map(([, name]) => name)).toEqual([
      ...['opening', 'gained', 'lost', 'closing'],
    ]);
  });

  it('adds up its rows by application, also those that belong to none', () => {
    expect(pageOf(SHEET)).not.toContain('of no application');
    const page = pageOf({ ...SHEET, rows: 1_210 });
    expect(page).toContain('<td>of no application, or an unknown one</td><td class="number">10</td>');
    expect(page).toContain('<strong>1,210</strong>');
  });

  it('leaves out chapters that have nothing to say', () => {
    const page = pageOf({ ...SHEET, applications: {}, flags: {}, summary: {}, sources: [] });
    for (const title of ['Rows by application', 'Rows that stand out', 'Figures', 'Last contact', 'not listed'])
      expect(page).not.toContain(title);
  });

  it('says how many sources it does not list', () =>
    expect(pageOf({ ...SHEET, sourcesNotListed: 1_204 })).toContain('1,204 more are not listed: a sheet holds 2.'));

  it('says whether it was cut off', () => {
    expect(pageOf(SHEET)).toContain('<dt>Truncated</dt><dd>no</dd>');
    expect(pageOf({ ...SHEET, truncated: true })).toContain('<dt>Truncated</dt><dd><strong>yes</strong></dd>');
  });

  it('of an empty log says so', () => {
    const page = pageOf({ ...SHEET, rows: 0, knownAt: -1, positions: { from: 0, through: -1 } });
    expect(page).toContain('<dd>an empty log</dd>');
    expect(page).toContain('<dt>Positions of the log</dt><dd>none</dd>');
  });
});
