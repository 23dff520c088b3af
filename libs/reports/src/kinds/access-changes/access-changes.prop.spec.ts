/** Between any two instants, as known at any position: what was there, what came and what went make what is there. */
import * as fc from 'fast-check';
import { onEveryDatabase, randomHistory } from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import type { Question } from '../../question.js';
import { grantsReport } from '../grants/grants.report.js';
import { accessChangesReport } from './access-changes.report.js';

const RUNS = { numRuns: 20, interruptAfterTimeLimit: 40_000 };
const instant = (minute: number) => new Date(Date.parse('2026-03-02T08:00:00.000Z') + minute * 60_000).toISOString();

jest.setTimeout(60_000);

const periods = fc.array(fc.tuple(fc.nat(60), fc.nat(20), fc.nat(45)), { minLength: 4, maxLength: 4 });

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });

  /** Grants that counted at the end of a question's period, told by another report. */
  async function heldAt(question: Question): Promise<Set<unknown>> {
    const { rows } = await reportOf(grantsReport, told.source, question);
    return new Set(rows.filter(({ standing }) => standing === 'held').map(({ grant }) => grant));
  }

  it('balances, grant by grant and in its totals, and reconciles', () =>
    fc.assert(
      fc.asyncProperty(randomHistory, periods, async (events, all) => {
        await told.tell(events);
        for (const [begin, length, knownAt] of all) {
          const question = askedOf(events, { from: instant(begin), asOf: instant(begin + length), knownAt });
          const { rows, cells, counts } = await reportOf(accessChangesReport, told.source, question);
          const held = await heldAt({ ...question, asOf: instant(begin) });
          const opening = held.size;
          for (const { change, grant } of rows) {
            // whoever gains what they have, or loses what they have not, was told of wrongly
            if (change !== 'changed') expect(held.has(grant)).toBe(change === 'lost');
            if (change === 'gained') held.add(grant);
            if (change === 'lost') held.delete(grant);
          }
          expect(held).toEqual(await heldAt(question));
          expect(
            await accessChangesReport.summary?.(told.source, question, { rows: cells.length, counts }),
          ).toMatchObject({ opening, closing: held.size, unbalancedApplications: 0 });
          expect(await reconciles(accessChangesReport, told.source, question)).toEqual([]);
        }
      }),
      RUNS,
    ));
});
