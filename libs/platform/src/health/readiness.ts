import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** How long one part may take to say that it is ready, in milliseconds. */
const CHECK_TIMEOUT_MS = 1_000;

/** What one part of the server says of itself. `detail` is for operators: no personal data, and of tenants only ids that their sign-in pages show. */
export interface ReadinessAnswer {
  readonly ready: boolean;
  /** The part takes requests, and somebody should look at it all the same. */
  readonly degraded?: true;
  readonly detail?: string;
}

/** Asked on every look at `/health/ready`; cheap, since that may be once a second. */
export type ReadinessCheck = () => Promise<ReadinessAnswer>;

/** What the whole server says of itself. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, ReadinessAnswer>>;
}

/** Collects what must be well before the server takes requests: leases held, projections at the head. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private reporting: Promise<ReadinessReport> | null = null;

  /**
   * Adds a part that must be ready.
   * @throws {TypeError} when the name is taken
   */
  register(name: string, check: ReadinessCheck): void {
    if (this.checks.has(name)) throw new TypeError(`Two readiness checks are named ${name}.`);
    this.checks.set(name, oneAtATime(check));
  }

  /**
   * Asks all parts at once. A part that fails or takes more than a second is not ready. However many ask meanwhile, there is one look at a
   * time, and a part that still owes an answer is not asked again: looking must not be what brings a part in trouble down.
   */
  report(): Promise<ReadinessReport> {
    this.reporting ??= this.askAll().finally(() => {
      this.reporting = null;
    });
    return this.reporting;
  }

  private async askAll(): Promise<ReadinessReport> {
    const answers = await Promise.all([...this.checks].map(async ([name, check]) => [name, await ask(check)] as const));
    return { ready: answers.every(([, { ready }]) => ready), checks: Object.fromEntries(answers) };
  }
}

/** Shares the answer that is under way. */
function oneAtATime(check: ReadinessCheck): ReadinessCheck {
  let asked: Promise<ReadinessAnswer> | null = null;
  return () => {
    asked ??= Promise.resolve(check()).finally(() => {
      asked = null;
    });
    return asked;
  };
}

async function ask(check: ReadinessCheck): Promise<ReadinessAnswer> {
  const patience = new AbortController();
  const late = delay(
    CHECK_TIMEOUT_MS,
    { ready: false, detail: 'did not answer in time' },
    { signal: patience.signal, ref: false },
  );
  try {
    return await Promise.race([check(), late]);
  } catch {
    return { ready: false, detail: 'failed' };
  } finally {
    late.catch(() => undefined); // aborting it rejects it
    patience.abort();
  }
}
