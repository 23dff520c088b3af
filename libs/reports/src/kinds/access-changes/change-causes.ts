import type { GrantEnd, GrantOrigin } from '#libs/read-model';
import { ERASED } from '../../events/event-report.js';
import type { Counts } from '../../report-kind.js';
import { originCounts } from '../access/access.report.js';
import { giverOf } from '../access/access-cells.js';
import type { WalkedGrant } from '../access/grant-walk.queries.js';
import { decisiveEnd, isEndLost } from '../grants/grants.report.js';
import type { GrantVersion, PlacedEvent } from './change-evidence.queries.js';
import { endSetAt, type GrantChange } from './grant-changes.js';
import type { Border } from './held-intervals.js';

/** Why something changed: the event behind it. */
export interface ChangeCause {
  /** In words of the log, such as `granted`, `by-hand`, `expired` or `account-deactivated`. */
  readonly code: string;
  /** `kind:id`. */
  readonly by: string | null;
  /** Personal. */
  readonly reason: string | null;
  readonly recordedAt: Date | null;
  readonly event: string | null;
  readonly position: number | null;
}

/** Everything that may be behind a change of a grant. */
export interface ChangeRecords {
  readonly grant: WalkedGrant;
  readonly origin: GrantOrigin | undefined;
  readonly ends: readonly GrantEnd[];
  readonly versions: readonly GrantVersion[];
  readonly events: ReadonlyMap<number, PlacedEvent>;
  /** Reasons of events about the account, by position. */
  readonly reasons: ReadonlyMap<number, string | null>;
}

/** The event behind a change. */
export function causeOf(change: GrantChange, records: ChangeRecords): ChangeCause {
  if (change.change === 'changed') return causeOfMove(change.position, records);
  if (change.border.cause !== 'grant') return causeAtAccount(change.change, change.border, records);
  return change.change === 'gained' ? causeOfGrant(records) : causeOfEnd(records);
}

/** Whether what is behind a change has been lost: who gave the grant, or what ended or shortened it. */
export function unknownBehind(change: GrantChange, records: ChangeRecords): Counts {
  const { grant, origin, ends, events } = records;
  const { position } = causeOf(change, records);
  const reduced = position !== null && events.get(position)?.type === 'GrantsReduced';
  const lost = { 'flag.unknownEnd': 1 };
  if (change.change !== 'changed' && change.border.cause !== 'grant') return {};
  if (change.change === 'gained') return originCounts(origin);
  if (reduced && !ends.some((end) => end.position === position)) return lost;
  return change.change === 'lost' && isEndLost(grant, ends) ? lost : {};
}

function causeOfGrant({ grant, origin }: ChangeRecords): ChangeCause {
  const { reason = null, at: recordedAt = null } = origin ?? {};
  return {
    code: 'granted',
    by: giverOf({ grant, origin }),
    reason,
    recordedAt,
    event: grant.event,
    position: grant.position,
  };
}

/** Revoked by the time it ended; else nobody had to do anything: the end that it had been given came. */
function causeOfEnd(records: ChangeRecords): ChangeCause {
  const { grant, ends, versions } = records;
  const end = decisiveEnd(grant, ends);
  if (end && grant.until !== null && end.effectiveAt <= grant.until) return causeInEnd(end);
  const position = endSetAt(grant, versions);
  const reduction = ends.find((one) => one.position === position);
  return reduction ? causeInEnd(reduction) : { ...causeAt(position, 'expired', records), reason: null };
}

const causeInEnd = ({ code, endedBy: by, reason, at: recordedAt, event, position }: GrantEnd): ChangeCause => ({
  code,
  by,
  reason,
  recordedAt,
  event,
  position,
});

/** A review's shorter end has its reason; a sign-in that moves an end needs none. */
function causeOfMove(position: number, records: ChangeRecords): ChangeCause {
  const reduction = records.ends.find((end) => end.position === position);
  return reduction ? causeInEnd(reduction) : causeAt(position, 'confirmed', records);
}

function causeAtAccount(change: 'gained' | 'lost', { cause, position }: Border, records: ChangeRecords): ChangeCause {
  if (cause === 'accountExpired') return { ...causeAt(position, 'account-expired', records), reason: null };
  const began = records.events.get(position ?? -1)?.type === 'UserProvisioned';
  const code = change === 'lost' ? 'account-deactivated' : began ? 'account-provisioned' : 'account-reactivated';
  return causeAt(position, code, records);
}

function causeAt(position: number | null, code: string, { events, reasons }: ChangeRecords): ChangeCause {
  const found = position === null ? undefined : events.get(position);
  return {
    code,
    by: found?.actor ?? null,
    reason: reasons.get(position ?? -1) ?? null,
    recordedAt: found?.recordedAt ?? null,
    event: found?.event_id ?? null,
    position,
  };
}

/** The reason in an event's data; what cannot be read stays `[erased]`. */
export function reasonIn(data: unknown): string | null {
  if (data === ERASED) return ERASED;
  const { reason } = (data ?? {}) as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason : null;
}
