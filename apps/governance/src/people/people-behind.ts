import { Inject, Injectable } from '@nestjs/common';
import { type Catalog, peopleBehind, withPeopleBehind } from '#libs/catalog';
import type { CommandMetadata } from '#libs/kernel';
import { CATALOG, WRITE_PATH, type WritePath } from '#libs/platform';

const ACCOUNT = 'account:';

/** Finds out whose word it is that comes from a key, or from an account that was merged. */
@Injectable()
export class PeopleBehind {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** Metadata whose decider knows who stands behind the actor. @param others whom the decision is about besides, as `kind:id` */
  known(metadata: CommandMetadata, others: Iterable<string> = []): Promise<CommandMetadata> {
    return withPeopleBehind(this.#sources, metadata, others);
  }

  /** Accounts of people who sent something, as which they did and as which they go on. @param senders as `kind:id` */
  async accountsOf(tenant: string, senders: readonly string[]): Promise<ReadonlySet<string>> {
    const behind = await peopleBehind(this.#sources, tenant, senders);
    const all = [...senders, ...behind.values()].filter((sender) => sender.startsWith(ACCOUNT));
    return new Set(all.map((sender) => sender.slice(ACCOUNT.length)));
  }

  get #sources() {
    return { catalog: this.catalog, path: this.path };
  }
}
