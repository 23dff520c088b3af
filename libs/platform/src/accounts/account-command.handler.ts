import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Catalog, withPeopleBehind } from '#libs/catalog';
import { type AccountCommand, type AccountState, accountDecider } from '#libs/domain';
import { decideAndAppend, type Outcome, type WritePath } from '#libs/event-store';
import type { AccessEpochs } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { ACCESS_EPOCHS, CATALOG, WRITE_PATH } from '../engine/tokens.js';
import { RevocationMetrics } from '../metrics/revocation.metrics.js';

/** Something is asked of one account, by an administrator or by a job. */
export class RunAccountCommand extends Command<Outcome<AccountState>> {
  constructor(
    readonly account: string,
    readonly command: AccountCommand,
  ) {
    super();
  }
}

/** Decides, appends, and raises the access epoch before it answers: revocation is at once. */
@CommandHandler(RunAccountCommand)
export class AccountCommandHandler implements ICommandHandler<RunAccountCommand> {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(ACCESS_EPOCHS) private readonly epochs: AccessEpochs,
    private readonly revocations: RevocationMetrics,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  async execute({ account, command }: RunAccountCommand): Promise<Outcome<AccountState>> {
    const { tenant } = command.metadata;
    const outcome = await decideAndAppend(
      this.path,
      streamName({ category: 'account', tenant, id: account }),
      accountDecider,
      await this.#knowing(command),
    );
    // repeated, because an earlier attempt may have ended between the append and this line
    await this.epochs.raiseIfReduced({ tenant, account }, outcome.events);
    this.revocations.sessionsEnded(outcome, command.metadata.now, this.path.clock.now());
    return outcome;
  }
  /** Whoever undoes a decision is known as the person that they are, also where they come by a key. */
  async #knowing(command: AccountCommand): Promise<AccountCommand> {
    const undoes = command.type === 'LiftWithholding' || command.type === 'AssignRole';
    if (!undoes || command.metadata.actor.kind !== 'key') return command;
    return {
      ...command,
      metadata: await withPeopleBehind({ catalog: this.catalog, path: this.path }, command.metadata),
    };
  }
}
