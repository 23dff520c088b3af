import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { Database } from '#libs/database';
import { CATALOG, DATABASE } from '#libs/platform';
import { findFindingNews } from '#libs/read-model';
import { NoticeQueue, type WantedNotice } from '../notices/notice-queue.js';
import { ReadModelPlace } from '../reading/read-model-place.js';

/**
 * Tells people that they answer for something new: one notice for all that came to them since the last time. It goes by what is on record, so that
 * whoever raised something and then failed has not kept it from anybody.
 */
@Injectable()
export class FindingNotices {
  constructor(
    private readonly notices: NoticeQueue,
    private readonly place: ReadModelPlace,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  /** Tells of everything that the read model has by now. Where nothing is new, nothing is written. */
  async tellNews(): Promise<void> {
    const through = await this.place.position();
    for (const { id: tenant } of (await this.catalog.current()).tenants()) {
      const after = await this.#toldThrough(tenant);
      const news = await findFindingNews(this.database, { tenant, after, through });
      if (news.length === 0) continue;
      await this.notices.add(
        news.map(({ owner, first, items }): WantedNotice => {
          const about = { noun: 'finding', id: first, items } as const;
          return { tenant, kind: 'finding-owned', recipient: owner, about, dueAt: null, occasion: `${after}` };
        }),
      );
      await this.#told(tenant, Math.max(...news.map(({ position }) => position)));
    }
  }

  /** Position of the log up to which everybody was told. */
  async #toldThrough(tenant: string): Promise<number> {
    const { rows } = await this.database.query<{ position: number }>(
      'select position from governance.finding_news where tenant = $1',
      [tenant],
    );
    return rows[0]?.position ?? -1;
  }

  async #told(tenant: string, position: number): Promise<void> {
    await this.database.query(
      `insert into governance.finding_news (tenant, position) values ($1, $2)
       on conflict (tenant) do update set position = excluded.position`,
      [tenant, position],
    );
  }
}
