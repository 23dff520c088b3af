import { setTimeout as delay } from 'node:timers/promises';
import { EVERY_PARTITION } from '#libs/bus';
import type { Database, Lease, Leases } from '#libs/database';
import { lockPartitions } from '../projecting/places.js';
import type { Projection } from '../projecting/projection.js';
import { type Comparison, compareTables, type TableDifferences } from './compare-tables.js';
import { type Feeding, feedShadow } from './feed-shadow.js';
import { settledReach, withFrozenLive } from './frozen-live.js';
import { whileHeld } from './hold.js';
import { type Reach, readReach, sameReach } from './live-reach.js';
import { withRebuildLease } from './rebuild-lease.js';
import { SwitchNotPossibleError } from './rebuilding.errors.js';
import { countParkedOf, switchParked } from './shadow-parked.js';
import { clearShadow, prepareShadow, type ShadowProgress, saveProgress } from './shadow-progress.js';
import { finishTwins, switchTables } from './twin.js';

/** The new tables are close enough behind the live ones, positions, to catch up within a blink. */
const CLOSE = 500;

/** Rows compared by one statement: it takes well under 100 ms on the embedded database. */
const COMPARED_TOGETHER = { postgres: 20_000, embedded: 2_000 };

/** Longest wait for readers of the live tables, milliseconds: new readers queue behind it. */
const SWITCH_WAIT_MS = 400;

/** Tries to switch, and the pause between two of them, milliseconds. */
const SWITCH_TRIES = { most: 30, pauseMs: 500 };

/** lock_not_available, deadlock_detected: somebody reads the tables right now. */
const IN_USE = new Set(['55P03', '40P01']);

/** What a rebuild is doing. `position` of `of` counts events while filling, and rows while comparing. */
export interface RebuildProgress {
  readonly projection: string;
  readonly phase: 'filling' | 'indexing' | 'comparing' | 'switching';
  readonly position: number;
  readonly of: number;
}

/** What rebuilding and verifying need. */
export interface Rebuilding extends Omit<Feeding, 'lease' | 'database'> {
  readonly database: Pick<Database, 'kind' | 'query' | 'transaction'>;
  readonly leases: Leases;
  readonly onProgress?: ((progress: RebuildProgress) => void) | undefined;
  /** Breaks it off between two steps; what is filled by then stays for the next time. */
  readonly signal?: AbortSignal | undefined;
}

/** What a rebuild, or a verification, came to. */
export interface RebuildOutcome {
  readonly projection: string;
  readonly version: number;
  /** Live and rebuilt tables were compared at this position: everything up to it was in both. */
  readonly position: number;
  /** Of the rebuilt tables there; see `Comparison`. */
  readonly digest: string;
  readonly durationMs: number;
  /** Whether it went on with what an interrupted one had filled. */
  readonly resumed: boolean;
  /** How the live tables differed from what the log says. */
  readonly differences: readonly TableDifferences[];
  /** Streams that wait: before, and in what was rebuilt. */
  readonly parked: { readonly live: number; readonly rebuilt: number };
}

/**
 * Fills new tables beside the live ones straight from the store, catches up, compares, and puts them in the place of the live ones in one
 * short transaction. Readers see the old tables, then the new ones, never less. Interrupted, it goes on with what it had when it is run
 * again by the same version of the software, and begins afresh otherwise.
 * @throws {RebuildUnderWayError} when somebody rebuilds or verifies this projection already
 * @throws {RebuildTooOldError} when the log has what this software does not understand
 * @throws {SwitchNotPossibleError} when the live tables were in use all the time: nothing is lost, try again
 * @throws {RebuildInterruptedError} when the signal was aborted
 */
export function rebuildProjection(rebuilding: Rebuilding): Promise<RebuildOutcome> {
  return withRebuildLease(rebuilding.leases, rebuilding.projection, rebuilding.signal, async (lease, signal) => {
    const rebuild = new Rebuild(rebuilding, lease, signal);
    const outcome = await rebuild.fillAndCompare();
    await rebuild.switch();
    return outcome;
  });
}

/**
 * Rebuilds beside the live tables and compares, then throws the rebuilt ones away: nothing live is changed.
 * @throws as `rebuildProjection` does
 */
export function verifyProjection(rebuilding: Rebuilding): Promise<RebuildOutcome> {
  return withRebuildLease(rebuilding.leases, rebuilding.projection, rebuilding.signal, async (lease, signal) => {
    const rebuild = new Rebuild(rebuilding, lease, signal);
    const outcome = await rebuild.fillAndCompare();
    await rebuild.discard();
    return outcome;
  });
}

/** One rebuild under way. */
class Rebuild {
  readonly #place: Feeding;
  readonly #database: Rebuilding['database'];
  readonly #projection: Projection;
  #progress: ShadowProgress | undefined;

