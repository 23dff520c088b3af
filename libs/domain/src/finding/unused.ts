import { instantAfter } from '#libs/kernel';

const DAY_MS = 86_400_000;

/** For how many days a source of use may say nothing before it has fallen silent: one that reports each month has not. */
export const USE_SILENT_AFTER_DAYS = 35;

/** After how many days of silence a source is none any more, so that others are believed without it: no report reaches further back. */
const FORGOTTEN_AFTER_DAYS = 400;

/** From when to when somebody who would know tells of use; instants. */
export interface UseTold {
  readonly since: string;
  readonly until: string;
}

/** What is known of the use of one grant. */
export interface GrantUse {
  readonly grantedAt: string;
  /** When the role, or where nobody tells roles apart its application, was last used by the account; null for never. */
  readonly lastUsedAt: string | null;
  /** From when to when use of it is known; null: nothing is. */
  readonly told: UseTold | null;
}

/**
 * From when to when the use of something is known, by what each of its sources told; null where it is not. As far as every one of them speaks: what
 * one did not tell of may have happened where only that one looks. One that has fallen silent leaves nothing known.
 */
export function useTold(sources: readonly UseTold[], now: string): UseTold | null {
  const heard = sources.filter(({ until }) => until > instantAfter(now, -FORGOTTEN_AFTER_DAYS * DAY_MS));
  const since = heard
    .map((source) => source.since)
    .toSorted()
    .at(-1);
  const until = [...heard.map((source) => source.until), now].toSorted()[0] as string;
  const isSilent = until < instantAfter(now, -USE_SILENT_AFTER_DAYS * DAY_MS);
  return since === undefined || isSilent || since > until ? null : { since, until };
}

/**
 * Since when a grant is unused, for `afterMs` or longer; null where it is not, or where nobody can know: no source tells of the application, or none
 * has told for that long. What is unknown is never called unused, nor is what nobody has told of yet.
 */
export function unusedSince({ grantedAt, lastUsedAt, told }: GrantUse, afterMs: number): string | null {
  if (told === null) return null;
  const known = grantedAt > told.since ? grantedAt : told.since;
  const idleSince = lastUsedAt !== null && lastUsedAt > known ? lastUsedAt : known;
  return instantAfter(idleSince, afterMs) <= told.until ? idleSince : null;
}
