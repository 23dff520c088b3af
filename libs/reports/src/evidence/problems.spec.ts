import { isTruncated, type Judged, problemsOf } from './problems.js';

const FINE: Judged = {
  knownAt: 41,
  rows: 10,
  lag: 0,
  parkedStreams: 0,
  population: [{ of: 'grants', recorded: 12, listed: 10, excluded: { ended: 2 } }],
  flags: { selfReview: 3 },
  summary: { median: 4.5, unbalanced: 0 },
  projections: [
    {
      projection: 'grants',
      version: 1,
      position: 41,
      digest: 'a'.repeat(64),
      differences: 0,
      verifiedAt: '2026-03-02T08:00:00.000Z',
    },
    { projection: 'roles', version: 1, position: null, digest: null, differences: null, verifiedAt: null },
  ],
  kept: { rows: 10, goesOn: false },
  files: [{ name: 'access.csv', sha256: 'b'.repeat(64), bytes: 100, rows: 10 }],
  log: { sealed: 30, projected: 30, gaps: 0, missing: [], missingAtEnd: 0, unlike: 0, unprojected: [], connections: 2 },
  connections: 2,
};

const problems = (over: Partial<Judged>) => problemsOf({ ...FINE, ...over });

describe('the problems of a report', () => {
  it('are none when everything agrees; what a kind merely flags is no problem', () =>
    expect(problemsOf(FINE)).toEqual([]));

  it.each<[string, Partial<Judged>, string]>([
    [
      'a gap',
      { log: { ...FINE.log, gaps: 1, missing: [7] } },
      'lacks 1 event of the tenant: missing tenant positions are 7',
    ],
    [
      'many gaps',
      { log: { ...FINE.log, gaps: 3, missing: [7, 8] } },
      'lacks 3 events of the tenant: the first missing tenant positions are 7, 8',
    ],
    [
      'an end that is missing',
      { log: { ...FINE.log, gaps: 2, missingAtEnd: 2 } },
      'lacks 2 lines at its end, before position 41',
    ],
    [
      'an event that was not indexed',
      { log: { ...FINE.log, projected: 29, unprojected: [40] } },
      '30 events of the tenant are sealed and 29 are in the index of the read model; the first absent positions are 40',
    ],
    [
      'an index that has too much',
      { log: { ...FINE.log, projected: 31 } },
      '30 events of the tenant are sealed and 31 are in the index',
    ],
    [
      'an index that has as many events, but not the same',
      { log: { ...FINE.log, unlike: 1, unprojected: [40] } },
      '1 event of the tenant is not in the index of the read model as sealed; the first positions are 40',
    ],
    ['a read model that is behind', { lag: 5 }, 'had not taken in 5 events before position 41'],
    ['a parked stream', { parkedStreams: 1 }, '1 stream of the tenant is parked'],
    [
      'a row that is missing',
      { population: [{ of: 'grants', recorded: 12, listed: 9, excluded: { ended: 2 } }] },
      'Population of grants: 12 in the log, 9 listed, 2 excluded for a reason: 1 is missing. gatebook verify-projections',
    ],
    [
      'a row too many',
      { population: [{ of: 'grants', recorded: 11, listed: 10, excluded: { ended: 2 } }] },
      'Population of grants: 11 in the log, but 10 listed and 2 excluded for a reason: 1 too many.',
    ],
    [
      'people whom nobody knows',
      { population: [{ of: 'grants', recorded: 12, listed: 10, excluded: { unknownAccount: 2 } }] },
      'Population of grants: 2 excluded because something of them is unknown (unknownAccount)',
    ],
    ['a flag for the unknown', { flags: { unknownRole: 1 } }, '1 of 10 rows rests on something unknown (unknownRole)'],
    ['totals that differ', { flags: { unbalanced: 1 } }, 'do not balance (unbalanced: 1)'],
    [
      'totals that differ, in the summary',
      { summary: { unbalancedApplications: 'crm' } },
      'do not balance (unbalancedApplications: crm)',
    ],
    [
      'a projection that differed',
      { projections: FINE.projections.slice(0, 1).map((one) => ({ ...one, differences: 2 })) },
      'grants@1 differed from the log in 2 rows',
    ],
    [
      'more behind the last row',
      { kept: { rows: 10, goesOn: true } },
      'upon the last of its 10 rows more would follow',
    ],
    ['a source that is lost', { connections: 1 }, 'The log has 2 connections of the tenant, the read model 1:'],
    ['rows that are gone', { kept: { rows: 9, goesOn: false } }, '9 rows of the report are kept, and 10 were gathered'],
    ['rows too many', { kept: { rows: 11, goesOn: false } }, '11 rows of the report are kept, and 10 were gathered'],
    [
      'a file of another length',
      { files: FINE.files.map((file) => ({ ...file, rows: 9 })) },
      'The file access.csv has 9 rows, the report 10.',
    ],
  ])('name %s', (_what, over, text) => {
    const told = problems(over);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(text);
  });
});

describe('a report is truncated', () => {
  const truncated = (over: Partial<Judged>) => isTruncated({ ...FINE, ...over });

  it('not when every row is kept and written, and nothing follows', () => expect(truncated({})).toBe(false));

  it.each<[string, Partial<Judged>]>([
    ['more would follow', { kept: { rows: 10, goesOn: true } }],
    ['rows are not kept any more', { kept: { rows: 9, goesOn: false } }],
    ['a file is short', { files: FINE.files.map((file) => ({ ...file, rows: 9 })) }],
  ])('when %s', (_what, over) => expect(truncated(over)).toBe(true));
});
