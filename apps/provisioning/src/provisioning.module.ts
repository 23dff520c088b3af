import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccountCommandHandler } from './accounts/account-command.handler.js';
import { AccountCommandsController } from './accounts/account-commands.controller.js';
import { AccountCreation } from './accounts/account-creation.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { LinkProposalsController } from './accounts/link-proposals.controller.js';
import { LinkingByHand } from './accounts/linking-by-hand.js';
import { WriteRequests } from './accounts/write-request.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { ConfigurationModule } from './configuration/configuration.module.js';
import { KeysController } from './keys/keys.controller.js';
import { ProjectionsModule } from './projections/projections.module.js';
import { RulesModule } from './rules/rules.module.js';
import { SetupModule } from './setup/setup.module.js';

/** Administration: accounts, keys, configuration; and what follows when rules change. */
@Module({
  imports: [CqrsModule, ConfigurationModule, RulesModule, CatalogModule, SetupModule, ProjectionsModule],
  controllers: [AccountsController, AccountCommandsController, LinkProposalsController, KeysController],
  providers: [AccountCommandHandler, AccountCreation, LinkingByHand, WriteRequests],
})
export class ProvisioningModule {}
