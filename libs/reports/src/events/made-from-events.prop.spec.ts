import * as fc from 'fast-check';
import type { SealedEvent } from '#libs/kernel';
import { databasesUnderTest, randomHistory } from '#libs/testing';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import { administratorsReport } from '../kinds/administrators/administrators.report.js';
import { configurationReport } from '../kinds/configuration/configuration.report.js';
import { jitAccountsReport } from '../kinds/jit-accounts/jit-accounts.report.js';
import { joinersMoversLeaversReport } from '../kinds/joiners-movers-leavers/joiners-movers-leavers.report.js';
import { refusalsReport } from '../kinds/refusals/refusals.report.js';
import { revocationLatencyReport } from '../kinds/revocation-latency/revocation-latency.report.js';
import { revocationsReport } from '../kinds/revocations/revocations.report.js';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from './told-history.fixture.js';

/** Reports made from events against their definition: whatever came after `knownAt` changes nothing, and nothing is left out. */

const KINDS = [
  administratorsReport,
  configurationReport,
  jitAccountsReport,
  joinersMoversLeaversReport,
  refusalsReport,
  revocationLatencyReport,
  revocationsReport,
];

const RUNS = { numRuns: 12, interruptAfterTimeLimit: 50_000 };

jest.setTimeout(90_000);

const [embedded] = databasesUnderTest();
if (!embedded) throw new Error('There is no database to test on.');
const told = sealedHistory({ open: embedded.open, reader: markingReader, storeOf: wholeStoreOf });

/** Every report about the log as it was known at a position. */
async function reportsAt(history: readonly SealedEvent[], knownAt: number) {
  const question = askedOf(history, { knownAt });
  const reports = [];
  for (const kind of KINDS) {
    const { cells, counts } = await reportOf(kind, told.source, question);
    reports.push({ kind: kind.kind, cells, counts, open: await reconciles(kind, told.source, question) });
  }
  return reports;
}

const cut = fc.tuple(randomHistory, fc.double({ min: 0, max: 1, noNaN: true }));

it('tells of a log that is cut what it tells of the whole log as known then', () =>
  fc.assert(
    fc.asyncProperty(cut, async ([history, share]) => {
      const knownAt = Math.floor(share * (history.length - 1));
      await told.tell(history);
      const asKnownThen = await reportsAt(history, knownAt);
      await told.tell(history.slice(0, knownAt + 1));

      expect(await reportsAt(history, knownAt)).toEqual(asKnownThen);
    }),
    RUNS,
  ));

it('has a row, or a reason for none, for everything that the log has', () =>
  fc.assert(
    fc.asyncProperty(randomHistory, async (history) => {
      await told.tell(history);

      for (const { kind, open } of await reportsAt(history, history.length - 1))
        expect({ kind, open }).toEqual({ kind, open: [] });
    }),
    RUNS,
  ));
