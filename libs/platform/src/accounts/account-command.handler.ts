import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type AccountCommand, type AccountState, accountDecider } from '#libs/domain';
import { decideAndAppend, type Outcome, type WritePath } from '#libs/event-store';
import type { AccessEpochs } from '#libs/identity';
import { streamName } from '#libs/kernel';
import { ACCESS_EPOCHS, WRITE_PATH } from '../engine/tokens.js';
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
  ) {}

  async execute({ account, command }: RunAccountCommand): Promise<Outcome<AccountState>> {
    const { tenant } = command.metadata;
    const outcome = await decideAndAppend(
      this.path,
      streamName({ category: 'account', tenant, id: account }),
      accountDecider,
      command,
    );
    // repeated, because an earlier attempt may have ended between the append and this line
    await this.epochs.raiseIfReduced({ tenant, account }, outcome.events);
    this.revocations.sessionsEnded(outcome, command.metadata.now, this.path.clock.now());
    return outcome;
  }
}
