import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, Optional } from '@nestjs/common';
import { moveCheckpoint, readCheckpoint, StandingGrants } from '#libs/configuration';
import type { Database, Lease, Leases } from '#libs/database';
import type { EventStore, StoredEvent } from '#libs/event-store';
import {
  DATABASE,
  EVENT_CODEC,
  EVENT_STORE,
  ExclusiveRole,
  LEASES,
  Readiness,
  type ReadinessAnswer,
} from '#libs/platform';
import type { VaultCodec } from '#libs/vault';
import { RuleEffects } from './rule-effects.js';

/** Role of the one process that carries out what follows from changes. */
export const RULES_ROLE = 'rules';

/** Names the checkpoint; another name carries out everything anew, without effect where it was carried out before. */
const READER = 'rule-effects.1';

/** Events read at a time. */
const PAGE_EVENTS = 500;

/** Pause between two reads, milliseconds: what happens meanwhile is taken together. The first event after a quiet time does not wait. */
const TOGETHER_MS = 250;

/** Said of readiness while an effect is tried again. Not a reason to take no requests. */
const FAILING = 'following; the last attempt failed and is repeated, see the log';

/** Events from which something can follow. */
const CAUSES: ReadonlySet<string> = new Set([
  'ConnectionChanged',
  'ConnectionDisabled',
  'ConnectionRemoved',
  'RoleRetired',
  'RolesAssigned',
]);

/**
 * Follows the event store and carries out what follows from changes of connections and roles, from where it ended, whichever process did so
 * before. What fails is tried again: an effect may come late, never not at all.
 */
@Injectable()
export class RuleEffectsProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #role: ExclusiveRole;
  /** Whether an event of the page was tried in vain. */
  #failing = false;
  /** Positions of the page that were followed, also beyond an event that failed; never more than a page. */
  readonly #doneAhead = new Set<number>();

  constructor(
    private readonly effects: RuleEffects,
    private readonly standing: StandingGrants,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVENT_CODEC) private readonly codec: VaultCodec,
    @Inject(LEASES) leases: Leases,
    @Optional() private readonly readiness?: Readiness,
  ) {
    this.#role = new ExclusiveRole({ role: RULES_ROLE, leases, work: (lease, signal) => this.#follow(lease, signal) });
  }

  onApplicationBootstrap(): void {
    this.readiness?.register('rule-effects', async () => this.#ready());
    this.#role.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#role.stop();
  }

  /** Alone on its database a server must follow by itself; otherwise another one may. */
  #ready(): ReadinessAnswer {
    if (this.#role.holding) return { ready: true, detail: this.#failing ? FAILING : 'following' };
    return { ready: this.database.kind !== 'embedded', detail: 'standing by' };
  }

  async #follow(lease: Lease, signal: AbortSignal): Promise<void> {
    const categories = ['account', 'signIn', 'connection', 'role'];
    let at = await readCheckpoint(this.database, READER);
    for await (const page of this.store.follow({ after: at, limit: PAGE_EVENTS, categories }, signal)) {
      // also when nothing follows: whoever asks for an estimate should not have to read everything
      await this.standing.catchUp();
      at = await this.#followPage(lease, at, page.events, signal);
      if (signal.aborted) return;
      at = await this.#advance(lease, at, page.through);
      this.#doneAhead.clear();
      await delay(TOGETHER_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * An event that fails does not hold up those after it; the checkpoint stays before it.
   * @returns how far the checkpoint has come
   * @throws the first failure, once all other events were tried
   */
  async #followPage(lease: Lease, from: number, events: readonly StoredEvent[], signal: AbortSignal): Promise<number> {
    let at = from;
    const failures: unknown[] = [];
    for (const event of events.filter(({ type }) => CAUSES.has(type))) {
      if (signal.aborted) return at;
      const result = await this.#followOnce(event).catch((error: unknown) => ({ error }));
      if (typeof result === 'object') {
        this.#failing = true;
        failures.push(result.error);
      } else if (result && failures.length === 0) at = await this.#advance(lease, at, event.storePosition);
    }
    if (failures.length > 0) throw failures[0];
    this.#failing = false;
    return at;
  }

  /** Once in this process: ending sessions again would end those that were begun since. */
  async #followOnce(stored: StoredEvent): Promise<boolean> {
    if (this.#doneAhead.has(stored.storePosition)) return true;
    const [event] = this.codec.decodeWithholding([stored]);
    const followed = event !== undefined && (await this.effects.follow(event));
    this.#doneAhead.add(stored.storePosition);
    return followed;
  }

  /** @throws when the checkpoint is elsewhere: whoever begins again reads it anew */
  async #advance(lease: Lease, from: number, to: number): Promise<number> {
    if (to <= from) return from;
    await this.database.transaction(async (client) => {
      await lease.guard(client);
      const moved = await moveCheckpoint(client, READER, { from, to });
      if (!moved) throw new Error(`The checkpoint ${READER} is not at ${from}, where this process left it.`);
    });
    return to;
  }
}
