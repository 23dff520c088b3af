import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  Optional,
} from '@nestjs/common';
import type { SealedEvents } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import type { Database, Lease, Leases } from '#libs/database';
import { BEFORE_FIRST, type EventStore } from '#libs/event-store';
import {
  DATABASE,
  describeError,
  EVENT_CODEC,
  EVENT_STORE,
  ExclusiveRole,
  LEASES,
  Readiness,
  type ReadinessAnswer,
  SEALED_EVENTS,
} from '#libs/platform';
import { type EventReader, PROJECTIONS, ProjectionRunner, type Stop } from '#libs/read-model';

/** Role of the one process that projects. */
export const PROJECTOR_ROLE = 'projector';

/**
 * Keeps the read model up with the sealed log while this process holds the role; another one waits and takes over. Ready once the read
 * model has reached the head that the store had at start, whoever projects; not ready any more when projecting had to stop.
 */
@Injectable()
export class ProjectorProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(ProjectorProcess.name);
  readonly #role: ExclusiveRole;
  readonly #runner: ProjectionRunner;
  #headAtStart = Number.POSITIVE_INFINITY;
  #caughtUp = false;

  constructor(
    @Inject(DATABASE) database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVENT_CODEC) reader: EventReader,
    @Inject(SEALED_EVENTS) sealedEvents: SealedEvents,
    @Inject(LEASES) leases: Leases,
    @Optional() private readonly readiness?: Readiness,
  ) {
    this.#role = new ExclusiveRole({
      role: PROJECTOR_ROLE,
      leases,
      work: (lease, signal) => this.#project(lease, signal),
    });
    this.#runner = new ProjectionRunner({
      database,
      store,
      reader,
      sealedEvents,
      catalogue,
      projections: PROJECTIONS,
      onTrouble: (error) => this.#log.warn({ err: describeError(error) }, 'projecting failed and will be tried again'),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.readiness?.register('read-model', () => this.#ready());
    this.#headAtStart = await this.store.head();
    this.#role.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#role.stop();
  }

  /** After a stop the role is given back: a newer version of the software may take it and go on. */
  async #project(lease: Lease, signal: AbortSignal): Promise<void> {
    const stop = await this.#runner.run(lease, signal);
    if (stop) this.#log.error(`Projecting stopped: ${reasonOf(stop)}`);
  }

  async #ready(): Promise<ReadinessAnswer> {
    const { storePosition, position, parkedStreams, stopped } = await this.#runner.status();
    this.#caughtUp ||= storePosition >= this.#headAtStart || this.#headAtStart === BEFORE_FIRST;
    const detail = stopped ? reasonOf(stopped) : `position ${position}, parked streams ${parkedStreams}`;
    return { ready: this.#caughtUp && stopped === null, detail };
  }
}

function reasonOf(stop: Stop): string {
  if (stop.reason === 'sealed-log-broken') return stop.message;
  const what = stop.reason === 'unknown-type' ? 'an unknown type of event' : 'a newer version of an event';
  return `${what} stands at position ${stop.position} (${stop.type}); run the version of Gatebook that recorded it`;
}
