import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { type SealedEvents, sealedLogEvents } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { type Database, holdLease, type Leases } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { lastSealedRow } from '#libs/ledger';
import {
  DATABASE,
  describeError,
  EVENT_CODEC,
  EVENT_STORE,
  ExclusiveRole,
  LEASES,
  ProjectionMetrics,
  SEALED_EVENTS,
  Tracing,
} from '#libs/platform';
import { type EventReader, PROJECTIONS, ProjectionRunner, type SealedLogAtHand, type Stop } from '#libs/read-model';
import { Arrivals } from './arrivals.js';

/** Role of the one process that projects, where the log is not shared. */
export const PROJECTOR_ROLE = 'projector';

/** Role of the one process that brings up projections which lag behind the others, where it is. */
export const CATCH_UP_ROLE = 'projector-catch-up';

/** Where several processes may project, the rows of their partitions keep them apart. */
const NO_LEASE = { guard: async () => {} };

/**
 * Runs the projections. Where the carrier shares the sealed log every process takes its partitions; otherwise one process holds the role,
 * and another waits and takes over.
 */
@Injectable()
export class Projecting {
  readonly runner: ProjectionRunner;
  /** What comes of the sealed log. */
  readonly arrivals = new Arrivals();
  readonly #log = new Logger(Projecting.name);
  readonly #ended = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #role: ExclusiveRole | null = null;

  constructor(
    @Inject(DATABASE) readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVENT_CODEC) reader: EventReader,
    @Inject(SEALED_EVENTS) readonly sealedEvents: SealedEvents,
    @Inject(LEASES) private readonly leases: Leases,
    @Optional() metrics?: ProjectionMetrics,
    @Optional() tracing?: Tracing,
  ) {
    this.runner = new ProjectionRunner({
      database,
      store,
      reader,
      sealedEvents: this.arrivals.watched(sealedEvents),
      sealedLog: sealedEvents.shared ? this.#sealedLog() : undefined,
      catalogue,
      projections: PROJECTIONS,
      onTrouble: this.#trouble,
      onTaken: ({ duplicates }) => duplicates > 0 && metrics?.skippedDuplicates(duplicates),
      traced: tracing && ((events, work) => tracing.events('project', events, work)),
    });
  }

  /** Begins; `stopped` is told when projecting has to stop before an event. */
  start(stopped: (stop: Stop) => void): void {
    const { runner } = this;
    if (this.sealedEvents.shared) {
      this.#running = runner.run(NO_LEASE, this.#ended.signal).then((stop) => {
        if (stop) stopped(stop);
      });
      return;
    }
    // After a stop the role is given back: a newer version of the software may take it and go on.
    const role = new ExclusiveRole({
      role: PROJECTOR_ROLE,
      leases: this.leases,
      work: async (lease, signal) => {
        const stop = await runner.run(lease, signal);
        if (stop) stopped(stop);
      },
    });
    role.start();
    this.#role = role;
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#role?.stop();
    await this.#running;
  }

  readonly #trouble = (error: unknown) =>
    this.#log.warn({ err: describeError(error) }, 'projecting failed and will be tried again');

  #sealedLog(): SealedLogAtHand {
    const { database, store, leases } = this;
    const log = {
      info: (message: string) => this.#log.log(message),
      warn: (message: string) => this.#log.warn(message),
      error: (message: string) => this.#log.error(message),
    };
    return {
      events: sealedLogEvents({ database, store, onTrouble: this.#trouble }),
      head: async () => (await lastSealedRow(database))?.position ?? -1,
      exclusively: (work, signal) => holdLease({ leases, role: CATCH_UP_ROLE, work, signal, log }),
    };
  }
}
