import type { Cell, Column, ReportRow } from '../column.js';

/** What a row says of the events that it rests on. */
export interface RowReferences {
  /** Ids of events. */
  readonly events: readonly string[];
  /** Positions of events. */
  readonly positions: readonly number[];
  /** Id of the grant that the row is about. */
  readonly grant: string | null;
  /** What tells the grant where the row does not name it. */
  readonly given: GivenRole | null;
}

/** Who was given which role by the event at `position`, and by which rule where one did. */
export interface GivenRole {
  readonly account: string;
  readonly role: string;
  readonly position: number;
  readonly connection: string | null;
  readonly rule: string | null;
  readonly ruleVersion: number | null;
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
  const grant = cell('grant');
  return {
    events: [...new Set(named(EVENT_COLUMN).flat().filter(isId))],
    positions: [...new Set(positions)],
    grant: isId(grant) ? grant : null,
    given: givenIn(cell),
  };
}

function givenIn(cell: (name: string) => Cell): GivenRole | null {
  const [account, role, position] = [cell('accountId'), cell('role'), cell('position')];
  if (!isId(account) || !isText(role) || !isNumber(position)) return null;
  const [connection, rule, ruleVersion] = [cell('connection'), cell('rule'), cell('ruleVersion')];
  return {
    ...{ account, role, position },
    connection: isText(connection) ? connection : null,
    rule: isText(rule) ? rule : null,
    ruleVersion: isNumber(ruleVersion) ? ruleVersion : null,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';

const isNumber = (value: unknown): value is number => typeof value === 'number';

const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);
