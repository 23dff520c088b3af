import fc from 'fast-check';
import { EmbeddedConnection } from './embedded-connection.js';

/** A protocol message: type, length, body. */
function message(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5, type);
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

const STARTUP = Buffer.from('the startup packet has no type byte');

/** Writes the chunks one by one and collects what went over to the database. */
function groupsOf(chunks: readonly Buffer[]): { groups: Buffer[]; ended: boolean } {
  const groups: Buffer[] = [];
  let ended = false;
  const connection = new EmbeddedConnection({
    attach: () => {},
    send: (_connection, group) => void groups.push(Buffer.from(group)),
  });
  connection.push = (chunk: unknown) => {
    ended ||= chunk === null;
    return true;
  };
  for (const chunk of [STARTUP, ...chunks]) connection._write(chunk, 'utf8', () => {});
  return { groups, ended };
}

const body = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
/** Parse, Bind, Execute, … then Sync: what PostgreSQL answers together. Or one simple Query. */
const group = fc.oneof(
  fc
    .array(fc.tuple(fc.constantFrom('P', 'B', 'D', 'E', 'C'), body), { maxLength: 4 })
    .map((parts) =>
      Buffer.concat([...parts.map(([type, content]) => message(type, content)), message('S', Buffer.alloc(0))]),
    ),
  body.map((content) => message('Q', content)),
);

describe('a connection to the embedded database', () => {
  it('hands over whole groups however the bytes were cut', () => {
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
        (sent, cuts) => {
          const bytes = Buffer.concat(sent);
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; ) {
            const length = cuts.next().value as number;
            chunks.push(bytes.subarray(at, at + length));
            at += length;
          }

          const { groups } = groupsOf(chunks);

          const ends = new Set(sent.map((_, index) => Buffer.concat(sent.slice(0, index + 1)).length));
          let length = 0;
          for (const handed of groups.slice(1)) {
            length += handed.length;
            expect(ends.has(length)).toBe(true);
          }
          expect(Buffer.concat(groups.slice(1)).equals(bytes)).toBe(true);
        },
      ),
      { seed: 7 },
    );
  });

  it('keeps a group back until its Sync has come', () => {
    const { groups } = groupsOf([message('P', Buffer.from('select 1')), message('B', Buffer.alloc(3))]);

    expect(groups).toEqual([STARTUP]);
  });

  it('ends here and not in the database, also when the wish comes behind a query', () => {
    const query = message('Q', Buffer.from('select 1'));

    const { groups, ended } = groupsOf([Buffer.concat([query, message('X', Buffer.alloc(0))])]);

    expect(ended).toBe(true);
    expect(groups).toEqual([STARTUP, query]);
  });
});
