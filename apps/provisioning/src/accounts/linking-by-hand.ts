import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Catalog } from '#libs/catalog';
import { type AccountState, ConnectionNotFoundError, comparableSubject } from '#libs/domain';
import type { Outcome } from '#libs/event-store';
import type { IdentityKeys } from '#libs/identity';
import { type CommandMetadata, streamName } from '#libs/kernel';
import {
  CATALOG,
  type Caller,
  IDENTITY_KEYS,
  RunAccountCommand,
  WRITE_PATH,
  type WritePath,
  wasCarriedOut,
} from '#libs/platform';
import type { EndLinkDto, NewLinkDto } from './accounts.dto.js';
import { WaysIn } from './ways-in.js';

/** Who asks, and in which command. */
interface Asking {
  readonly caller: Caller;
  readonly metadata: CommandMetadata;
}

/** Joins subjects to accounts by hand, and separates them. A subject is claimed first, so that no sign-in can take it meanwhile. */
@Injectable()
export class LinkingByHand {
  constructor(
    private readonly commands: CommandBus,
    @Inject(IDENTITY_KEYS) private readonly keys: IdentityKeys,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CATALOG) private readonly catalog: Catalog,
    private readonly ways: WaysIn,
  ) {}

  /**
   * A way into an account gives whatever its roles in Gatebook give, and the account what the connection gives, so the caller must have
   * all of that.
   * @throws {IdentityKeyTakenError | AccountNotFoundError | ConnectionNotFoundError | ScopeExceededError}
   */
  async link(
    account: string,
    { connection, subject: written, reason }: NewLinkDto,
    { caller, metadata }: Asking,
  ): Promise<Outcome<AccountState>> {
    const { tenant, commandId } = metadata;
    const subject = await this.#comparable(tenant, connection, written);
    const stream = streamName({ category: 'account', tenant, id: account });
    const state = await this.ways.account(account, metadata);
    const links = [{ connection, subject }];
    await this.ways.requireReach(caller, [state], links, metadata.now);
    if (!(await wasCarriedOut(this.path, stream, commandId))) {
      await this.keys.claimFor({ tenant, directory: state.directory, accountId: account, commandId, links });
    }
    return this.commands.execute(
      new RunAccountCommand(account, { type: 'LinkIdentity', data: { connection, subject, reason }, metadata }),
    );
  }

  /**
   * What the connection gave ends, and so do the account's sessions. Also a connection that is gone may have left a link behind. Whoever
   * takes roles away by it must be able to give them.
   * @throws {AccountNotFoundError | NotLinkedError | ScopeExceededError}
   */
  async unlink(
    account: string,
    { connection, subject: written, reason }: EndLinkDto,
    { caller, metadata }: Asking,
  ): Promise<Outcome<AccountState>> {
    this.ways.requireRoles(caller, await this.ways.account(account, metadata), metadata.now);
    const known = (await this.catalog.current()).connection(connection);
    const settings = known?.tenant === metadata.tenant ? known.settings : null;
    const subject = settings === null ? written.trim() : comparableSubject(settings, written.trim());
    return this.commands.execute(
      new RunAccountCommand(account, { type: 'UnlinkIdentity', data: { connection, subject, reason }, metadata }),
    );
  }

  async #comparable(tenant: string, id: string, subject: string): Promise<string> {
    const connection = (await this.catalog.current()).connection(id);
    if (connection?.tenant !== tenant || connection.status !== 'present' || connection.settings === null)
      throw new ConnectionNotFoundError();
    return comparableSubject(connection.settings, subject.trim());
  }
}
