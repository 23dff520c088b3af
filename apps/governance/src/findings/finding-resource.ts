import type { FindingRecord } from '#libs/read-model';
import type { FindingDto } from './findings.dto.js';

/** A finding as the API shows it: ids and words, nothing that says who somebody is. */
export function toFinding(row: FindingRecord): FindingDto {
  return {
    id: row.finding,
    kind: row.kind,
    code: row.code,
    status: row.status,
    policy: row.policy,
    policyVersion: row.policyVersion,
    account: row.account,
    grant: row.grant,
    role: row.role,
    connection: row.connection,
    event: row.event,
    since: row.since?.toISOString() ?? null,
    details: row.details,
    held: row.held,
    owner: row.owner,
    raisedAt: row.raisedAt.toISOString(),
    timesRaised: row.timesRaised,
    acceptedUntil: row.acceptedUntil?.toISOString() ?? null,
    acted: row.acted,
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
    resolvedCode: row.resolvedCode,
  };
}
