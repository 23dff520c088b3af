import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, CatalogView } from '#libs/catalog';
import type { RecordedEvent } from '#libs/kernel';
import { CATALOG, CLOCK, type Clock } from '#libs/platform';

/** How far the clocks of servers may differ, milliseconds. */
const SKEW_MAX_MS = 60_000;

/** The settings of today, not older than an event: what was appended before it is in them. While a backlog is read, one reading serves many events. */
@Injectable()
export class SettingsAtEvent {
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async of({ recordedAt }: Pick<RecordedEvent, 'recordedAt'>): Promise<CatalogView> {
    if (Date.parse(recordedAt) + SKEW_MAX_MS < this.#readAtMs) return this.catalog.lastRead();
    const readAtMs = this.clock.now().getTime();
    const view = await this.catalog.current();
    this.#readAtMs = Math.max(this.#readAtMs, readAtMs);
    return view;
  }
}
