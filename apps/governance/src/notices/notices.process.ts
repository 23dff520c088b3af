import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Leases } from '#libs/database';
import type { Mail } from '#libs/notices';
import { LEASES } from '#libs/platform';
import { PeriodicWork } from '../reading/periodic-work.js';
import { NoticeDelivery } from './notice-delivery.js';
import { MAIL } from './notices.tokens.js';

/** How often somebody looks whether a notice is due, milliseconds. */
const EVERY_MS = 1_000;

/** Sends notices; one process at a time, so that nobody is told twice without need. */
@Injectable()
export class NoticesProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #work: PeriodicWork;

  constructor(
    @Inject(LEASES) leases: Leases,
    @Inject(MAIL) private readonly mail: Mail | null,
    delivery: NoticeDelivery,
  ) {
    this.#work = new PeriodicWork({
      role: 'notices',
      leases,
      everyMs: EVERY_MS,
      work: async () => void (await delivery.deliverDue()),
    });
  }

  onApplicationBootstrap(): void {
    this.#work.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#work.stop();
    this.mail?.close();
  }
}
