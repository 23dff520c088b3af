import { Injectable, Logger } from '@nestjs/common';
import { describeError, GovernanceMetrics } from '#libs/platform';
import { inParallel } from './in-parallel.js';

/** Failures of one kind of work are said aloud once in so long, milliseconds; each is counted. */
const SAY_EVERY_MS = 60_000;

/** What an attempt was about, for logs. */
interface Subject {
  readonly tenant?: string;
  readonly review?: string;
  readonly item?: string;
  readonly account?: string;
}

/** Work that is done over and over for everybody: what fails is counted, said aloud, and left to the next time, and holds up nothing else. */
@Injectable()
export class Attempts {
  readonly #log = new Logger(Attempts.name);
  readonly #saidAt = new Map<string, number>();

  constructor(private readonly metrics: GovernanceMetrics) {}

  /** Runs work for each of them, so many at a time. @param work for logs: what is done @returns what came of those that did not fail */
  async each<T extends Subject, R>(
    work: string,
    subjects: readonly T[],
    { atOnce }: { readonly atOnce: number },
    run: (subject: T) => Promise<R>,
  ): Promise<R[]> {
    const results = await inParallel(subjects, atOnce, (subject) => this.#try(work, subject, () => run(subject)));
    return results.flatMap((result) => (result === null ? [] : [result.value]));
  }

  /** Runs one piece of work. @returns whether it did not fail */
  async one(work: string, run: () => Promise<unknown>, subject: Subject = {}): Promise<boolean> {
    return (await this.#try(work, subject, run)) !== null;
  }

  async #try<R>(work: string, subject: Subject, run: () => Promise<R>): Promise<{ readonly value: R } | null> {
    try {
      return { value: await run() };
    } catch (error) {
      this.metrics.upkeepFailed();
      this.#say(work, subject, error);
      return null;
    }
  }

  #say(work: string, { tenant, review, item, account }: Subject, error: unknown): void {
    const now = performance.now();
    if (now - (this.#saidAt.get(work) ?? Number.NEGATIVE_INFINITY) < SAY_EVERY_MS) return;
    this.#saidAt.set(work, now);
    const about = { err: describeError(error), work, tenant, review, item, account };
    this.#log.error(about, 'something that reviews need failed and is tried again; the rest goes on');
  }
}
