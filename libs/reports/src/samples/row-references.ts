import type { Cell, Column, ReportRow } from '../column.js';

/** What a row says of the events that it rests on. */
export interface RowReferences {
  /** Ids of events. */
  readonly events: readonly string[];
  /** Positions of events. */
  readonly positions: readonly number[];
  /** Id of the grant that the row is about. */
  readonly grant: string | null;
  /** What tells the grant where the row does not name it: who was given which role by the event at `position`. */
  readonly given: { readonly account: string; readonly role: string; readonly position: number } | null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Columns that hold ids of events, and positions. */
const EVENT_COLUMN = /^(?:event|proof|evidence)s?$|(?:Event|Proof|Evidence)s?$/;
const POSITION_COLUMN = /^position$|Position$/;

/** Finds what a row rests on, by the names of its columns. Pure. */
export function referencesOf(columns: readonly Column[], row: ReportRow): RowReferences {
  const named = (pattern: RegExp) => row.filter((_cell, index) => pattern.test(columns[index]?.name ?? ''));
  const cell = (name: string): Cell => row[columns.findIndex((column) => column.name === name)] ?? null;
  const positions = named(POSITION_COLUMN).filter((value) => typeof value === 'number');
  const [account, role, position] = [cell('accountId'), cell('role'), cell('position')];
  const isGiven = isId(account) && typeof role === 'string' && typeof position === 'number';
  const grant = cell('grant');
  return {
    events: [...new Set(named(EVENT_COLUMN).flat().filter(isId))],
    positions: [...new Set(positions)],
    grant: isId(grant) ? grant : null,
    given: isGiven ? { account, role, position } : null,
  };
}

const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);
