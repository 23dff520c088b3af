import type { AccessRevoked, ElevationEnded, RolesAssigned } from '#libs/contracts';
import type { ElevationState } from '#libs/domain';
import type { Actor, RecordedEvent } from '#libs/kernel';

/** What became of the grants of an elevation, as the account's own stream tells it. */
export interface GrantsSoFar {
  /** Places, among the grants that the elevation names, of those that were never given. */
  readonly missing: readonly number[];
  /** Grants that were given and not ended yet, past their end or not. */
  readonly standing: readonly string[];
  /** How the last of the grants that were given has ended; null while one stands, and where none was given. */
  readonly end: GrantsEnd | null;
}

/** How an elevation came to its end on the account. */
export interface GrantsEnd {
  /** When the last grant ceased to count. */
  readonly at: string;
  /** `by-hand`: somebody ended the elevation. `revoked`: the grant ended for another reason. */
  readonly code: ElevationEnded['data']['code'];
  readonly actor: Actor;
}

/** Looks up what became of the grants of an elevation. @param account every event of the account's stream */
export function grantsSoFar(
  { grants }: Pick<ElevationState, 'grants'>,
  account: readonly RecordedEvent[],
): GrantsSoFar {
  const given = new Set<string>();
  const ended = new Map<string, GrantsEnd>();
  for (const event of account) {
    if (event.type === 'RolesAssigned')
      for (const { id } of (event.data as RolesAssigned['data']).grants) given.add(id);
    if (event.type === 'AccessRevoked')
      for (const { id } of (event.data as AccessRevoked['data']).grants) ended.set(id, endOf(event));
  }
  const ends = grants.flatMap((grant) => ended.get(grant) ?? []);
  const standing = grants.filter((grant) => given.has(grant) && !ended.has(grant));
  return {
    missing: grants.flatMap((grant, nth) => (given.has(grant) ? [] : [nth])),
    standing,
    end: standing.length > 0 ? null : (ends.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1) ?? null),
  };
}

function endOf({ data, metadata }: RecordedEvent): GrantsEnd {
  const { code, effectiveAt } = data as AccessRevoked['data'];
  const { actor } = metadata;
  if (code !== 'elevation-ended') return { at: effectiveAt, code: 'revoked', actor };
  return { at: effectiveAt, code: actor.kind === 'system' ? 'time-over' : 'by-hand', actor };
}
