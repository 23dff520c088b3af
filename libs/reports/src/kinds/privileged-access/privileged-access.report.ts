import { type LastRecordedUse, lastUsesAsOf } from '#libs/read-model';
import { type CellOf, rowLayout } from '../../histories/row-layout.js';
import type { Question } from '../../question.js';
import type { ReportKind, ReportSource } from '../../report-kind.js';
import { ACCESS_FILTERS, attentionKnown, tellHeld } from '../access/access.report.js';
import {
  ACCOUNT_CELLS,
  ATTENTION_CELLS,
  ENDS_AT_CELL,
  ORIGIN_CELLS,
  POSITION_CELL,
  PROFILE_CELLS,
  ROLE_CELLS,
  SOURCE_CELLS,
} from '../access/access-cells.js';
import { grantReport } from '../access/grant-report.js';
import { type GrantInPlace, type HeldGrant, instantCell, withWhy } from '../access/held-grants.js';
import { applicationSignInPopulation, usePopulation } from './use-population.js';

/** A privileged grant with the last use of what it gives. */
interface PrivilegedGrant extends HeldGrant {
  readonly lastUse: LastRecordedUse | undefined;
}

const ANSWERABLE_CELLS: readonly CellOf<PrivilegedGrant>[] = [
  {
    name: 'risk',
    type: 'text',
    means: 'Risk of the role, as of the instant of the report: `low`, `medium` or `high`.',
    of: ({ role }) => role?.risk ?? null,
  },
  {
    name: 'roleOwner',
    type: 'text',
    means: 'Who answers for the role, as of the instant of the report; empty where nobody is named.',
    personal: true,
    of: ({ role }) => role?.owner ?? null,
  },
  {
    name: 'sponsor',
    type: 'text',
    means: 'Who answers for an account that is not a person of the company; empty for others.',
    personal: true,
    of: ({ account }) => account?.sponsor ?? null,
  },
];

const USE_CELLS: readonly CellOf<PrivilegedGrant>[] = [
  {
    name: 'lastUsedAt',
    type: 'instant',
    means:
      'Last use of the role, or of its application as a whole, up to the instant of the report, where a source tells of use; empty if none does.',
    of: ({ lastUse }) => instantCell(lastUse?.usedAt),
  },
  {
    name: 'lastUseSource',
    type: 'text',
    means:
      'Who says so: `op` for sign-ins to the application through Gatebook, else the name of the source; empty without a use.',
    of: ({ lastUse }) => lastUse?.source ?? null,
  },
];

const LAYOUT = rowLayout<PrivilegedGrant>([
  ...ACCOUNT_CELLS,
  ...PROFILE_CELLS,
  ...ROLE_CELLS,
  ...ANSWERABLE_CELLS,
  ...SOURCE_CELLS,
  ...ORIGIN_CELLS,
  ENDS_AT_CELL,
  ...USE_CELLS,
  ...ATTENTION_CELLS,
  POSITION_CELL,
]);

/** Who held privileged roles at an instant, who answers for them, and when they were last used and reviewed. */
export const privilegedAccessReport: ReportKind = grantReport({
  kind: 'privileged-access',
  version: 1,
  title: 'Privileged access',
  answers: 'Who held privileged roles at an instant, who answers for them, and when were they last used and reviewed?',
  about: 'instant',
  columns: LAYOUT.columns,
  filters: ACCESS_FILTERS.filter((name) => name !== 'privileged'),
  tell: (source, question, grants) =>
    tellHeld(source, question, grants, {
      layout: LAYOUT,
      // of a role that the catalogue lacks nobody can say that it is not privileged
      leaveOut: ({ role }) => (role && !role.privileged ? 'notPrivileged' : null),
      describe: withUse,
    }),
  population: async (source, question) => [
    ...(await attentionKnown(source, question)),
    await applicationSignInPopulation(source, question),
    await usePopulation(source, question),
  ],
});

async function withUse(
  source: ReportSource,
  question: Question,
  held: readonly GrantInPlace[],
): Promise<readonly PrivilegedGrant[]> {
  const grants = await withWhy(source, question, held);
  const accounts = [...new Set(held.map(({ grant }) => grant.account))];
  const uses = Map.groupBy(await lastUsesAsOf(source.database, question, accounts), ({ account }) => account);
  return grants.map((one) => ({ ...one, lastUse: lastUseOf(one, uses.get(one.grant.account) ?? []) }));
}

/** What is said of the role itself counts as much as what is said of its whole application: the later one. */
function lastUseOf({ grant, role }: HeldGrant, uses: readonly LastRecordedUse[]): LastRecordedUse | undefined {
  return uses
    .filter((use) => use.application === role?.application && (use.role === null || use.role === grant.role))
    .reduce<LastRecordedUse | undefined>((last, use) => (last && last.usedAt >= use.usedAt ? last : use), undefined);
}
