import type { SodConflictPrevented } from '#libs/contracts';
import type { PolicyState } from '#libs/domain';
import type { AccountAsOf } from '#libs/read-model';
import { fitting } from '../../events/fitting.js';
import type { CellOf } from '../../histories/row-layout.js';
import type { StandingGrant } from '../../histories/standing-grants.queries.js';
import type { HeldConflict } from './sod-conflicts.js';
import type { ExceptionOnRecord, ViolationOnRecord } from './sod-records.fold.js';

/** What a row is about. */
export type SodStatus = 'open' | 'accepted' | 'excepted' | 'closedByHand' | 'prevented' | 'exceptionUnused';

/** A row of the report: a conflict that is held, one that is prevented, or an exception that nothing needs. */
export interface SodLine {
  readonly status: SodStatus;
  readonly policyId: string;
  /** As it stood; absent where it was not in force. */
  readonly policy: PolicyState | undefined;
  readonly accountId: string;
  readonly account: AccountAsOf | undefined;
  readonly conflict: HeldConflict | null;
  readonly violation: ViolationOnRecord | null;
  readonly exception: ExceptionOnRecord | null;
  readonly prevented: (SodConflictPrevented['data']['conflicts'][number] & { readonly connection: string }) | null;
  /** When it began to be so, as far as it is known. */
  readonly since: string;
  readonly event: string | null;
  readonly position: number;
}

const settingsOf = ({ policy }: SodLine) => (policy?.settings?.kind === 'sod' ? policy.settings : null);
const firstOf = ({ conflict }: SodLine): StandingGrant | undefined => conflict?.pair.first;
const secondOf = ({ conflict }: SodLine): StandingGrant | undefined => conflict?.pair.second;

/** What gave a grant, in words that lead to it. */
function giverOf(grant: StandingGrant | undefined): string | null {
  if (!grant) return null;
  const { source_kind: kind, source_connection: connection, source_rule: rule, source_rule_version: version } = grant;
  if (kind === 'rule') return `rule ${connection}/${rule}@${version}`;
  return `${kind} ${grant.source_actor ?? connection ?? ''}`.trim();
}

const WHOM: readonly CellOf<SodLine>[] = [
  {
    name: 'status',
    type: 'text',
    means:
      'Where it stood: open, accepted (as a known finding, for a time), excepted (by an exception under a compensating control), closedByHand (somebody closed the finding although it holds), prevented (the last sign-in kept a role back) or exceptionUnused (an open exception for roles that are not held together).',
    of: ({ status }) => status,
  },
  { name: 'policy', type: 'text', means: 'The policy that keeps the roles apart.', of: ({ policyId }) => policyId },
  {
    name: 'policyVersion',
    type: 'integer',
    means:
      'Version of the policy at the instant asked about, for prevented the one that prevented it; empty where it was not in force.',
    of: ({ policy, prevented }) => prevented?.policyVersion ?? policy?.version ?? null,
  },
  {
    name: 'mode',
    type: 'text',
    means: 'Either detective or preventive; empty where the policy was not in force.',
    of: (line) => settingsOf(line)?.mode ?? null,
  },
  {
    name: 'policyOwner',
    type: 'text',
    means: 'Who answers for violations, as the policy names them; empty where it names nobody.',
    personal: true,
    of: (line) => settingsOf(line)?.owner ?? null,
  },
  { name: 'account', type: 'text', means: 'Id of the account.', of: ({ accountId }) => accountId },
  {
    name: 'userName',
    type: 'text',
    means: 'User name at the instant asked about.',
    personal: true,
    of: ({ account }) => account?.userName ?? null,
  },
  {
    name: 'displayName',
    type: 'text',
    means: 'Name as shown to people; empty where none is known.',
    personal: true,
    of: ({ account }) => account?.displayName ?? null,
  },
  {
    name: 'department',
    type: 'text',
    means: 'Department, as the source says it; empty where it does not.',
    personal: true,
    of: ({ account }) => account?.department ?? null,
  },
];

