import pg, { type CustomTypesConfig } from 'pg';

type Parser = (value: string) => unknown;

/** Object ids of PostgreSQL's built-in types (pg_type.dat). */
const INT8 = 20;
const JSON_TEXT = 114;
const JSON_TEXT_ARRAY = 199;
const TEXT_ARRAY = 1009;
const INT8_ARRAY = 1016;
const DATE = 1082;
const TIMESTAMP = 1114;

/** The driver's types know fewer object ids than the driver. */
const driverParser = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => Parser;
const textArray = driverParser(TEXT_ARRAY) as (value: string) => (string | null)[];
const asText: Parser = (value) => value;

const parsers = new Map<number, Parser>([
  [INT8, integer],
  [INT8_ARRAY, (value) => textArray(value).map((item) => (item === null ? null : integer(item)))],
  [JSON_TEXT, asText],
  [JSON_TEXT_ARRAY, textArray],
  [DATE, asText],
  [TIMESTAMP, asText],
]);

/**
 * How column values arrive in JavaScript, the same on every database. Set per pool, so that nothing global changes.
 *
 * | column | value |
 * |---|---|
 * | `bigint`, `count(*)` | number; beyond ±(2^53 − 1) the statement is refused with a RangeError |
 * | `numeric`, `sum(bigint)` | string: cast to `bigint` where a number is meant |
 * | `json` | string, byte for byte as stored: events are hashed as they were written |
 * | `jsonb` | parsed |
 * | `timestamptz` | Date (milliseconds) |
 * | `date`, `timestamp` | string: they name no instant |
 */
export const valueTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || driverParser(oid, format)) as CustomTypesConfig['getTypeParser'],
};

/** @throws {RangeError} for an integer that a JavaScript number cannot hold exactly */
function integer(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new RangeError(`The integer ${value} is beyond ±(2^53 − 1). Cast it to text.`);
  return number;
}
