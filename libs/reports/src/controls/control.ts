import type { REPORT_KINDS } from '#libs/contracts';

/** Sets of controls that auditors go by. */
export const FRAMEWORKS = {
  soc2: 'SOC 2 (AICPA Trust Services Criteria 2017, points of focus 2022)',
  iso27001: 'ISO/IEC 27001:2022, Annex A',
  nist80053: 'NIST SP 800-53, revision 5',
  pcidss: 'PCI DSS 4.0.1',
  hipaa: 'HIPAA Security Rule (45 CFR 164)',
  sox: 'SOX, general controls over information technology',
} as const;
/** One of them. */
export type Framework = keyof typeof FRAMEWORKS;

/** How a control's number and meaning came here: compared with the published text of its framework, or taken from what others write about it. */
export const VERIFICATIONS = ['compared', 'secondary source'] as const;
/** One of them. */
export type Verification = (typeof VERIFICATIONS)[number];

/** What answers the question of a control. */
export interface Answers {
  readonly reports?: readonly (typeof REPORT_KINDS)[number][];
  /** Paths of the API, parameters in braces. */
  readonly queries?: readonly string[];
  /** Types of events in the log. */
  readonly events?: readonly string[];
}

/** A control, and how Gatebook answers it. */
export interface Control {
  readonly framework: Framework;
  /** As the framework numbers it; a name where it has no numbers. */
  readonly number: string;
  /** What it asks, in our own words; not the text of the standard. */
  readonly asks: string;
  /** Null where nothing here does: then `remains` says why. */
  readonly answeredBy: Answers | null;
  /** What an answer here does not cover: the organisation has to show it otherwise. */
  readonly remains: string;
  /** Tests, by their paths in the project, that what answers it does what it says; none where nothing does. */
  readonly provedBy: readonly string[];
  readonly verification: Verification;
}

/** Where the tests of a kind of report are. */
export const testOf = (kind: (typeof REPORT_KINDS)[number]): string =>
  `libs/reports/src/kinds/${kind}/${kind}.report.int.spec.ts`;

/** Tests that stand behind several controls. */
export const TESTS = {
  /** Beside the report that it narrows. */
  privileged: 'libs/reports/src/kinds/access/access.report.int.spec.ts',
  evidence: 'libs/reports/src/evidence/make-evidence.int.spec.ts',
  exported: 'libs/reports/src/export/export-log.int.spec.ts',
  /** Who looks at the audit, and takes what out of it, is recorded. */
  read: 'apps/audit/src/reports/audit-reads.int.spec.ts',
  folder: 'libs/reports/src/verify/verify-folder.spec.ts',
  sealed: 'libs/ledger/src/verify-sealed-log.spec.ts',
  pointInTime: 'libs/read-model/src/read-model.prop.spec.ts',
  why: 'apps/audit/src/why/governed-access.int.spec.ts',
  reviews: 'apps/governance/src/reviewing/reviewing.int.spec.ts',
  impartial: 'apps/governance/src/reviewing/impartial-reviews.int.spec.ts',
  elevations: 'apps/governance/src/elevations/elevations.int.spec.ts',
  elevationsEnd: 'apps/governance/src/elevations/elevations-ending.int.spec.ts',
  segregation: 'apps/gate/src/sign-in/segregation.int.spec.ts',
  findings: 'apps/governance/src/findings/findings.int.spec.ts',
  findingActions: 'apps/governance/src/findings/finding-actions.int.spec.ts',
  sessions: 'libs/identity/src/sessions/sessions.int.spec.ts',
  /** Events bear the instant of their recording, which never runs backwards in a stream. */
  stamped: 'libs/event-store/src/decide-and-append.spec.ts',
  secondPerson: 'apps/provisioning/src/connections/second-person.int.spec.ts',
  changes: 'apps/governance/src/changes/changes.int.spec.ts',
} as const;