const WHAT: readonly CellOf<SodLine>[] = [
  {
    name: 'roles',
    type: 'list',
    means: 'Roles of the conflict that the account held, in alphabetical order.',
    of: ({ conflict, prevented }) => fitting(conflict?.roles ?? prevented?.held ?? []),
  },
  {
    name: 'since',
    type: 'instant',
    means:
      'From when on two of these roles were held together by the grants that stand; for prevented when the sign-in was, for exceptionUnused when the exception was granted.',
    of: ({ since }) => since,
  },
  {
    name: 'firstRole',
    type: 'text',
    means: 'Of the two roles that were together first, the one held earlier; empty where nothing is held together.',
    of: (line) => firstOf(line)?.role ?? null,
  },
  {
    name: 'firstGrant',
    type: 'text',
    means: 'Id of the earliest grant of it that stands.',
    of: (line) => firstOf(line)?.grant ?? null,
  },
  {
    name: 'firstSource',
    type: 'text',
    means: 'What gave that grant: rule connection/rule@version, manual kind:id, elevation or import.',
    of: (line) => giverOf(firstOf(line)),
  },
  {
    name: 'firstEvent',
    type: 'text',
    means: 'Id of the event that gave it.',
    of: (line) => firstOf(line)?.granted_event ?? null,
  },
  {
    name: 'secondRole',
    type: 'text',
    means: 'The other of the two roles.',
    of: (line) => secondOf(line)?.role ?? null,
  },
  {
    name: 'secondGrant',
    type: 'text',
    means: 'Id of the earliest grant of it that stands.',
    of: (line) => secondOf(line)?.grant ?? null,
  },
  {
    name: 'secondSource',
    type: 'text',
    means: 'What gave that grant, in the same words.',
    of: (line) => giverOf(secondOf(line)),
  },
  {
    name: 'secondEvent',
    type: 'text',
    means: 'Id of the event that gave it.',
    of: (line) => secondOf(line)?.granted_event ?? null,
  },
  {
    name: 'grants',
    type: 'list',
    means: 'Ids of all grants that give a role of the conflict.',
    of: ({ conflict }) => fitting(conflict?.grants.map(({ grant }) => grant) ?? []),
  },
  {
    name: 'keptBack',
    type: 'list',
    means:
      'For prevented: the roles that were not given, each with the rule that would have given it, as role by rule@version.',
    of: ({ prevented }) =>
      prevented?.keptBack.map(({ role, rule, ruleVersion }) => `${role} by ${rule}@${ruleVersion}`) ?? [],
  },
  {
    name: 'connection',
    type: 'text',
    means: 'For prevented: the connection through which the sign-in came.',
    of: ({ prevented }) => prevented?.connection ?? null,
  },
];

const ON_RECORD: readonly CellOf<SodLine>[] = [
  {
    name: 'finding',
    type: 'text',
    means:
      'Id of the finding; empty where the conflict was not on record yet, also where what is on record was accepted for fewer roles, or closed by hand for other grants, than are held.',
    of: ({ violation }) => violation?.finding ?? null,
  },
  {
    name: 'detectedAt',
    type: 'instant',
    means: 'When it was detected.',
    of: ({ violation }) => violation?.detectedAt ?? null,
  },
  {
    name: 'findingOwner',
    type: 'text',
    means: 'Id of the account that answers for the finding; empty where nobody could be found.',
    of: ({ violation }) => violation?.owner ?? null,
  },
  {
    name: 'acceptedUntil',
    type: 'instant',
    means: 'Until when the finding was accepted; empty where it was not.',
    of: ({ violation }) => violation?.acceptedUntil ?? null,
  },
  {
    name: 'acceptedBy',
    type: 'text',
    means: 'Id of the account that accepted it.',
    of: ({ violation }) => violation?.acceptedBy ?? null,
  },
  {
    name: 'acceptReason',
    type: 'text',
    means: 'Why it was accepted, in the words of who did.',
    personal: true,
    of: ({ violation }) => violation?.acceptReason ?? null,
  },
  {
    name: 'exception',
    type: 'text',
    means: 'Id of the exception in force, the latest where there are several; empty where there is none.',
    of: ({ exception }) => exception?.exception ?? null,
  },
  {
    name: 'exceptionOwner',
    type: 'text',
    means: 'Who answers for the exception: user name or e-mail address.',
    personal: true,
    of: ({ exception }) => exception?.owner ?? null,
  },
  {
    name: 'compensatingControl',
    type: 'text',
    means: 'What makes up for the conflict, in the words of who granted the exception.',
    personal: true,
    of: ({ exception }) => exception?.control ?? null,
  },
  {
    name: 'exceptionUntil',
    type: 'instant',
    means: 'When the exception ends.',
    of: ({ exception }) => exception?.until ?? null,
  },
  {
    name: 'exceptionGrantedBy',
    type: 'text',
    means: 'Id of the account that granted the exception; empty where a key did.',
    of: ({ exception }) => exception?.by ?? null,
  },
  {
    name: 'exceptionReason',
    type: 'text',
    means: 'Why it was granted, in the words of who did.',
    personal: true,
    of: ({ exception }) => exception?.reason ?? null,
  },
  {
    name: 'event',
    type: 'text',
    means:
      'Id of the event that records it: the detection, the prevention or the exception; empty where there is no finding.',
    of: ({ event }) => event,
  },
  {
    name: 'position',
    type: 'integer',
    means:
      'Position in the log of the event that gave the first grant of the conflict, of the prevention, or of the exception.',
    of: ({ position }) => position,
  },
];

/** The columns of the report of segregation of duties. */
export const SOD_CELLS: readonly CellOf<SodLine>[] = [...WHOM, ...WHAT, ...ON_RECORD];
