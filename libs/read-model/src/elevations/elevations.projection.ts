import type { ElevationApproved } from '#libs/contracts';
import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import { type ElevationRow, elevationsTable } from './elevations.table.js';

interface AboutElevation {
  readonly tenant: string;
  readonly data: { readonly elevation: string };
}

const changeElevation = ({ tenant, data }: AboutElevation, patchOf: (row: ElevationRow) => Partial<ElevationRow>) => [
  patch(elevationsTable, { tenant, elevation: data.elevation }, patchOf),
];

/** Elevations: who asked for what, who approved, from when to when it held. */
export const elevations = projection('elevations', 1, {
  sight: 'personal',
  tables: [elevationsTable],
  categories: ['elevation'],
  on: {
    ElevationRequested: ({ id, tenant, data, recordedAt, position }) => [
      put(elevationsTable, {
        ...UNDECIDED,
        tenant,
        elevation: data.elevation,
        account: data.account,
        role: data.role,
        policy: data.policy,
        policy_version: data.policyVersion,
        duration_ms: data.durationMs,
        requested_by: data.requestedBy,
        requested_via: data.via,
        filed_by: data.filedBy,
        approvers: data.approvers,
        approvals_needed: data.approvalsNeeded,
        break_glass: data.breakGlass,
        valid_until: data.validUntil,
        requested_at: recordedAt,
        requested_pos: position,
        requested_event: id,
        reason: data.reason,
      }),
    ],
    ElevationApproved: (event) => changeElevation(event, (row) => approved(row, event)),
    ElevationRefused: (event) =>
      changeElevation(event, () => ({
        status: 'refused',
        refused_code: event.data.code,
        decided_by: event.data.by,
      })),
    ElevationExtended: (event) =>
      changeElevation(event, ({ grants }) => ({
        grant_id: event.data.grant,
        grants: [...grants, event.data.grant],
        ends_at: event.data.until,
      })),
    ElevationEnded: (event) =>
      changeElevation(event, () => ({
        status: 'ended',
        ended_at: event.data.effectiveAt,
        ended_code: event.data.code,
        decided_by: event.data.by,
      })),
  },
});

interface Approved {
  readonly id: string;
  readonly recordedAt: string;
  readonly data: ElevationApproved['data'];
}

function approved(row: ElevationRow, { id, recordedAt, data }: Approved): Partial<ElevationRow> {
  const { by, via, apiKey, complete, grant, effectiveAt, until } = data;
  const approvals = by === null ? row.approvals : [...row.approvals, { by, via, apiKey, at: recordedAt }];
  if (!complete) return { approvals };
  return {
    approvals,
    status: 'active',
    grant_id: grant,
    grants: grant === null ? [] : [grant],
    effective_at: effectiveAt,
    ends_at: until,
    approved_at: recordedAt,
    approved_event: id,
  };
}

const UNDECIDED = {
  approvals: [],
  status: 'requested',
  grant_id: null,
  grants: [],
  effective_at: null,
  ends_at: null,
  approved_at: null,
  approved_event: null,
  refused_code: null,
  ended_at: null,
  ended_code: null,
  decided_by: null,
} as const;
