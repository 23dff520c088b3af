import { setTimeout as delay } from 'node:timers/promises';
import { onEveryDatabase } from '#libs/testing';
import { idsSeenWhile } from './contract/log-readers.js';

/**
 * The negative control of `no-skip.contract.ts`: a store as one would write it first, with positions from a sequence. The sequence gives out a
 * position before the commit, so a later position can become visible earlier, and a reader passes over the gap.
 */
onEveryDatabase((open, kind) => {
  if (kind === 'embedded') return; // one session: no two writers overlap, so there is nothing to notice

  it('the check notices a store whose positions come from a sequence', async () => {
    const { database, drop } = await open();
    await database.query('create table naive (position bigserial primary key, id text not null)');
    const append = 'insert into naive (id) values ($1)';
    const readOn = async (after: number) => {
      const { rows } = await database.query<{ position: number; id: string }>(
        'select * from naive where position > $1 order by position',
        [after],
      );
      return { ids: rows.map(({ id }) => id), through: rows.at(-1)?.position ?? after };
    };

    let passed = () => {};
    const readerPassed = new Promise<void>((resolve) => {
      passed = resolve;
    });
    const writing = database.transaction(async (slow) => {
      await slow.query(append, ['first']);
      await database.query(append, ['second']);
      await Promise.race([readerPassed, delay(10_000, undefined, { ref: false })]);
    });
    const seen = await idsSeenWhile(writing, readOn, (ids) => ids.includes('second') && passed());

    const { rows } = await database.query<{ id: string }>('select id from naive order by position');
    expect(rows.map(({ id }) => id)).toEqual(['first', 'second']);
    expect(seen).toEqual(['second']);
    await drop();
  }, 60_000);
});
