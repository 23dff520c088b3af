import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import { type GrantRow, grantsTable } from './grants.table.js';

/** Who held which role when, as known at which position. Whether an account counted then is in `account-history`. */
export const grants = projection('grants', 1, {
  sight: 'facts',
  tables: [grantsTable],
  categories: ['account'],
  ignores: [
    'UserProvisioned',
    'IdentityLinked',
    'IdentityUnlinked',
    'ProfileUpdated',
    'RoleWithheld',
    'RoleWithholdingLifted',
    'UserDeactivated',
    'UserReactivated',
    'AccountMerged',
    'AccountAbsorbed',
    'SodConflictPrevented',
  ],
  on: {
    RolesAssigned: ({ id, tenant, data, position }) =>
      data.grants.map((grant) =>
        put(grantsTable, {
          tenant,
          grant_id: grant.id,
          account: data.account,
          role: grant.role,
          source_kind: grant.source.kind,
          source_connection: grant.source.connection,
          source_connection_version: grant.source.connectionVersion,
          source_rule: grant.source.rule,
          source_rule_version: grant.source.ruleVersion,
          source_actor: grant.source.actor,
          valid_from: grant.effectiveAt,
          valid_to: grant.until,
          granted_pos: position,
          granted_event: id,
          granted_evidence: data.evidence,
          revoked_pos: null,
          revoked_event: null,
          revoked_evidence: null,
        }),
      ),
    GrantsConfirmed: ({ tenant, data }) =>
      data.grants.map((grant) =>
        patch(grantsTable, { tenant, grant_id: grant.id }, (row) =>
          row.revoked_pos === null ? { valid_to: data.until } : {},
        ),
      ),
    GrantsReduced: ({ tenant, data }) =>
      data.grants.map((grant) => patch(grantsTable, { tenant, grant_id: grant.id }, (row) => reduced(row, data.until))),
    AccessRevoked: ({ id, tenant, data, position }) =>
      data.grants.map((grant) =>
        patch(grantsTable, { tenant, grant_id: grant.id }, (row) =>
          ended(row, { at: data.effectiveAt, position, event: id, evidence: data.evidence }),
        ),
      ),
  },
});

/** An earlier end, and never a later one. What has ended stays as it ended. */
const reduced = ({ revoked_pos, valid_to }: GrantRow, until: string): Partial<GrantRow> =>
  revoked_pos === null && (valid_to === null || until < valid_to) ? { valid_to: until } : {};

/** Ends are final: the first one counts, and a revocation after the planned end changes nothing about when the grant held. */
function ended(
  row: GrantRow,
  { at, position, event, evidence }: { at: string; position: number; event: string; evidence: string | null },
): Partial<GrantRow> {
  if (row.revoked_pos !== null) return {};
  return {
    valid_to: row.valid_to !== null && row.valid_to < at ? row.valid_to : at,
    revoked_pos: position,
    revoked_event: event,
    revoked_evidence: evidence,
  };
}
