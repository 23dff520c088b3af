import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Database, Leases } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import {
  type ApplicationGrants,
  type LogoutNotices,
  moveEndingsCheckpoint,
  ROWS_AT_A_TIME,
  readEndingsCheckpoint,
} from '#libs/openid-provider';
import { DATABASE, describeError, EVENT_STORE, ExclusiveRole, LEASES } from '#libs/platform';
import { ApplicationEndings, ENDING_CATEGORIES } from './application-endings.js';
import { OpProvider } from './op.provider.js';
import { APPLICATION_GRANTS, LOGOUT_NOTICES } from './op.tokens.js';

/** Events looked at in one go. */
const PAGE_EVENTS = 50;
/** How often it is looked for notices that are due again, in milliseconds; new ones are sent at once. */
const NOTICES_EVERY_MS = 1_000;
/** How often what has expired is deleted, in milliseconds. */
const SWEEP_EVERY_MS = 300_000;

/** Follows the store for what ends sessions with applications, and tells the applications. One process at a time. */
@Injectable()
export class ApplicationEndingsProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(ApplicationEndingsProcess.name);
  private role: ExclusiveRole | undefined;
  private wake: () => void = () => undefined;
  private settling: Promise<void> = Promise.resolve();

  constructor(
    private readonly endings: ApplicationEndings,
    private readonly provider: OpProvider,
    @Inject(LEASES) private readonly leases: Leases,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(APPLICATION_GRANTS) private readonly grants: ApplicationGrants,
    @Inject(LOGOUT_NOTICES) private readonly notices: LogoutNotices,
  ) {}

  onApplicationBootstrap(): void {
    this.role = new ExclusiveRole({
      role: 'application-endings',
      leases: this.leases,
      work: (_lease, signal) => this.work(signal),
    });
    this.role.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.role?.stop();
  }

  /** If one part fails all of them end, so that they can be begun again together. */
  private async work(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const parts = [this.follow(either), this.deliver(either), this.sweep(either)].map((part) =>
      part.catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    );
    const [reason] = (await Promise.allSettled(parts)).flatMap((part) =>
      part.status === 'rejected' ? [part.reason] : [],
    );
    if (reason !== undefined) throw reason;
  }

  /** Every step may be repeated without harm: after a crash the last page is looked at again. */
  private async follow(signal: AbortSignal): Promise<void> {
    await this.settleAll();
    const after = await readEndingsCheckpoint(this.database);
    const pages = this.store.follow({ after, limit: PAGE_EVENTS, categories: ENDING_CATEGORIES }, signal);
    for await (const { events, through } of pages) {
      for (const event of events) await this.endings.follow(event);
      await this.settleAll();
      await moveEndingsCheckpoint(this.database, through);
    }
  }

  /** One at a time: what ends together is recorded together, and once. */
  private settleAll(): Promise<void> {
    const settled = this.settling.then(async () => {
      while ((await this.endings.settle()) > 0) this.wake();
    });
    this.settling = settled.catch(() => undefined);
    return settled;
  }

  /** Also settles what ended without an event. The provider is made only when there is somebody to tell: most servers start without one. */
  private async deliver(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.settleAll();
      if (await this.notices.areDue()) await this.deliverDue();
      else await this.pause(signal);
    }
  }

  private async deliverDue(): Promise<void> {
    const { tellSignOut } = await this.provider.current();
    await this.notices.deliver(
      ({ client, account, sid }) => tellSignOut(client, account, sid),
      ({ client, id }, error) =>
        this.log.warn({ client, notice: id, err: describeError(error) }, 'an application was not told of a sign-out'),
    );
  }

  private async pause(signal: AbortSignal): Promise<void> {
    const woken = new Promise<void>((wake) => {
      this.wake = wake;
    });
    await Promise.race([woken, delay(NOTICES_EVERY_MS, undefined, { signal }).catch(() => undefined)]);
  }

  private async sweep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let deleted = await this.grants.sweep();
      while (deleted >= ROWS_AT_A_TIME && !signal.aborted) deleted = await this.grants.sweep();
      await delay(SWEEP_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
