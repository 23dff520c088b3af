import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import { type HeldChangeRow, heldChangesTable } from './held-changes.table.js';

interface AboutChange {
  readonly tenant: string;
  readonly data: { readonly change: string };
}

const changeOf = ({ tenant, data }: AboutChange, patchOf: (row: HeldChangeRow) => Partial<HeldChangeRow>) => [
  patch(heldChangesTable, { tenant, change: data.change }, patchOf),
];

/** Changes held for a second person, and those that were made at once although they should have waited. */
export const heldChanges = projection('held-changes', 1, {
  sight: 'personal',
  tables: [heldChangesTable],
  categories: ['heldChange'],
  on: {
    ChangeHeld: ({ id, tenant, data, recordedAt, position }) => [
      put(heldChangesTable, {
        ...UNDECIDED,
        tenant,
        change: data.change,
        area: data.area,
        kind: data.kind,
        target: data.target,
        of_version: data.ofVersion,
        changed: data.changed,
        requested_by: data.requestedBy,
        approvals_needed: data.approvalsNeeded,
        valid_until: data.validUntil,
        held_at: recordedAt,
        held_pos: position,
        held_event: id,
        reason: data.reason,
      }),
    ],
    ChangeApproved: (event) =>
      changeOf(event, ({ approvals, status }) => ({
        approvals: [...approvals, { by: event.data.by, via: event.data.via, at: event.recordedAt }],
        status: event.data.complete ? 'approved' : status,
      })),
    ChangeRefused: (event) =>
      changeOf(event, () => ({ status: 'refused', refused_code: event.data.code, refused_by: event.data.by })),
    ChangeApplied: (event) =>
      changeOf(event, () => ({ status: 'applied', applied_at: event.recordedAt, events: event.data.events })),
    EmergencyChangeRecorded: ({ id, tenant, data, recordedAt, position }) => [
      put(heldChangesTable, {
        ...UNDECIDED,
        tenant,
        change: data.change,
        area: data.area,
        kind: data.kind,
        target: data.target,
        of_version: null,
        changed: data.changed,
        requested_by: data.by,
        approvals_needed: 0,
        valid_until: null,
        status: 'applied',
        emergency: true,
        held_at: recordedAt,
        held_pos: position,
        held_event: id,
        applied_at: recordedAt,
        events: data.events,
        reason: data.reason,
      }),
    ],
  },
});

const UNDECIDED = {
  approvals: [],
  status: 'held',
  emergency: false,
  refused_code: null,
  refused_by: null,
  applied_at: null,
  events: [],
} as const;
