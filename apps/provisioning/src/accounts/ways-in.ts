import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { AccountNotFoundError, type AccountState, accountDecider, standingGrants } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { CATALOG, type Caller, requireOwnScopes, scopesOfRoles, WRITE_PATH, type WritePath } from '#libs/platform';

type Link = AccountState['links'][number];

/** What whoever comes into an account can reach: its roles, and what its connections may give it at a later sign-in. */
@Injectable()
export class WaysIn {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** The account as it stands. @throws {AccountNotFoundError} */
  async account(id: string, { tenant }: CommandMetadata): Promise<AccountState> {
    const stream = streamName({ category: 'account', tenant, id });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    if (!state.exists) throw new AccountNotFoundError();
    return state;
  }

  /**
   * Makes sure that whoever joins identities could give everything by hand that their people reach then. Rules count whatever their
   * conditions say: whom a connection names as an administrator is not for the caller to know.
   * @param joined identities that have not been the accounts' own before
   * @throws {ScopeExceededError}
   */
  async requireReach(
    caller: Caller,
    accounts: readonly AccountState[],
    joined: readonly Link[],
    now: string,
  ): Promise<void> {
    const view = await this.catalog.current();
    const links = [...joined, ...accounts.flatMap((account) => account.links)];
    const given = [...new Set(links.map(({ connection }) => connection))].flatMap((id) => {
      const known = view.connection(id);
      return known?.status === 'present' && known.settings ? known.settings.rules.flatMap(({ grant }) => grant) : [];
    });
    requireOwnScopes(caller, scopesOfRoles([...given, ...accounts.flatMap((account) => rolesOf(account, now))]));
  }

  /** Makes sure that nobody takes a way in from people who may do more than they. @throws {ScopeExceededError} */
  requireRoles(caller: Caller, account: AccountState, now: string): void {
    requireOwnScopes(caller, scopesOfRoles(rolesOf(account, now)));
  }
}

const rolesOf = (account: AccountState, now: string): string[] => standingGrants(account, now).map(({ role }) => role);
