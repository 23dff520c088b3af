import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';
import type { Notice, NoticeChannel, NoticeKind, NoticeSubject } from './notice.js';

/** Waits before a notice is tried again, in seconds; after the last one it is given up. In all about a day. */
export const RETRY_AFTER_SECONDS = [5, 30, 120, 600, 3_600, 21_600, 57_600] as const;

/** After the last try: only a notice whose end could not be written down is still here then. */
const UNSETTLED_AFTER_SECONDS = 60;

/** Notices taken up at a time. */
const NOTICES_AT_A_TIME = 40;

/** Of them for one tenant: one whose receiver is slow leaves room for the others. */
const OF_ONE_TENANT = 20;

/** A notice on its way. */
export interface QueuedNotice extends Notice {
  /** How often it has been tried before. */
  readonly attempts: number;
}

/** What notices are kept in. */
export interface NoticeOutboxDependencies {
  readonly database: Pick<Database, 'query'>;
  readonly clock: Clock;
}

type Row = {
  readonly id: string;
  readonly tenant: string;
  readonly kind: string;
  readonly channel: string;
  readonly recipient: string | null;
  readonly noun: string;
  readonly about: string;
  readonly items: number;
  readonly act_by: Date | null;
  readonly attempts: number;
};

/** Notices on their way, in PostgreSQL: they survive whatever happens to the process, and each is settled once. */
export class NoticeOutbox {
  constructor(private readonly dependencies: NoticeOutboxDependencies) {}

  /** Queues notices, due at once; one that is known already is left as it stands. */
  async add(notices: readonly Notice[]): Promise<void> {
    if (notices.length === 0) return;
    const { database, clock } = this.dependencies;
    const column = <T>(of: (notice: Notice) => T) => notices.map(of);
    await database.query(
      `insert into notices.outbox (id, tenant, kind, channel, recipient, noun, about, items, act_by, due_at)
       select *, $10::timestamptz
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::int[], $9::timestamptz[])
       on conflict (id) do nothing`,
      [
        column(({ id }) => id),
        column(({ tenant }) => tenant),
        column(({ kind }) => kind),
        column(({ channel }) => channel),
        column(({ recipient }) => recipient),
        column(({ about }) => about.noun),
        column(({ about }) => about.id),
        column(({ about }) => about.items),
        column(({ dueAt }) => dueAt),
        clock.now(),
      ],
    );
  }

  /** Notices that are due now, the longest waiting first: at most 40, and at most 20 of one tenant. */
  async due(): Promise<readonly QueuedNotice[]> {
    const { database, clock } = this.dependencies;
    const { rows } = await database.query<Row>(
      `select id, tenant, kind, channel, recipient, noun, about, items, act_by, attempts
         from (select *, row_number() over (partition by tenant order by due_at, id) as nth
                 from notices.outbox where state = 'queued' and due_at <= $1) as waiting
        where nth <= $3 order by due_at, id limit $2`,
      [clock.now(), NOTICES_AT_A_TIME, OF_ONE_TENANT],
    );
    return rows.map(noticeOf);
  }

  /** Settles a notice: it was taken over by its receiver. */
  async sent({ id }: Pick<Notice, 'id'>): Promise<void> {
    await this.#settle(id, 'sent', null);
  }

  /** Settles a notice that is given up, with the reason. */
  async failed({ id }: Pick<Notice, 'id'>, code: string): Promise<void> {
    await this.#settle(id, 'failed', code);
  }

  /**
   * Counts a try before it is made: whatever happens to it, the notice is not due again before its next one.
   * @returns whether there is a next one; if not, a try that fails is the end of it
   */
  async beginTry({ id, attempts }: QueuedNotice): Promise<boolean> {
    const seconds = RETRY_AFTER_SECONDS[attempts];
    const { database, clock } = this.dependencies;
    await database.query('update notices.outbox set attempts = $3, due_at = $2 where id = $1', [
      id,
      new Date(clock.now().getTime() + (seconds ?? UNSETTLED_AFTER_SECONDS) * 1000),
      attempts + 1,
    ]);
    return seconds !== undefined;
  }

  /** The accounts that were told of something: when the last mail of each kind was taken over, ISO-8601 UTC. */
  async told(tenant: string, about: string): Promise<ReadonlyMap<string, ReadonlyMap<NoticeKind, string>>> {
    const { rows } = await this.dependencies.database.query<{ recipient: string; kind: NoticeKind; at: Date }>(
      `select recipient, kind, max(settled_at) as at from notices.outbox
        where tenant = $1 and about = $2 and state = 'sent' and recipient is not null group by recipient, kind`,
      [tenant, about],
    );
    const told = new Map<string, Map<NoticeKind, string>>();
    for (const { recipient, kind, at } of rows)
      told.set(recipient, (told.get(recipient) ?? new Map()).set(kind, at.toISOString()));
    return told;
  }

  /** How many notices wait, of all tenants. */
  async waiting(): Promise<number> {
    const { rows } = await this.dependencies.database.query<{ n: number }>(
      `select count(*)::int as n from notices.outbox where state = 'queued'`,
    );
    return rows[0]?.n ?? 0;
  }

  async #settle(id: string, state: 'sent' | 'failed', code: string | null): Promise<void> {
    const { database, clock } = this.dependencies;
    await database.query(
      `update notices.outbox set state = $2, code = $3, settled_at = $4 where id = $1 and state = 'queued'`,
      [id, state, code, clock.now()],
    );
  }
}

const noticeOf = (row: Row): QueuedNotice => ({
  id: row.id,
  tenant: row.tenant,
  kind: row.kind as NoticeKind,
  channel: row.channel as NoticeChannel,
  recipient: row.recipient,
  about: { noun: row.noun as NoticeSubject['noun'], id: row.about, items: row.items },
  dueAt: row.act_by?.toISOString() ?? null,
  attempts: row.attempts,
});
