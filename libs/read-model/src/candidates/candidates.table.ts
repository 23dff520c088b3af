/**
 * Finds the people of one department with one title. Both may be longer than a B-tree takes, so the index is a hash; who has no department
 * or no title has no such peers.
 */
export const CANDIDATES_SQL = `
create index accounts_v1_by_peers on read_model.accounts_v1 using hash ((tenant || e'\\n' || department || e'\\n' || title));
`;
