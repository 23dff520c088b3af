import type { AccessRevoked, GrantsReduced } from '#libs/contracts';
import type { Actor } from '#libs/kernel';
import { projection } from '../projecting/projection.js';
import { put, type RowChange } from '../projecting/table.js';
import { grantApprovalsTable, grantEndsTable, grantOriginsTable } from './grant-origins.table.js';

/** Who gave every grant, who approved of it and who ended it, with the reasons that they wrote down. */
export const grantOrigins = projection('grant-origins', 1, {
  sight: 'personal',
  tables: [grantOriginsTable, grantEndsTable, grantApprovalsTable],
  categories: ['account', 'elevation'],
  ignores: [
    'UserProvisioned',
    'IdentityLinked',
    'IdentityUnlinked',
    'ProfileUpdated',
    'RoleWithheld',
    'RoleWithholdingLifted',
    'UserDeactivated',
    'UserReactivated',
    'GrantsConfirmed',
    'AccountMerged',
    'AccountAbsorbed',
    'SodConflictPrevented',
    'ElevationRequested',
    'ElevationRefused',
    'ElevationEnded',
  ],
  on: {
    RolesAssigned: ({ id, tenant, position, recordedAt, metadata, data }) =>
      data.grants.map((grant) =>
        put(grantOriginsTable, {
          tenant,
          grant_id: grant.id,
          account: data.account,
          role: grant.role,
          event_id: id,
          given_by: grant.source.actor ?? nameOf(metadata.actor),
          at: recordedAt,
          position,
          reason: data.reason,
        }),
      ),
    AccessRevoked: (event) =>
      ends(event, { code: event.data.code, effective_at: event.data.effectiveAt, decision: null }),
    GrantsReduced: (event) =>
      ends(event, { code: 'reduced', effective_at: event.data.until, decision: event.data.decision }),
    ElevationApproved: (event) => approval(event, event.data),
    ElevationExtended: (event) => approval(event, event.data),
  },
});

const nameOf = ({ kind, id }: Actor): string => `${kind}:${id}`;

interface Recorded {
  readonly id: string;
  readonly tenant: string;
  readonly position: number;
  readonly recordedAt: string;
  readonly metadata: { readonly actor: Actor };
}

function ends(
  { id, tenant, position, recordedAt, metadata, data }: Recorded & Pick<AccessRevoked | GrantsReduced, 'data'>,
  how: { readonly code: string; readonly effective_at: string; readonly decision: string | null },
): RowChange[] {
  return data.grants.map((grant) =>
    put(grantEndsTable, {
      tenant,
      grant_id: grant.id,
      position,
      account: data.account,
      role: grant.role,
      event_id: id,
      ended_by: nameOf(metadata.actor),
      at: recordedAt,
      reason: data.reason,
      ...how,
    }),
  );
}

interface Approval {
  readonly elevation: string;
  readonly grant: string | null;
  readonly by: string | null;
  readonly via: string;
  readonly apiKey: string | null;
}

/** Nobody approves of what needs no approval. */
function approval(
  { tenant, position, recordedAt }: Recorded,
  { elevation, grant, by, via, apiKey }: Approval,
): RowChange[] {
  if (by === null) return [];
  return [
    put(grantApprovalsTable, {
      tenant,
      elevation,
      position,
      grant_id: grant,
      by,
      via,
      api_key: apiKey,
      at: recordedAt,
    }),
  ];
}
