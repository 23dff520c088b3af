import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '#libs/platform';
import {
  type Question,
  REPORTS,
  type ReportFormatName,
  type ReportKind,
  ReportQueue,
  ReportRunner,
} from '#libs/reports';
import type { GrantedTenant } from './granted-tenant.js';

/** How often memory is looked at, milliseconds. */
const SAMPLE_MS = 50;

/** How long a process may rest before its memory counts as that of before, milliseconds. */
const REST_MS = 500;

/** What the process does: rows are collected, the file is written, the sheet is made. */
export const STAGES = ['gathering', 'writing', 'sheet'] as const;

/** One of them. */
export type Stage = (typeof STAGES)[number];

/** Resident memory of the process that makes a report, MB. */
export interface MemoryOverTime {
  readonly before: number;
  /** Whenever as many rows more had been collected. */
  readonly gathering: readonly number[];
  /** At most, in each stage. */
  readonly most: Readonly<Record<Stage, number>>;
  readonly after: number;
}

/** A report that was made. */
export interface MadeReport {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly memory: MemoryOverTime;
}

/** How a report is made. */
export interface Making {
  readonly tenant: GrantedTenant;
  readonly format: ReportFormatName;
  /** Memory is noted whenever so many rows more were collected. */
  readonly rowsBetween: number;
}

/** Makes `access` in one format, with everything that belongs to it. @throws {Error} unless it is whole. */
export async function makeReport(engine: Engine, { tenant, format, rowsBetween }: Making): Promise<MadeReport> {
  const { database, store, codec, clock } = engine;
  const { tenant: name, asOf, knownAt, held } = tenant;
  const access = REPORTS.get('access') as ReportKind;
  const question: Question = { tenant: name, asOf, knownAt, from: null, timeZone: 'UTC', filter: {}, personal: true };
  const queue = new ReportQueue({ database, clock });
  const requestedBy = { kind: 'system', id: 'bench' } as const;
  const { kind, version } = access;
  const id = randomUUID();
  await queue.add({ id, commandDigest: '', kind, version, question, formats: [format], requestedBy });
  const watch = new MemoryWatch(rowsBetween);
  const runner = new ReportRunner({
    source: { database, store, reader: codec },
    kinds: new Map([[kind, watch.over(access)]]),
    clock,
    softwareVersion: 'bench',
    recordGenerated: async () => undefined,
    observe: (_job, _came, error) => void (error && console.error(error)),
  });
  await watch.begin();
  const begun = performance.now();
  await runner.runNext({ guard: async () => undefined }, new AbortController().signal);
  const seconds = (performance.now() - begun) / 1_000;
  const memory = watch.end();
  const job = await queue.find(id);
  if (job?.status !== 'done' || !job.sheet?.complete) throw new Error(`Not made: ${JSON.stringify(job)}`);
  if (job.rows !== held) throw new Error(`${job.rows} rows instead of ${held}.`);
  return { rows: job.rows, bytes: job.files[0]?.bytes ?? 0, seconds, memory };
}

/** Looks at the memory of this process meanwhile. */
class MemoryWatch {
  readonly #gathering: number[] = [];
  readonly #most = { gathering: 0, writing: 0, sheet: 0 };
  #before = 0;
  #stage: Stage = 'gathering';
  #sampling: NodeJS.Timeout | undefined;

  constructor(private readonly rowsBetween: number) {}

  async begin(): Promise<void> {
    global.gc?.();
    await delay(REST_MS);
    this.#before = resident();
    this.#sampling = setInterval(() => this.#look(), SAMPLE_MS);
  }

  end(): MemoryOverTime {
    clearInterval(this.#sampling);
    this.#look();
    return { before: this.#before, gathering: this.#gathering, most: this.#most, after: resident() };
  }

  /** The same kind of report; what is asked of it tells how far the report is. */
  over(kind: ReportKind): ReportKind {
    return {
      ...kind,
      rows: (source, question, after) => this.#counted(kind.rows(source, question, after)),
      population: (source, question, listed) => {
        this.#look();
        this.#stage = 'sheet';
        return kind.population(source, question, listed);
      },
    };
  }

  async *#counted(batches: ReturnType<ReportKind['rows']>): ReturnType<ReportKind['rows']> {
    let rows = 0;
    for await (const batch of batches) {
      yield batch;
      rows += batch.rows.length;
      if (rows >= (this.#gathering.length + 1) * this.rowsBetween) this.#gathering.push(resident());
    }
    this.#look();
    this.#stage = 'writing';
  }

  #look(): void {
    this.#most[this.#stage] = Math.max(this.#most[this.#stage], resident());
  }
}

const resident = (): number => Math.round(process.memoryUsage.rss() / 1e6);
