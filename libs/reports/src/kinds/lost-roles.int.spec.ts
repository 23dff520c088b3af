/** A report that says itself that it lacks roles is not complete; nobody has changed anything in its folder, and verifying must not say so. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  ada,
  aReview,
  assigned,
  elevationRequested,
  historyOf,
  itemOf,
  itemOpened,
  olga,
  onEveryDatabase,
  provisioned,
  reviewOpened,
  roleDefined,
  seededId,
} from '#libs/testing';
import { askedOf, markingReader, reportOf, wholeStoreOf } from '../events/told-history.fixture.js';
import { makeEvidence } from '../evidence/make-evidence.js';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import { renderSheet } from '../formats/evidence-files.js';
import { FORMATS, fileNameOf } from '../formats/formats.js';
import { batchesOf } from '../formats/sample-report.fixture.js';
import type { ReportKind } from '../report-kind.js';
import { verifyFolder } from '../verify/verify-folder.js';
import { accessReport } from './access/access.report.js';
import { elevationsReport } from './elevations/elevations.report.js';
import { reviewsReport } from './reviews/reviews.report.js';

const review = aReview('quarterly');
const history = historyOf(
  ...[ada, olga].map((who) => provisioned(who)),
  ...['crm.reader', 'unknown.reader', 'prod.admin'].map((role) => roleDefined(role)),
  assigned(ada, 'crm.reader'),
  assigned(ada, 'unknown.reader'),
  reviewOpened(review),
  itemOpened(itemOf(review, ada, 'crm.reader'), [olga]),
  itemOpened(itemOf(review, ada, 'unknown.reader'), [olga]),
  elevationRequested(ada, 'stuck', [olga]),
);
const question = askedOf(history);

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatebook-lost-roles-'));
    await told.tell(history);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const lose = (...roles: readonly string[]) =>
    told.source.database.query('delete from read_model.roles_v1 where role = any($1)', [roles]);

  /** A folder with a report as the server would make it. */
  async function writeReport(kind: ReportKind) {
    const { cells, counts } = await reportOf(kind, told.source, question);
    const listed = { rows: cells.length, counts };
    const files = [];
    for (const format of ['csv', 'json'] as const) {
      const bytes = await buffer(FORMATS[format].render(kind, question, batchesOf(cells)));
      const name = fileNameOf(kind.kind, format);
      writeFileSync(join(folder, name), bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      files.push({ name, sha256, bytes: bytes.length, rows: cells.length });
    }
    const sheet = await makeEvidence(told.source, {
      report: seededId('report'),
      question,
      kind,
      ...listed,
      kept: { rows: cells.length, goesOn: false },
      summary: (await kind.summary?.(told.source, question, listed)) ?? {},
      population: await kind.population(told.source, question, listed),
      files,
      erased: 0,
      parkedStreams: 0,
      generatedBy: 'key:auditor',
      generatedAt: '2026-07-01T08:00:00.000Z',
      softwareVersion: '0.1.0',
    });
    writeFileSync(join(folder, 'evidence.json'), renderSheet(sheet, kind).json);
    return sheet;
  }

  it.each([
    { kind: accessReport, lost: 'crm.reader', applications: { unknown: 1 } },
    { kind: reviewsReport, lost: 'crm.reader', applications: { unknown: 1 } },
    { kind: elevationsReport, lost: 'prod.admin', applications: {} },
  ])('is told by the folder of $kind.kind to be not complete', async ({ kind, lost, applications }) => {
    // given a report for which the catalogue of the read model lacks a role; another one is of an application called "unknown"
    await lose(lost);
    const sheet = await writeReport(kind);
    // when the folder is verified as it was made, then it is what its sheet says, and the sheet says that something is missing
    expect(sheet).toMatchObject({ flags: { unknownRole: 1 }, complete: false });
    expect(sheet.applications).toEqual(applications);
    expect(await verifyFolder(folder)).toMatchObject({ verdict: 'incomplete' });
  });

  it.each([accessReport, reviewsReport, elevationsReport])('is not, where $kind lacks nothing', async (kind) => {
    await writeReport(kind);
    expect(await verifyFolder(folder)).toMatchObject({ verdict: 'consistent' });
  });
});
