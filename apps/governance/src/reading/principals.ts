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
 * Nobody becomes somebody else by the choice of a name, nor takes it from them. One that reads as an e-mail address counts as userName only
 * where who stated it may vouch for the address, that is an administrator, or a connection that owns its domain; any other only in one
 * directory, or where an administrator stated it: what other sources call their people is their affair. A name that leads to two accounts
 * all the same, by userName here and address there, leads to nobody.
 */
@Injectable()
export class Principals {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(KEYRING) private readonly keyring: Keyring,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /**
   * The active account that a principal leads to; null where it leads to nobody, or to more than one.
   * @param directory where plain names count: that of the person who says the name, such as one's manager's; the tenant's first, if absent
   */
  async find(tenant: string, principal: string | null, directory?: string): Promise<string | null> {
    if (principal === null) return null;
    return (await this.findAll(tenant, [principal], directory)).get(principal) ?? null;
  }

  /** Likewise for many; those who lead to nobody are absent. */
  async findAll(
    tenant: string,
    principals: readonly string[],
    directory?: string,
  ): Promise<ReadonlyMap<string, string>> {
    if (principals.length === 0) return new Map();
    const known = this.catalog.lastRead().tenant(tenant) ?? (await this.catalog.current()).tenant(tenant);
    const directories = known?.settings?.directories.map(({ id }) => id) ?? [];
    const found = await findPrincipals(
      { database: this.database, keyring: this.keyring },
      { tenant, directories, principals },
    );
    // only names that somebody has to vouch for need the catalogue of this moment
    const catalog = [...found].some(([principal, { userName }]) => isAddress(principal) && userName.size > 0)
      ? await this.catalog.current()
      : this.catalog.lastRead();
    const all = [...found.values()].flatMap(({ userName, verifiedEmail }) => [...userName, ...verifiedEmail]);
    const states = await this.#states(tenant, new Set(all));
    const place = { tenant, catalog, directory: directory ?? directories[0] };
    const named = [...found].map(([principal, accounts]) => [principal, onlyOne(principal, accounts, states, place)]);
    const now = this.path.clock.now().toISOString();
    const active = named.filter((each): each is [string, string] => {
      const state = each[1] && states.get(each[1]);
      return state ? countsAt(state, now) : false;
    });
    return new Map(active);
  }

  /** Those of the accounts that are active now. */
  async active(tenant: string, accounts: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const states = await this.#states(tenant, accounts);
    const now = this.path.clock.now().toISOString();
    return new Set([...states].filter(([, state]) => countsAt(state, now)).map(([account]) => account));
  }

  /** Whether an account of the tenant is active now. */
  async isActive(tenant: string, account: string): Promise<boolean> {
    return countsAt(await this.#state(tenant, account), this.path.clock.now().toISOString());
  }

  async #states(tenant: string, accounts: ReadonlySet<string>): Promise<ReadonlyMap<string, AccountState>> {
    const all = [...accounts];
    const states = new Map<string, AccountState>();
    for (let at = 0; at < all.length; at += READS_AT_ONCE) {
      const some = all.slice(at, at + READS_AT_ONCE);
      const found = await Promise.all(some.map((account) => this.#state(tenant, account)));
      some.forEach((account, index) => {
        states.set(account, found[index] as AccountState);
      });
    }
    return states;
  }

  async #state(tenant: string, account: string): Promise<AccountState> {
    const stream = streamName({ category: 'account', tenant, id: account });
    return (await readAggregate(this.path, stream, accountDecider)).state;
  }
}

/** Where a name is looked up. */
interface Place {
  readonly tenant: string;
  readonly catalog: CatalogView;
  /** Where plain names count. */
  readonly directory: string | undefined;
}

/** The only account that a name leads to, whether or not it is active; null where there is none, or more than one. */
function onlyOne(
  principal: string,
  { userName, verifiedEmail }: NamedAccounts,
  states: ReadonlyMap<string, AccountState>,
  place: Place,
): string | null {
  const called = [...userName].filter((account) => {
    const state = states.get(account);
    return state !== undefined && mayBeCalled(state, principal, place);
  });
  const [only, ...others] = new Set([...verifiedEmail, ...called]);
  return others.length > 0 ? null : (only ?? null);
}

/** Whether a principal may stand for an account because it is its userName. */
function mayBeCalled(
  { attributeSources, directory }: AccountState,
  principal: string,
  { tenant, catalog, directory: home }: Place,
): boolean {
  const source = attributeSources.get('userName');
  if (source === BY_HAND) return true;
  if (!isAddress(principal)) return directory === home;
  const connection = source === undefined ? undefined : catalog.connection(source);
  if (connection?.tenant !== tenant || connection.status !== 'present') return false;
  return ownedDomains(connection).includes(domainOf(principal));
}

const isAddress = (principal: string): boolean => principal.includes('@');
