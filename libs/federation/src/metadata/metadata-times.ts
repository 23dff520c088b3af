import { demandMetadata } from './metadata.errors.js';

type Attributes = ReadonlyMap<string, string>;

/** A date and time with a zone: what lacks one means another moment to everyone who reads it. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * The earliest `validUntil` of a description and the groups around it, ISO-8601 UTC; null when none is stated.
 * @throws {MetadataError} `metadata-malformed` when one is no instant: an end that cannot be read must not mean that there is none
 */
export function earliestEnd(stated: readonly Attributes[]): string | null {
  const ends = stated.flatMap((attributes) => attributes.get('validUntil') ?? []).map((text) => text.trim());
  const instants = ends.map((text) => (INSTANT.test(text) ? Date.parse(text) : Number.NaN));
  demandMetadata(
    instants.every(Number.isFinite),
    'metadata-malformed',
    'validUntil of the metadata is not a date and time with a zone.',
  );
  return instants.length === 0 ? null : new Date(Math.min(...instants)).toISOString();
}

const DURATION =
  /^P(?=\d|T\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?$/;
const DAY_MS = 86_400_000;
/** Years and months count 365 and 30 days: this is advice on when to ask again, where a day does not matter. */
const MS_PER_UNIT = [365 * DAY_MS, 30 * DAY_MS, DAY_MS, 3_600_000, 60_000, 1_000];

/** The shortest `cacheDuration` of a description and the groups around it, milliseconds; null when none is stated that can be read. */
export function shortestDuration(stated: readonly Attributes[]): number | null {
  const durations = stated
    .map((attributes) => DURATION.exec((attributes.get('cacheDuration') ?? '').trim()))
    .flatMap((match) => (match ? MS_PER_UNIT.reduce((sum, unit, n) => sum + unit * Number(match[n + 1] ?? 0), 0) : []));
  return durations.length === 0 ? null : Math.min(...durations);
}
