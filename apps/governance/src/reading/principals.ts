import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, CatalogView } from '#libs/catalog';
import type { Database } from '#libs/database';
import { type AccountState, accountDecider, countsAt, domainOf, ownedDomains } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { findPrincipals, type NamedAccounts } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { CATALOG, DATABASE, KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';

/** Accounts whose state is read at the same time. */
const READS_AT_ONCE = 16;

/** Source of attributes that somebody stated by hand. */
const BY_HAND = 'manual';

/**
 * Finds the people whom policies, roles and profiles name, by userName or verified e-mail address, among the active accounts of a tenant.
 * Nobody becomes somebody else by the choice of a name: one that reads as an e-mail address counts as userName only where who stated it may
 * vouch for the address, that is an administrator, or a connection that owns its domain. A name that leads to two accounts, in two
 * directories or by userName here and address there, leads to nobody.
 */
@Injectable()
export class Principals {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(KEYRING) private readonly keyring: Keyring,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** The active account that a principal leads to; null where it leads to nobody, or to more than one. */
  async find(tenant: string, principal: string | null): Promise<string | null> {
    if (principal === null) return null;
    return (await this.findAll(tenant, [principal])).get(principal) ?? null;
  }

  /** Likewise for many; those who lead to nobody are absent. */
  async findAll(tenant: string, principals: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (principals.length === 0) return new Map();
    const state = this.catalog.lastRead().tenant(tenant) ?? (await this.catalog.current()).tenant(tenant);
    const directories = state?.settings?.directories.map(({ id }) => id) ?? [];
    const found = await findPrincipals(
      { database: this.database, keyring: this.keyring },
      { tenant, directories, principals },
    );
    const named = await this.#namedBy(tenant, found);
    const active = await this.active(tenant, new Set(named.values()));
    return new Map([...named].filter(([, account]) => active.has(account)));
  }

  /** The only account that each of the names leads to. */
  async #namedBy(tenant: string, found: ReadonlyMap<string, NamedAccounts>): Promise<ReadonlyMap<string, string>> {
    // only names that somebody has to vouch for need the catalogue of this moment
    const catalog = [...found].some(([principal, { userName }]) => isAddress(principal) && userName.size > 0)
      ? await this.catalog.current()
      : this.catalog.lastRead();
    const named = new Map<string, string>();
    for (const [principal, { userName, verifiedEmail }] of found) {
      const accounts = new Set(verifiedEmail);
      for (const account of userName)
        if (!accounts.has(account) && (await this.#mayBeCalled(tenant, account, principal, catalog)))
          accounts.add(account);
      const [only] = accounts;
      if (accounts.size === 1 && only !== undefined) named.set(principal, only);
    }
    return named;
  }

  /** Whether a principal may stand for an account because it is its userName. */
  async #mayBeCalled(tenant: string, account: string, principal: string, catalog: CatalogView): Promise<boolean> {
    if (!isAddress(principal)) return true;
    const { attributeSources } = await this.#state(tenant, account);
    const source = attributeSources.get('userName');
    if (source === undefined || source === BY_HAND) return source === BY_HAND;
    const connection = catalog.connection(source);
    if (connection?.tenant !== tenant || connection.status !== 'present') return false;
    return ownedDomains(connection).includes(domainOf(principal));
  }

  /** Those of the accounts that are active now. */
  async active(tenant: string, accounts: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const all = [...accounts];
    const active = new Set<string>();
    for (let at = 0; at < all.length; at += READS_AT_ONCE) {
      const some = all.slice(at, at + READS_AT_ONCE);
      const answers = await Promise.all(some.map((account) => this.isActive(tenant, account)));
      some.forEach((account, index) => {
        if (answers[index]) active.add(account);
      });
    }
    return active;
  }

  /** Whether an account of the tenant is active now. */
  async isActive(tenant: string, account: string): Promise<boolean> {
    return countsAt(await this.#state(tenant, account), this.path.clock.now().toISOString());
  }

  async #state(tenant: string, account: string): Promise<AccountState> {
    const stream = streamName({ category: 'account', tenant, id: account });
    return (await readAggregate(this.path, stream, accountDecider)).state;
  }
}

const isAddress = (principal: string): boolean => principal.includes('@');
