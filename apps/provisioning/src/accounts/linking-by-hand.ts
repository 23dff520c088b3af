import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { AccountNotFoundError, type AccountState, accountDecider } from '#libs/domain';
import { type Outcome, readAggregate } from '#libs/event-store';
import type { IdentityKeys } from '#libs/identity';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { IDENTITY_KEYS, WRITE_PATH, type WritePath } from '#libs/platform';
import { RunAccountCommand } from './account-command.handler.js';
import type { NewLinkDto } from './accounts.dto.js';

/** Joins a subject to an account by hand: claims it first, so that no sign-in can take it meanwhile. */
@Injectable()
export class LinkingByHand {
  constructor(
    private readonly commands: CommandBus,
    @Inject(IDENTITY_KEYS) private readonly keys: IdentityKeys,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** @throws {IdentityKeyTakenError | AccountNotFoundError} */
  async link(
    account: string,
    { connection, subject, reason }: NewLinkDto,
    metadata: CommandMetadata,
  ): Promise<Outcome<AccountState>> {
    const { tenant, commandId } = metadata;
    const { state } = await readAggregate(
      this.path,
      streamName({ category: 'account', tenant, id: account }),
      accountDecider,
    );
    if (!state.exists) throw new AccountNotFoundError();
    await this.keys.claimFor({
      tenant,
      directory: state.directory,
      accountId: account,
      commandId,
      links: [{ connection, subject }],
    });
    return this.commands.execute(
      new RunAccountCommand(account, { type: 'LinkIdentity', data: { connection, subject, reason }, metadata }),
    );
  }
}
