/**
 * Condition on a row of a versioned table: where a later version took its place by a position, that one is there. A row whose successor is
 * lost must not speak for what came after it, so who asks what held at an instant leaves it out.
 * @param table with schema, as is
 * @param row alias of the row in the statement
 * @param key column that identifies what the versions are of, besides the tenant
 * @param knownAt expression of the position
 */
export const hasItsSuccessor = (
  table: string,
  { row, key, knownAt }: { readonly row: string; readonly key: string; readonly knownAt: string },
): string =>
  `(${row}.to_pos is null or ${knownAt} < ${row}.to_pos or exists (
     select 1 from ${table} next where next.tenant = ${row}.tenant and next.${key} = ${row}.${key} and next.from_pos = ${row}.to_pos))`;
