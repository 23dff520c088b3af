import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Catalog } from '#libs/catalog';
import { accountDecider } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { CATALOG, WRITE_PATH, type WritePath } from '#libs/platform';
import { Principals } from '../reading/principals.js';
import type { Candidate } from './candidate.js';
import type { Watch } from './watches.js';

/** People whose account is remembered, and for how long, milliseconds: one run finds thousands of things that one person answers for. */
const REMEMBERED_MAX = 10_000;
const REMEMBERED_MS = 30_000;

/** Finds who answers for what was found: whom the policy names, else the owner of the role, else the manager of the account. */
@Injectable()
export class FindingOwners {
  readonly #found = new LRUCache<string, { readonly account: Promise<string | null> }>({
    max: REMEMBERED_MAX,
    ttl: REMEMBERED_MS,
  });

  constructor(
    private readonly principals: Principals,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** Id of an active account; null where nobody could be found. Nobody is made to answer for what was found about themselves. */
  async ownerOf({ tenant, owner }: Watch, { account, role }: Candidate): Promise<string | null> {
    const fits = (found: string | null) => (found === account ? null : found);
    const named = fits(await this.#find(tenant, owner));
    if (named) return named;
    const roleOwner = role === undefined ? null : (this.catalog.lastRead().role(tenant, role)?.owner ?? null);
    return fits(await this.#find(tenant, roleOwner)) ?? (account ? fits(await this.#managerOf(tenant, account)) : null);
  }

  async #managerOf(tenant: string, account: string): Promise<string | null> {
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    return this.#find(tenant, state.profile?.manager ?? null, state.directory);
  }

  #find(tenant: string, principal: string | null, directory?: string): Promise<string | null> {
    if (principal === null) return Promise.resolve(null);
    const key = JSON.stringify([tenant, principal, directory]);
    const known = this.#found.get(key);
    if (known) return known.account;
    const account = this.principals.find(tenant, principal, directory);
    account.catch(() => this.#found.delete(key));
    this.#found.set(key, { account });
    return account;
  }
}
