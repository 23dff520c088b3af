/** What a sheet says against its own report is found in the sheet alone. */
import type { EvidenceSheet } from '../evidence.js';
import { checkSheet } from './check-sheet.js';

const compared = (projection: string, differences: number | null) => ({
  projection,
  version: 1,
  differences,
  ...(differences === null
    ? { position: null, digest: null, verifiedAt: null }
    : { position: 2, digest: 'd'.repeat(64), verifiedAt: '2026-04-01T07:00:00.000Z' }),
});

const SHEET: EvidenceSheet = {
  report: '3f0a7c52-9a64-5d0e-8f55-1c2b7e4d9a31',
  tenant: 'acme',
  kind: 'access',
  version: 1,
  title: 'Access',
  asOf: '2026-03-31T21:59:59.999Z',
  from: null,
  knownAt: 2,
  timeZone: 'Europe/Berlin',
  filter: {},
  personal: false,
  positions: { from: 0, through: 2 },
  events: { sealed: 3, projected: 3 },
  gaps: 0,
  parkedStreams: 0,
  lag: 0,
  rows: 3,
  population: [{ of: 'grants', recorded: 5, listed: 3, excluded: { ended: 2 } }],
  applications: { crm: 2, pay: 1 },
  flags: {},
  summary: {},
  sources: [],
  sourcesNotListed: 0,
  projections: [compared('roles', 0), compared('events', null)],
  truncated: false,
  erasedValues: 0,
  complete: true,
  problems: [],
  softwareVersion: '0.1.0',
  generatedBy: 'key:auditor',
  generatedAt: '2026-04-01T08:00:00.000Z',
  files: [{ name: 'access.csv', sha256: 'a'.repeat(64), bytes: 40, rows: 3 }],
};

const faults = (over: Partial<EvidenceSheet> = {}) =>
  checkSheet({ ...SHEET, ...over })
    .checks.filter(({ holds }) => !holds)
    .map(({ says }) => says);

describe('a sheet', () => {
  it('has nothing against it when all of it fits; a projection that nobody has compared is no fault', () => {
    expect(faults()).toEqual([]);
    expect(checkSheet(SHEET).checks.map(({ says }) => says)).toContain(
      'Compared with the log by then: 1 of 2 projections; none differed.',
    );
  });

  it('is told from its population on, then what it saw of the log, then its files and tables', () =>
    expect(checkSheet(SHEET).checks.map(({ says }) => says.split(/[ :]/, 1)[0])).toEqual([
      ...['Population', 'No', 'Nothing', 'Events', 'Nothing', 'It', 'Each', 'Compared', 'It'],
    ]));

  it('gets no tick for what nobody has compared', () => {
    const { checks, unchecked } = checkSheet({
      ...SHEET,
      projections: [compared('roles', null), compared('events', null)],
    });
    expect(checks.map(({ says }) => says).join()).not.toContain('projections');
    expect(unchecked).toEqual([
      {
        about: 'evidence.json',
        says: 'Of 2 projections, none had been compared with the log by then; gatebook verify-projections does.',
      },
    ]);
  });

  it.each<[string, Partial<EvidenceSheet>, string]>([
    [
      'a population that does not add up',
      { population: [{ of: 'grants', recorded: 6, listed: 3, excluded: { ended: 2 } }] },
      'Population of grants: 6 in the log, 3 listed, 2 excluded, which does not add up.',
    ],
    ['a report that was cut off', { truncated: true }, 'The report was cut off.'],
    ['gaps', { gaps: 1 }, 'The log that it rests on has 1 gap.'],
    [
      'events left out',
      { events: { sealed: 4, projected: 3 } },
      'Events of the tenant: 4 sealed, 3 taken into account.',
    ],
    ['a parked stream', { parkedStreams: 1 }, 'The read model was 0 events behind and had 1 parked stream.'],
    ['a read model that was behind', { lag: 2 }, 'The read model was 2 events behind and had 0 parked streams.'],
    [
      'tables that differed from the log',
      { projections: [compared('roles', 0), compared('grants', 2), compared('events', null)] },
      'Projections that differed from the log when they were last compared: grants.',
    ],
    ['problems', { complete: false, problems: ['One row is missing.'] }, 'One row is missing.'],
    ['problems although it is complete', { problems: ['One.'] }, 'It calls the report complete and lists problems.'],
    [
      'no problems although it is not complete',
      { complete: false },
      'It calls the report incomplete and does not say why.',
    ],
    ['another number of rows', { rows: 4 }, 'The report has 4 rows; listed otherwise: access.csv with 3.'],
    ['a report known elsewhere than it covers', { knownAt: 3 }, 'It is known at 3 and covers the log up to 2.'],
  ])('with %s is not taken for good', (_what, over, fault) => expect(faults(over)).toEqual([fault]));
});
