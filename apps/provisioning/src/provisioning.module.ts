import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccountCommandHandler } from './accounts/account-command.handler.js';
import { AccountCommandsController } from './accounts/account-commands.controller.js';
import { AccountCreation } from './accounts/account-creation.js';
import { LinkingByHand } from './accounts/linking-by-hand.js';
import { WriteRequests } from './accounts/write-request.js';
import { KeysController } from './keys/keys.controller.js';

/** Administration: accounts, keys, configuration; and what follows when rules change. */
@Module({
  imports: [CqrsModule],
  controllers: [AccountCommandsController, KeysController],
  providers: [AccountCommandHandler, AccountCreation, LinkingByHand, WriteRequests],
})
export class ProvisioningModule {}
