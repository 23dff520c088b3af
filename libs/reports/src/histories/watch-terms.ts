import type { WatchPolicy } from '#libs/contracts';
import type { PolicyState } from '#libs/domain';
import { durationMs } from '#libs/kernel';

/** How long something may last before it stands out, as the policies in force said. */
export interface WatchTerms {
  /** The shortest time of all of them, ISO-8601 duration, and in milliseconds. */
  readonly after: string;
  readonly afterMs: number;
  /** Ids of the policies in force that look for it, in alphabetical order. */
  readonly policies: readonly string[];
}

/** Terms for what a kind of watch looks for. @param byItself ISO-8601 duration that holds where no policy in force names a time */
export function watchTerms(policies: readonly PolicyState[], kind: WatchPolicy['kind'], byItself: string): WatchTerms {
  const inForce = policies.flatMap(({ id, enabled, settings }) =>
    enabled && settings?.kind === kind ? [{ id, after: settings.after }] : [],
  );
  const times = inForce.flatMap(({ after }) => after ?? []).sort((a, b) => durationMs(a) - durationMs(b));
  const after = times[0] ?? byItself;
  return { after, afterMs: durationMs(after), policies: inForce.map(({ id }) => id).sort() };
}
