import type { SealedEvent } from '#libs/kernel';
import { sorted } from '../../events/columns.js';
import { type AccountMoment, type HeldGrant, heldGrants } from '../../events/held-grants.queries.js';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';

/** Which roles a change of an account brought, took and left, each list in alphabetical order. */
export interface RolesMoved {
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  readonly kept: readonly string[];
}

type AboutAccount = SealedEvent & { readonly data: { readonly account: string } };

/**
 * Compares what accounts held before the command that recorded each of these events with what they held after it. What a suspended account
 * holds does not count: a deactivation or merge loses everything, a reactivation gains whatever is left.
 * @param together the other events of the same commands, by id of the event
 */
export async function rolesMoved(
  { database }: ReportSource,
  { tenant }: Question,
  events: readonly SealedEvent[],
  together: ReadonlyMap<string, readonly SealedEvent[]>,
): Promise<ReadonlyMap<string, RolesMoved>> {
  const spans = (events as readonly AboutAccount[]).map((event) => spanOf(event, together.get(event.id) ?? []));
  const held = await heldGrants(
    database,
    tenant,
    spans.flatMap(({ before, after }) => [before, after]),
  );
  const rolesAt = Map.groupBy(held, placeOf);
  const rolesOf = (moment: AccountMoment) => new Set((rolesAt.get(placeOf(moment)) ?? []).map(({ role }) => role));
  return new Map(spans.map(({ event, before, after }) => [event.id, movedIn(event, rolesOf(before), rolesOf(after))]));
}

interface Span {
  readonly event: AboutAccount;
  readonly before: AccountMoment;
  readonly after: AccountMoment;
}

/** Right before the first event of the command, and right after its last one. */
function spanOf(event: AboutAccount, together: readonly SealedEvent[]): Span {
  const { account } = event.data;
  const all = [event, ...together].sort((one, other) => one.position - other.position);
  const [first, last] = [all[0] ?? event, all.at(-1) ?? event];
  return {
    event,
    before: { account, at: first.recordedAt, position: first.position - 1 },
    after: { account, at: last.recordedAt, position: last.position },
  };
}

const placeOf = ({ account, position }: Pick<HeldGrant, 'account' | 'position'>): string => `${account} ${position}`;

function movedIn({ type }: SealedEvent, before: ReadonlySet<string>, after: ReadonlySet<string>): RolesMoved {
  const gone = [...before].filter((role) => !after.has(role));
  if (type === 'UserDeactivated' || type === 'AccountMerged') return { gained: [], lost: sorted(before), kept: [] };
  if (type === 'UserReactivated') return { gained: sorted(after), lost: sorted(gone), kept: [] };
  return {
    gained: sorted([...after].filter((role) => !before.has(role))),
    lost: sorted(gone),
    kept: sorted([...after].filter((role) => before.has(role))),
  };
}
