import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  Optional,
} from '@nestjs/common';
import { BEFORE_FIRST, type EventStore } from '#libs/event-store';
import { CLOCK, type Clock, EVENT_STORE, ProjectionMetrics, Readiness, type ReadinessAnswer } from '#libs/platform';
import { projectionStandings, type Stop } from '#libs/read-model';
import { Projecting } from './projecting.js';

/**
 * Keeps the read model up with the sealed log. Ready once the read model has reached the head that the store had at start, whoever projects;
 * not ready any more when projecting had to stop.
 */
@Injectable()
export class ProjectorProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(ProjectorProcess.name);
  #headAtStart = Number.POSITIVE_INFINITY;
  #caughtUp = false;

  constructor(
    private readonly projecting: Projecting,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Optional() private readonly readiness?: Readiness,
    @Optional() private readonly metrics?: ProjectionMetrics,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.readiness?.register('read-model', () => this.#ready());
    this.metrics?.setStopped(false);
    this.metrics?.showStates(() => projectionStandings(this.projecting.database, this.clock));
    this.#headAtStart = await this.store.head();
    this.projecting.start((stop) => this.#stopped(stop));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.projecting.stop();
  }

  #stopped(stop: Stop): void {
    this.metrics?.setStopped(true);
    this.#log.error(`Projecting stopped: ${reasonOf(stop)}`);
  }

  async #ready(): Promise<ReadinessAnswer> {
    const { storePosition, position, parkedStreams, stopped } = await this.projecting.runner.status();
    this.#caughtUp ||= storePosition >= this.#headAtStart || this.#headAtStart === BEFORE_FIRST;
    const detail = stopped ? reasonOf(stopped) : `position ${position}, parked streams ${parkedStreams}`;
    return { ready: this.#caughtUp && stopped === null, detail };
  }
}

function reasonOf(stop: Stop): string {
  if ('message' in stop) return stop.message;
  const what = stop.reason === 'unknown-type' ? 'an unknown type of event' : 'a newer version of an event';
  return `${what} stands at position ${stop.position} (${stop.type}); run the version of Gatebook that recorded it`;
}
