import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '#libs/database';
import type { Chain } from './chain.js';
import type { SampleAccounts } from './sample-accounts.js';

/** Pause of the baseline's reader between two looks, milliseconds. */
export const OUTBOX_POLL_MS = 10;
const OUTBOX_PAGE = 500;

const SCHEMA = `
create schema if not exists plain;
create table plain.outbox (position bigserial primary key, stream text not null, body json not null);
create table plain.read (like plain.outbox including indexes);
create table plain.checkpoint (position bigint not null);
insert into plain.checkpoint values (-1);
`;

/** Copies what is new and moves the checkpoint, in one transaction. */
const COPY_NEW = `
with page as (
  select * from plain.outbox where position > (select position from plain.checkpoint) order by position limit ${OUTBOX_PAGE}
), copied as (insert into plain.read select * from page returning position)
update plain.checkpoint set position = (select max(position) from copied) where exists (select 1 from copied)`;

/**
 * The baseline: what one would write first. One INSERT per append into a table, and a reader that looks every 10 ms, copies what is new
 * into a second table and moves its checkpoint: two durable commits, no order that holds under concurrency (a reader of such a table
 * misses events), no hashes, no encryption, no projections.
 */
export class PlainOutbox implements Chain {
  readonly #pool: Database['pool'];

  constructor(
    { pool }: Pick<Database, 'pool'>,
    private readonly samples: SampleAccounts,
  ) {
    this.#pool = pool;
  }

  async create(): Promise<void> {
    await this.#pool.query(SCHEMA);
  }

  /** Runs the reader for as long as the work takes, so that it is in nobody's way otherwise. */
  async while<T>(work: (chain: Chain) => Promise<T>): Promise<T> {
    const ending = new AbortController();
    const reading = this.#read(ending.signal);
    try {
      return await Promise.race([work(this), reading.then(() => Promise.reject(new Error('The reader ended.')))]);
    } finally {
      ending.abort();
      await reading;
    }
  }

  async append(): Promise<number> {
    const { stream, events } = await this.samples.next();
    const { rows } = await this.#pool.query({
      name: 'plain.append',
      text: 'insert into plain.outbox (stream, body) values ($1, $2) returning position',
      values: [stream, JSON.stringify(events)],
    });
    return Number(rows[0].position);
  }

  async reached(): Promise<number> {
    const { rows } = await this.#pool.query('select position from plain.checkpoint');
    return Number(rows[0].position);
  }

  async #read(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#pool.query(COPY_NEW);
      await delay(OUTBOX_POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
