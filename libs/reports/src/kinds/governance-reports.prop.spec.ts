import * as fc from 'fast-check';
import { onEveryDatabase, randomGovernance } from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../events/told-history.fixture.js';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import { elevationsReport } from './elevations/elevations.report.js';
import { REPORTS } from './index.js';
import { reviewsReport } from './reviews/reviews.report.js';

/**
 * Reports about governance against random histories: known at a position, each has the rows that it had when the log ended there; its
 * population adds up; and from each of its bookmarks it goes on with what follows.
 */

const KINDS = ['reviews', 'review-quality', 'sod', 'elevations', 'dormant', 'orphan'].map((kind) => REPORTS.get(kind));
const RUNS = { numRuns: 10, interruptAfterTimeLimit: 60_000 };

jest.setTimeout(120_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });

  it('answers for ever what it answered at a position', () =>
    fc.assert(
      fc.asyncProperty(randomGovernance, fc.nat(60), fc.boolean(), async (events, cut, personal) => {
        const known = events.slice(0, cut + 1);
        const question = askedOf(known, { personal });
        await told.tell(known);
        const before = await Promise.all(
          KINDS.map(async (kind) => (kind ? reportOf(kind, told.source, question) : null)),
        );
        await told.tell(events);
        for (const [index, kind] of KINDS.entries()) {
          if (!kind) throw new Error('A kind is missing.');
          const whole = await reportOf(kind, told.source, question);
          expect(whole).toEqual(before[index]);
          expect(await reconciles(kind, told.source, question)).toEqual([]);
          for (const bookmark of whole.bookmarks) {
            const { cells } = await reportOf(kind, told.source, question, bookmark);
            expect(cells).toEqual(whole.cells.slice(whole.cells.length - cells.length));
          }
        }
      }),
      RUNS,
    ));

  it('hands over from one period to the next what is open between them', () =>
    fc.assert(
      fc.asyncProperty(randomGovernance, fc.nat(60), async (events, cut) => {
        const border = events[Math.min(cut, events.length - 1)]?.recordedAt ?? '';
        await told.tell(events);
        const first = await reportOf(reviewsReport, told.source, askedOf(events, { asOf: border }));
        for (const kind of [reviewsReport, elevationsReport])
          expect(await reconciles(kind, told.source, askedOf(events, { from: border }))).toEqual([]);
        const question = askedOf(events, { from: border });
        const { cells, counts } = await reportOf(reviewsReport, told.source, question);
        expect(await reviewsReport.summary?.(told.source, question, { rows: cells.length, counts })).toMatchObject({
          openAtBeginning: first.counts['outcome.open'] ?? 0,
          unbalanced: false,
        });
      }),
      RUNS,
    ));
});
