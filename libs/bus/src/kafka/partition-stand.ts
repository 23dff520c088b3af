import { BEFORE_SEALED, type ReadingPlace } from '../sealed-events.port.js';
import type { TopicRecord } from './topic-record.js';

/** How far a reader is in one partition. Pure values: reading gives a new one. */
export interface PartitionStand {
  /** Everything of the partition up to this position has been delivered. */
  readonly position: number;
  /** Of the last event delivered; null until one, or a tick, was seen. */
  readonly sequence: number | null;
  /** Something was ahead of where the reader stands; null when nothing is missing. */
  readonly gap: Gap | null;
}

/** What was ahead. Publishing may have begun again behind it, so it is a loss only once the partition was read to where it ended then. */
export interface Gap {
  /** The gap is closed when everything up to this position has been delivered. */
  readonly through: number;
  /** Offset after which the gap is a loss. */
  readonly until: number;
}

/**
 * What a record is to a reader: new, seen before, ahead of something that is missing, or nothing. One that contradicts what was delivered
 * shows that the log was replaced by another.
 */
export type Verdict = 'new' | 'repeated' | 'ahead' | 'nothing' | 'contradicts';

/** Where the reader begins; the sequence is known when the bookmark still holds. */
export function standAt(position: number, sequence: number | null): PartitionStand {
  return { position, sequence, gap: null };
}

/**
 * Takes in the next record of a partition. An event is new only if it follows what was delivered without a gap, by the position of the
 * event before it and, once that is known, by its sequence.
 * @param end offset after the last record that the partition holds at present
 */
export function advance(
  stand: PartitionStand,
  record: TopicRecord,
  end: number,
): { readonly stand: PartitionStand; readonly verdict: Verdict } {
  const verdict = judge(stand, record);
  if (verdict === 'ahead') return { stand: { ...stand, gap: stand.gap ?? gapBefore(record, end) }, verdict };
  if (verdict !== 'new') return { stand, verdict };
  const reached = reachedBy(record);
  const gap = stand.gap && stand.gap.through > reached.position ? stand.gap : null;
  return { stand: { ...reached, gap }, verdict };
}

function judge({ position, sequence }: PartitionStand, record: TopicRecord): Verdict {
  if (record.kind === 'event') {
    const next = (sequence ?? Number.NaN) + 1;
    if (record.event.position <= position) return record.sequence >= next ? 'contradicts' : 'repeated';
    if (record.previous > position) return 'ahead';
    return sequence === null || record.sequence === next ? 'new' : 'contradicts';
  }
  if (record.kind !== 'tick' || record.tick.sealedThrough < position) return 'nothing';
  return record.tick.position > position ? 'ahead' : 'new';
}

function reachedBy(record: TopicRecord): { position: number; sequence: number | null } {
  if (record.kind === 'event') return { position: record.event.position, sequence: record.sequence };
  if (record.kind === 'tick') return { position: record.tick.sealedThrough, sequence: record.tick.sequence };
  throw new TypeError('Only events and ticks take a reader on.');
}

function gapBefore(record: TopicRecord, end: number): Gap {
  const through =
    record.kind === 'event' ? record.event.position : record.kind === 'tick' ? record.tick.position : BEFORE_SEALED;
  return { through, until: end };
}

/** A bookmark: the next offset, and where the reader stood before it. */
export function bookmarkOf(
  offset: number,
  { sequence, position }: Pick<PartitionStand, 'sequence' | 'position'>,
): string {
  return `${offset}/${sequence ?? ''}/${position}`;
}

/** Reads a bookmark; null for none, or one in another form. One that is older than its place still spares a search, but knows no sequence. */
export function openBookmark({ position, bookmark }: ReadingPlace): { offset: number; sequence: number | null } | null {
  const [, offset, sequence, at] = /^(\d{1,15})[/](-1|\d{1,15})?[/](-1|\d{1,15})$/.exec(bookmark ?? '') ?? [];
  if (offset === undefined) return null;
  return {
    offset: Number(offset),
    sequence: sequence !== undefined && Number(at) === position ? Number(sequence) : null,
  };
}
