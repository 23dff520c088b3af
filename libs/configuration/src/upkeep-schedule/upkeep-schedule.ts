import type { Database, Lease, Queryable } from '#libs/database';

/** Rows that are read at a time. */
const PAGE_ROWS = 1_000;

/** When something is to be looked after again. */
export interface Appointment {
  /** What is looked after: a connection, or a domain of one. */
  readonly subject: string;
  /** What the appointment was made for, such as a hash of settings; once it is something else, the appointment means nothing. */
  readonly about: string;
  /** ISO-8601 UTC with milliseconds. */
  readonly dueAt: string;
  /** How often it failed since it last went well. */
  readonly failures: number;
}

/** What a schedule is kept in, and the role that protects it. */
export interface UpkeepScheduleDependencies {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  /** Checked in every write: only the holder keeps appointments. */
  readonly lease: Pick<Lease, 'guard'>;
}

/**
 * When connections are looked after next. Outlives the process, so that a restart asks nobody again before time, and failures are counted
 * over days. Held in memory by the one process that holds the role; every change is written down at once.
 */
export class UpkeepSchedule {
  readonly #appointments = new Map<string, Map<string, Appointment>>();

  private constructor(private readonly dependencies: UpkeepScheduleDependencies) {}

  /** Reads what an earlier holder of the role has left. */
  static async read(dependencies: UpkeepScheduleDependencies): Promise<UpkeepSchedule> {
    const schedule = new UpkeepSchedule(dependencies);
    for (let after: readonly [string, string] = ['', '']; ; ) {
      const rows = await page(dependencies.database, after);
      for (const { task, ...appointment } of rows) schedule.#of(task).set(appointment.subject, appointment);
      const last = rows.at(-1);
      if (!last || rows.length < PAGE_ROWS) return schedule;
      after = [last.task, last.subject];
    }
  }

  /** The appointment of a subject, undefined where there is none. */
  of(task: string, subject: string): Appointment | undefined {
    return this.#appointments.get(task)?.get(subject);
  }

  /** Makes an appointment, in place of the subject's former one. @throws {LeaseLostError} when somebody else keeps the schedule now */
  async set(task: string, { subject, about, dueAt, failures }: Appointment): Promise<void> {
    await this.#write((client) =>
      client.query(
        `insert into provisioning.upkeep_schedule (task, subject, about, due_at, failures) values ($1, $2, $3, $4, $5)
         on conflict (task, subject)
         do update set about = excluded.about, due_at = excluded.due_at, failures = excluded.failures`,
        [task, subject, about, dueAt, failures],
      ),
    );
    this.#of(task).set(subject, { subject, about, dueAt, failures });
  }

  /** Forgets every subject of a task but these. @throws {LeaseLostError} when somebody else keeps the schedule now */
  async keepOnly(task: string, subjects: ReadonlySet<string>): Promise<void> {
    const known = this.#of(task);
    const gone = [...known.keys()].filter((subject) => !subjects.has(subject));
    if (gone.length === 0) return;
    await this.#write((client) =>
      client.query('delete from provisioning.upkeep_schedule where task = $1 and subject = any($2::text[])', [
        task,
        gone,
      ]),
    );
    for (const subject of gone) known.delete(subject);
  }

  #of(task: string): Map<string, Appointment> {
    const known = this.#appointments.get(task) ?? new Map<string, Appointment>();
    this.#appointments.set(task, known);
    return known;
  }

  async #write(work: (client: Queryable) => Promise<unknown>): Promise<void> {
    const { database, lease } = this.dependencies;
    await database.transaction(async (client) => {
      await lease.guard(client);
      await work(client);
    });
  }
}

type Row = Appointment & { readonly task: string };

async function page(database: Pick<Database, 'query'>, after: readonly [string, string]): Promise<readonly Row[]> {
  const { rows } = await database.query<Row>(
    `select task, subject, about, due_at as "dueAt", failures from provisioning.upkeep_schedule
      where (task, subject) > ($1, $2) order by task, subject limit $3`,
    [...after, PAGE_ROWS],
  );
  return rows;
}