  constructor(
    private readonly rebuilding: Rebuilding,
    private readonly lease: Lease,
    private readonly signal: AbortSignal,
  ) {
    this.#place = { ...rebuilding, lease };
    this.#database = rebuilding.database;
    this.#projection = rebuilding.projection;
  }

  async fillAndCompare(): Promise<RebuildOutcome> {
    const begun = performance.now();
    const prepared = await prepareShadow(this.#place);
    this.#progress = prepared;
    await this.#catchUp(CLOSE);
    await this.#makeIndexes();
    await this.#catchUp(CLOSE);
    const { comparison, reach } = await this.#compare();
    return {
      projection: this.#projection.name,
      version: this.#projection.version,
      position: reach.whole.position,
      digest: comparison.digest,
      durationMs: Math.round(performance.now() - begun),
      resumed: prepared.resumed,
      differences: comparison.tables,
      parked: await countParkedOf(this.#database, this.#projection),
    };
  }

  /** Holds the live runner, catches up, switches; whenever somebody reads too long or the runner went on after all, tries again. */
  async switch(): Promise<void> {
    this.#tell('switching', 0, 1);
    for (let tries = 1; tries <= SWITCH_TRIES.most; tries += 1) {
      await this.#catchUp(0);
      const done = await whileHeld(this.#database, this.#projection, async () => {
        const reach = await settledReach(this.#database, this.#projection);
        await this.#feed(reach);
        return this.#trySwitch(reach);
      });
      if (done) return this.#tell('switching', 1, 1);
      await delay(SWITCH_TRIES.pauseMs, undefined, { signal: this.signal });
    }
    throw new SwitchNotPossibleError(this.#projection.name);
  }

  discard(): Promise<void> {
    return this.#database.transaction(async (client) => {
      await this.lease.guard(client);
      await clearShadow(client, this.#projection);
    });
  }

  /** Follows the live tables until they are at most so many positions ahead. */
  async #catchUp(close: number): Promise<void> {
    for (;;) {
      const reach = await readReach(this.#database, this.#projection);
      const behind = reach.whole.position - this.#filled.position;
      if (behind <= close) return;
      // only what is in every partition: the rest is fed when it is known to be the last
      const position = reach.whole.position;
      await this.#feed({ ...reach, furthest: position, ofPartition: reach.ofPartition.map(() => position) });
    }
  }

  async #feed(target: Reach): Promise<void> {
    const onProgress = (position: number) => this.#tell('filling', position + 1, target.furthest + 1);
    this.#progress = await feedShadow(this.#place, this.#filled, target, { signal: this.signal, onProgress });
    this.signal.throwIfAborted();
  }

  async #makeIndexes(): Promise<void> {
    if (this.#filled.indexed) return;
    this.#tell('indexing', 0, 1);
    await finishTwins(this.#database, this.#projection);
    const progress = { ...this.#filled, indexed: true };
    await this.#database.transaction(async (client) => {
      await this.lease.guard(client);
      await saveProgress(client, this.#projection, progress);
    });
    this.#progress = progress;
    this.signal.throwIfAborted();
  }

  #compare(): Promise<{ comparison: Comparison; reach: Reach }> {
    return withFrozenLive(this.#database, this.#projection, async ({ reach, client }) => {
      await this.#feed(reach);
      let rows = 0;
      const comparison = await compareTables(
        {
          live: client,
          shadow: this.#database,
          chunk: COMPARED_TOGETHER[this.#database.kind],
          signal: this.signal,
          onRows: (more) => {
            rows += more;
            this.#tell('comparing', rows, rows);
          },
        },
        this.#projection,
      );
      return { comparison, reach };
    });
  }

  /** False when the tables are in use, or the live ones have moved on although they were held. */
  async #trySwitch(fed: Reach): Promise<boolean> {
    try {
      return await this.#database.transaction(async (client) => {
        await this.lease.guard(client);
        await client.query(`set local lock_timeout = ${SWITCH_WAIT_MS}`);
        const names = this.#projection.tables.map(({ name }) => name);
        await lockPartitions(client, [EVERY_PARTITION]);
        await client.query(`lock table ${names.join(', ')} in access exclusive mode`);
        if (!sameReach(await readReach(client, this.#projection), fed)) return false;
        await switchTables(client, this.#projection);
        await switchParked(client, this.#projection);
        await clearShadow(client, this.#projection);
        return true;
      });
    } catch (error) {
      if (IN_USE.has((error as { code?: string }).code ?? '')) return false;
      throw error;
    }
  }

  get #filled(): ShadowProgress {
    return this.#progress as ShadowProgress;
  }

  #tell(phase: RebuildProgress['phase'], position: number, of: number): void {
    this.rebuilding.onProgress?.({ projection: this.#projection.name, phase, position, of });
  }
}
