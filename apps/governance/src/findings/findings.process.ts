import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { Leases } from '#libs/database';
import { CLOCK, type Clock, LEASES } from '#libs/platform';
import { EventSteps } from '../reading/event-steps.js';
import { PeriodicWork } from '../reading/periodic-work.js';
import { FindingNotices } from './finding-notices.js';
import { FindingsScan } from './findings-scan.js';
import { InsightMemory } from './insight-memory.js';

/** Role of the one process that looks tenants through. */
const ROLE = 'findings';

/** Pause between two runs, milliseconds. */
const EVERY_MS = 60_000;

/** A run takes at most this part of the time: after a long one the pause is longer. */
const SHARE = 1 / 20;

/** Settings after whose change the next run does not wait. */
const SETTINGS = [
  'PolicyDefined',
  'PolicyChanged',
  'PolicyEnabled',
  'PolicyDisabled',
  'PolicyRemoved',
  'ConnectionEnabled',
  'ConnectionDisabled',
  'ConnectionRemoved',
] as const;

/** Once a minute tells owners what is new and looks for findings, also soon after policies or connections changed. */
@Injectable()
export class FindingsProcess implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  readonly #work: PeriodicWork;
  #restUntil = 0;

  constructor(
    private readonly steps: EventSteps,
    private readonly scan: FindingsScan,
    private readonly memory: InsightMemory,
    private readonly notices: FindingNotices,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LEASES) leases: Leases,
  ) {
    this.#work = new PeriodicWork({ role: ROLE, leases, everyMs: EVERY_MS, work: (_, signal) => this.#run(signal) });
  }

  onModuleInit(): void {
    const handle = async () => {
      this.#restUntil = 0;
      this.#work.soon();
    };
    this.steps.add({ name: 'findings', types: SETTINGS, handle });
  }

  onApplicationBootstrap(): void {
    this.#work.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#work.stop();
  }

  async #run(signal: AbortSignal): Promise<void> {
    await this.notices.tellNews();
    const began = performance.now();
    if (began < this.#restUntil) return;
    await this.scan.run(signal);
    while (!signal.aborted && (await this.memory.sweep(this.clock.now().toISOString())));
    const ended = performance.now();
    this.#restUntil = ended + (ended - began) / SHARE;
  }
}
