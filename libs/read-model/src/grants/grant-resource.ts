import { WITHHELD } from '../page.js';
import type { GrantRecord } from './grants.queries.js';

/** A grant as the API shows it. */
export interface GrantResource {
  readonly id: string;
  readonly account: string;
  readonly userName: string | null;
  readonly role: string;
  readonly application: string | null;
  readonly privileged: boolean | null;
  readonly source: {
    readonly kind: string;
    readonly connection: string | null;
    readonly rule: string | null;
    readonly ruleVersion: number | null;
    /** `kind:id` of who gave it by hand. */
    readonly actor: string | null;
  };
  /** Inclusive. */
  readonly from: string;
  /** Exclusive; null while nothing ends it. */
  readonly to: string | null;
  readonly grantedAtPosition: number;
  readonly revokedAtPosition: number | null;
}

/** @param personal whether the caller may see personal data */
export function toGrantResource(row: GrantRecord, personal: boolean): GrantResource {
  return {
    id: row.grant_id,
    account: row.account,
    userName: personal || row.user_name === null ? row.user_name : WITHHELD,
    role: row.role,
    application: row.application,
    privileged: row.privileged,
    source: {
      kind: row.source_kind,
      connection: row.source_connection,
      rule: row.source_rule,
      ruleVersion: row.source_rule_version,
      actor: row.source_actor,
    },
    from: row.valid_from.toISOString(),
    to: row.valid_to?.toISOString() ?? null,
    grantedAtPosition: row.granted_pos,
    revokedAtPosition: row.revoked_pos,
  };
}
