import type { SealedEvent } from '#libs/kernel';
import type { Cell, CellType, Column } from '../column.js';

const of =
  (type: CellType) =>
  (name: string, means: string): Column => ({ name, type, means });

/** Columns by what they hold. */
export const text = of('text');
export const integer = of('integer');
export const boolean = of('boolean');
export const instant = of('instant');
export const list = of('list');

/** The same column, of data about a person. */
export const personal = (column: Column): Column => ({ ...column, personal: true });

/** When an event was recorded: the first column of a report that is made from events. */
export const RECORDED_AT = instant('recordedAt', 'When the event was recorded; the period of the report counts by it.');

/** Who did it, and where it stands in the log: the last columns of a report that is made from events. */
export const EVENT_COLUMNS: readonly Column[] = [
  text('by', 'Who or what caused it, as `kind:id`: an account, an API key, a connection or a part of the system.'),
  text('event', 'Id of the event.'),
  integer('position', 'Position of the event in the sealed log.'),
];

/** The cells of `EVENT_COLUMNS`. */
export const eventCells = ({ metadata: { actor }, id, position }: SealedEvent): readonly Cell[] => [
  `${actor.kind}:${actor.id}`,
  id,
  position,
];

/** Values of a list of names, each once, in alphabetical order. */
export const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();

/**
 * Part of a value that may read `[erased]` or `[withheld]` as a whole: then that is what its parts read.
 * @param value as decoded; null stays null
 */
export function within<T extends object>(value: T | string | null, part: (value: T) => Cell): Cell {
  return value === null || typeof value === 'string' ? value : part(value);
}
