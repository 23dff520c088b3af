import { Inject, Injectable } from '@nestjs/common';
import type { TenantSettings } from '#libs/contracts';
import { streamName } from '#libs/kernel';
import { EVENT_CODEC, EVENT_STORE, type EventStore } from '#libs/platform';
import type { EventReader } from '#libs/read-model';

/** Changes of settings that are read at a time. */
const PAGE = 100;

/** What tenants were like, as their own streams tell it. */
@Injectable()
export class TenantHistory {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVENT_CODEC) private readonly reader: EventReader,
  ) {}

  /** Whether something holds, or ever held, of a tenant’s settings; the newest are asked first. */
  async ever(tenant: string, holds: (settings: TenantSettings) => boolean): Promise<boolean> {
    const stream = streamName({ category: 'tenant', tenant, id: tenant });
    for (let page = { from: -1, more: true }; page.more; ) {
      const from = page.from === -1 ? {} : { from: page.from };
      const stored = await this.store.readStream(stream, { direction: 'backward', limit: PAGE, ...from });
      const found = this.reader.decodeWithholding(stored);
      if (found.some(({ data }) => holds((data as { settings: TenantSettings }).settings))) return true;
      const next = (stored.at(-1)?.revision ?? 0) - 1;
      page = { from: next, more: next >= 0 };
    }
    return false;
  }
}
