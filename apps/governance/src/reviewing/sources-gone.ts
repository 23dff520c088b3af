import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { UserProvisioned } from '#libs/contracts';
import type { Database } from '#libs/database';
import { instantAfter } from '#libs/kernel';
import { CATALOG, CLOCK, type Clock, DATABASE } from '#libs/platform';
import { grantsInScope, readPosition } from '#libs/read-model';
import { silentAfterMs } from '../findings/watches.js';
import { AccountFactsReader } from './account-facts.js';

/** Tells whether anybody still stands behind an account. */
@Injectable()
export class SourcesGone {
  constructor(
    private readonly accounts: AccountFactsReader,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Whether every connection that an account's identities belong to is removed, disabled, or silent while the account holds something. An
   * account that nothing is linked to goes by the connection that made it; one made by hand has no source that it could lose.
   */
  async isOrphan(tenant: string, account: string): Promise<boolean> {
    const { state, events } = await this.accounts.read(tenant, account);
    const madeBy = (events[0] as UserProvisioned | undefined)?.data.source.connection ?? null;
    const linked = state.links.map(({ connection }) => connection);
    const sources = linked.length === 0 && madeBy !== null ? [madeBy] : linked;
    if (sources.length === 0) return false;
    const catalog = await this.catalog.current();
    const lives = (id: string) => {
      const connection = catalog.connection(id);
      return connection?.status === 'present' && connection.enabled;
    };
    return !sources.some(lives) || this.#isSilent(tenant, account);
  }

  /** As the reviews of a whole scope see it. */
  async #isSilent(tenant: string, account: string): Promise<boolean> {
    const now = this.clock.now().toISOString();
    const { position: knownAt } = await readPosition(this.database);
    const orphans = { silentBefore: instantAfter(now, -silentAfterMs(await this.catalog.current(), tenant)) };
    const query = { tenant, knownAt, now, accounts: [account], orphans, limit: 1 };
    return (await grantsInScope(this.database, query)).length > 0;
  }
}
