import type { ElevationRecord } from '#libs/read-model';
import { WITHHELD } from '#libs/vault';
import type { ElevationDto } from './elevations.dto.js';

/** Who looks at elevations. */
export interface Onlooker {
  /** The account that looks; null for a key. */
  readonly account: string | null;
  /** Whether personal data may be seen. */
  readonly personal: boolean;
  /** The instant of looking. */
  readonly now: Date;
}

/** An elevation as the API shows it: ended at its very end, whether or not that was written down yet. */
export function toElevation(row: ElevationRecord, { account, personal, now }: Onlooker): ElevationDto {
  const timeIsOver = row.status === 'active' && row.until !== null && row.until <= now;
  return {
    id: row.elevation,
    tenant: row.tenant,
    account: row.account,
    role: row.role,
    policy: row.policy,
    policyVersion: row.policyVersion,
    status: timeIsOver ? 'ended' : row.status,
    reason: personal || isConcerned(row, account) ? row.reason : WITHHELD,
    duration: isoDuration(row.durationMs),
    breakGlass: row.breakGlass,
    requestedBy: row.requestedBy,
    requestedVia: row.requestedVia,
    requestedAt: row.requestedAt.toISOString(),
    validUntil: row.validUntil.toISOString(),
    approvers: [...row.approvers],
    approvalsNeeded: row.approvalsNeeded,
    approvals: row.approvals.map(({ by, via, apiKey, at }) => ({ by, decidedVia: via, apiKey, at })),
    grant: row.grant,
    from: row.effectiveAt?.toISOString() ?? null,
    until: row.until?.toISOString() ?? null,
    endedAt: (timeIsOver ? row.until : row.endedAt)?.toISOString() ?? null,
    endedBecause: timeIsOver ? 'time-over' : (row.endedCode ?? row.refusedCode),
  };
}

/** Whether an account gets it, asked for it, or may approve of it. */
export const isConcerned = (row: ElevationRecord, account: string | null): boolean =>
  account !== null && [row.account, row.requestedBy, ...row.approvers].includes(account);

/** A duration of whole seconds in hours, minutes and seconds, ISO-8601. */
function isoDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'H'],
    [Math.floor(seconds / 60) % 60, 'M'],
    [seconds % 60, 'S'],
  ] as const;
  return `PT${parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : '')).join('') || '0S'}`;
}
