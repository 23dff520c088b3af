import { USE_SILENT_AFTER_DAYS, type UseTold, useTold } from '#libs/domain';
import { type SourceOfUse, sourcesOfUse } from '#libs/read-model';

type Database = Parameters<typeof sourcesOfUse>[0];

/** Who tells of use in a tenant. */
export const sourcesIn = (database: Database, tenant: string): Promise<SourceOfUse[]> =>
  sourcesOfUse(database, { tenant, silentAfterDays: USE_SILENT_AFTER_DAYS });

/** From when to when use is known by these sources: from the end of the day on which one began, to the beginning of that on which it spoke last. */
export const toldBy = (sources: readonly SourceOfUse[], now: string): UseTold | null =>
  useTold(
    sources.map(({ since, until }) => ({ since: endOf(since), until: until === null ? now : beginOf(until) })),
    now,
  );

/** What is known to the day counts to the end of that day, where it speaks for somebody. */
export const endOf = (day: string): string => `${day}T23:59:59.999Z`;

const beginOf = (day: string): string => `${day}T00:00:00.000Z`;
