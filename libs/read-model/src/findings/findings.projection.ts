import { projection } from '../projecting/projection.js';
import { change, patch } from '../projecting/table.js';
import { type FindingRow, findingsTable } from './findings.table.js';

interface AboutFinding {
  readonly tenant: string;
  readonly data: { readonly finding: string };
}

const changeFinding = ({ tenant, data }: AboutFinding, what: Partial<FindingRow>) => [
  patch(findingsTable, { tenant, finding: data.finding }, () => what),
];

type Raised = Omit<
  FindingRow,
  keyof typeof UNTOUCHED | 'tenant' | 'assigned' | 'raised_at' | 'raised_pos' | 'raised_event' | 'times_raised'
>;

interface Raising extends AboutFinding {
  readonly id: string;
  readonly recordedAt: string;
  readonly position: number;
}

/** Something that was resolved and shows again is the same finding, raised once more. Whom somebody chose answers for it until it is resolved. */
const raise = ({ id, tenant, recordedAt, position }: Raising, what: Raised) => [
  change(findingsTable, { tenant, finding: what.finding }, (before) => ({
    ...UNTOUCHED,
    ...what,
    ...(before?.assigned && before.status !== 'resolved'
      ? { owner: before.owner, assigned: true }
      : { assigned: false }),
    tenant,
    raised_at: recordedAt,
    raised_pos: position,
    raised_event: id,
    times_raised: (before?.times_raised ?? 0) + 1,
  })),
];

/** Findings: what stands out, who answers for it, and what became of it. */
export const findings = projection('findings', 2, {
  sight: 'facts',
  tables: [findingsTable],
  categories: ['finding'],
  on: {
    FindingRaised: (event) => {
      const { policyVersion, grant, event: shownBy, ...data } = event.data;
      return raise(event, { ...data, policy_version: policyVersion, grant_id: grant, shown_by: shownBy, held: null });
    },
    SodViolationDetected: (event) => {
      const { finding, policy, policyVersion, account, held, owner } = event.data;
      return raise(event, { ...NOWHERE, finding, policy, policy_version: policyVersion, account, held, owner });
    },
    FindingAssigned: (event) => changeFinding(event, { owner: event.data.owner, assigned: true }),
    FindingAccepted: (event) =>
      changeFinding(event, {
        status: 'accepted',
        accepted_until: event.data.until,
        accepted_by: event.data.by,
      }),
    FindingActedUpon: (event) => {
      const { action, review, event: done } = event.data;
      return changeFinding(event, { acted: { action, review, event: done, at: event.recordedAt } });
    },
    FindingResolved: (event) =>
      changeFinding(event, {
        status: 'resolved',
        resolved_at: event.recordedAt,
        resolved_code: event.data.code,
        resolved_by: event.data.by,
      }),
  },
});

const UNTOUCHED = {
  status: 'open',
  accepted_until: null,
  accepted_by: null,
  acted: null,
  resolved_at: null,
  resolved_code: null,
  resolved_by: null,
} as const;

/** A conflict is between roles; each of them says where it comes from. */
const NOWHERE = {
  kind: 'sod',
  code: 'violation',
  grant_id: null,
  role: null,
  connection: null,
  shown_by: null,
  since: null,
  details: {},
} as const;
