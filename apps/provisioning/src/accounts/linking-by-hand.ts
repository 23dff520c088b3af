import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Catalog } from '#libs/catalog';
import {
  AccountNotFoundError,
  type AccountState,
  accountDecider,
  ConnectionNotFoundError,
  comparableSubject,
  standingGrants,
} from '#libs/domain';
import { type Outcome, readAggregate } from '#libs/event-store';
import type { IdentityKeys } from '#libs/identity';
import { type CommandMetadata, streamName } from '#libs/kernel';
import {
  CATALOG,
  type Caller,
  IDENTITY_KEYS,
  requireOwnScopes,
  scopesOfRoles,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import { RunAccountCommand } from './account-command.handler.js';
import type { NewLinkDto } from './accounts.dto.js';
import { wasCarriedOut } from './earlier-commands.js';

/** Joins a subject to an account by hand: claims it first, so that no sign-in can take it meanwhile. */
@Injectable()
export class LinkingByHand {
  constructor(
    private readonly commands: CommandBus,
    @Inject(IDENTITY_KEYS) private readonly keys: IdentityKeys,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /**
   * A way into an account gives whatever its roles in Gatebook give, so the caller must have that too.
   * @throws {IdentityKeyTakenError | AccountNotFoundError | ConnectionNotFoundError | ScopeExceededError}
   */
  async link(
    account: string,
    { connection, subject: written, reason }: NewLinkDto,
    { caller, metadata }: { readonly caller: Caller; readonly metadata: CommandMetadata },
  ): Promise<Outcome<AccountState>> {
    const { tenant, commandId } = metadata;
    const subject = await this.#comparable(tenant, connection, written);
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    if (!state.exists) throw new AccountNotFoundError();
    requireOwnScopes(caller, scopesOfRoles(standingGrants(state, metadata.now).map(({ role }) => role)));
    if (!(await wasCarriedOut(this.path, stream, commandId))) {
      const links = [{ connection, subject }];
      await this.keys.claimFor({ tenant, directory: state.directory, accountId: account, commandId, links });
    }
    return this.commands.execute(
      new RunAccountCommand(account, { type: 'LinkIdentity', data: { connection, subject, reason }, metadata }),
    );
  }

  async #comparable(tenant: string, id: string, subject: string): Promise<string> {
    const connection = (await this.catalog.current()).connection(id);
    if (connection?.tenant !== tenant || connection.status !== 'present' || connection.settings === null)
      throw new ConnectionNotFoundError();
    return comparableSubject(connection.settings, subject.trim());
  }
}
