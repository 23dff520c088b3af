import { Inject, Injectable } from '@nestjs/common';
import { streamName } from '#libs/kernel';
import { EVENT_STORE, type EventStore } from '#libs/platform';

/** Streams that are looked for at the same time. */
const AT_ONCE = 16;

/** Knows which accounts there are, from their own streams: an account that was made a moment ago is there. */
@Injectable()
export class KnownAccounts {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  /** Those of the accounts that the tenant has, whether or not they are active. */
  async among(tenant: string, accounts: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const waiting = [...accounts];
    const known = new Set<string>();
    const worker = async () => {
      for (let account = waiting.pop(); account !== undefined; account = waiting.pop()) {
        const stream = streamName({ category: 'account', tenant, id: account });
        if ((await this.store.readStream(stream, { from: 0, limit: 1 })).length > 0) known.add(account);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return known;
  }
}
