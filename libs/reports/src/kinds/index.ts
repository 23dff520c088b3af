import { accountPopulation } from '../histories/account-population.js';
import type { ReportKind } from '../report-kind.js';
import { accessReport } from './access/access.report.js';
import { accessChangesReport } from './access-changes/access-changes.report.js';
import { administratorsReport } from './administrators/administrators.report.js';
import { configurationReport } from './configuration/configuration.report.js';
import { dormantReport } from './dormant/dormant.report.js';
import { elevationsReport } from './elevations/elevations.report.js';
import { grantsReport } from './grants/grants.report.js';
import { jitAccountsReport } from './jit-accounts/jit-accounts.report.js';
import { joinersMoversLeaversReport } from './joiners-movers-leavers/joiners-movers-leavers.report.js';
import { orphanReport } from './orphan/orphan.report.js';
import { privilegedAccessReport } from './privileged-access/privileged-access.report.js';
import { refusalsReport } from './refusals/refusals.report.js';
import { reviewQualityReport } from './review-quality/review-quality.report.js';
import { reviewsReport } from './reviews/reviews.report.js';
import { revocationLatencyReport } from './revocation-latency/revocation-latency.report.js';
import { revocationsReport } from './revocations/revocations.report.js';
import { sodReport } from './sod/sod.report.js';

const KINDS: readonly ReportKind[] = [
  accessReport,
  privilegedAccessReport,
  accessChangesReport,
  grantsReport,
  reviewsReport,
  reviewQualityReport,
  administratorsReport,
  configurationReport,
  jitAccountsReport,
  joinersMoversLeaversReport,
  refusalsReport,
  revocationLatencyReport,
  revocationsReport,
  sodReport,
  elevationsReport,
  dormantReport,
  orphanReport,
];

/** Whatever a report is about, it names accounts as they were: that none of their turns is lost belongs to its population. */
const withAccounts = (kind: ReportKind): ReportKind => ({
  ...kind,
  population: async (source, question, listed) => [
    ...(await kind.population(source, question, listed)),
    await accountPopulation(source, question),
  ],
});

/** Every report that can be asked for, by its name. */
export const REPORTS: ReadonlyMap<string, ReportKind> = new Map(KINDS.map((kind) => [kind.kind, withAccounts(kind)]));
