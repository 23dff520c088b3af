import { valueTypes } from './value-types.js';

const INT8 = 20;
const INT8_ARRAY = 1016;
const JSON_TEXT = 114;
const JSONB = 3802;
const DATE = 1082;
const TIMESTAMPTZ = 1184;

const parse = (oid: number, text: string) =>
  (valueTypes.getTypeParser as unknown as (oid: number) => (text: string) => unknown)(oid)(text);

describe('values of columns', () => {
  it('are numbers for bigint as far as numbers are exact', () => {
    expect(parse(INT8, '9007199254740991')).toBe(9007199254740991);
    expect(parse(INT8, '-1')).toBe(-1);
    expect(parse(INT8_ARRAY, '{1,NULL,3}')).toEqual([1, null, 3]);
  });

  it('are refused for a bigint that a number cannot hold', () => {
    expect(() => parse(INT8, '9007199254740992')).toThrow(RangeError);
    expect(() => parse(INT8_ARRAY, '{1,9223372036854775807}')).toThrow(RangeError);
  });

  it('are the stored bytes for json, and parsed for jsonb', () => {
    expect(parse(JSON_TEXT, '{"b":1, "a":2}')).toBe('{"b":1, "a":2}');
    expect(parse(JSONB, '{"a": 2}')).toEqual({ a: 2 });
  });

  it('are instants for timestamptz and text for a date, which names none', () => {
    expect(parse(TIMESTAMPTZ, '2026-03-29 02:30:00.123+00')).toEqual(new Date('2026-03-29T02:30:00.123Z'));
    expect(parse(DATE, '2026-03-29')).toBe('2026-03-29');
  });
});
