import { types } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { DomainError } from '#libs/kernel';
import { askOnScrape } from '../metrics/ask-on-scrape.js';
import { Metrics } from '../metrics/metrics.js';
import { Readiness, type ReadinessAnswer } from './readiness.js';

/** Services that a server cannot work without, and the metric that says whether each answers. */
const UP = {
  database: { name: 'gatebook_database_up', help: '1 while the database answers, else 0' },
  'event-store': { name: 'gatebook_event_store_up', help: '1 while the event store answers, else 0' },
  kafka: { name: 'gatebook_kafka_up', help: '1 while Kafka answers, else 0' },
} as const;

/** One of them. */
export type DependencyName = keyof typeof UP;

/** Codes of systems and drivers, such as `ECONNREFUSED` or `28P01`: they name no place and hold no secret. */
const CODE = /^[A-Za-z0-9_-]{1,40}$/;

/** Says of each service that the server needs whether it answers: by name in `/health/ready`, as 1 or 0 in `/metrics`. */
@Injectable()
export class Dependencies {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Watches a service. Each at most once.
   * @param probe resolves when the service answers. Of an error only the code is told: texts of drivers name addresses, and may name users
   * @throws {TypeError} when the service is watched already
   */
  watch(dependency: DependencyName, probe: () => Promise<unknown>): void {
    const check = () => answerTo(probe);
    this.readiness.register(dependency, check);
    const asked = askOnScrape(check);
    new Gauge({
      ...UP[dependency],
      registers: [this.metrics.registry],
      async collect() {
        this.set((await asked())?.ready ? 1 : 0);
      },
    });
  }
}

async function answerTo(probe: () => Promise<unknown>): Promise<ReadinessAnswer> {
  try {
    await probe();
    return { ready: true };
  } catch (error) {
    const code = codeOf(error);
    return { ready: false, detail: code ? `does not answer (${code})` : 'does not answer' };
  }
}

/** The code of what lies beneath a domain error says more than its own. */
function codeOf(error: unknown): string | null {
  if (!types.isNativeError(error)) return null;
  const beneath = error instanceof DomainError ? codeOf(error.cause) : null;
  const own = 'code' in error && typeof error.code === 'string' && CODE.test(error.code) ? error.code : null;
  return beneath ?? own;
}
