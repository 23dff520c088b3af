import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AccountCommandsModule, WriteRequests } from '#libs/platform';
import { AccountCommandsController } from './accounts/account-commands.controller.js';
import { AccountCreation } from './accounts/account-creation.js';
import { AccountIdentitiesController } from './accounts/account-identities.controller.js';
import { AccountMerging } from './accounts/account-merging.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { LinkProposalsController } from './accounts/link-proposals.controller.js';
import { LinkingByHand } from './accounts/linking-by-hand.js';
import { WaysIn } from './accounts/ways-in.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { ClientSettingsFromRequest } from './clients/client-settings.js';
import { ClientsController } from './clients/clients.controller.js';
import { ConfigurationModule } from './configuration/configuration.module.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { KeysController } from './keys/keys.controller.js';
import { ProjectionsModule } from './projections/projections.module.js';
import { RulesModule } from './rules/rules.module.js';
import { SetupModule } from './setup/setup.module.js';
import { UpkeepModule } from './upkeep/upkeep.module.js';

/** Administration: accounts, keys, configuration; and what follows when rules change. */
@Module({
  imports: [
    CqrsModule,
    AccountCommandsModule,
    ConfigurationModule,
    RulesModule,
    CatalogModule,
    ConnectionsModule,
    SetupModule,
    ProjectionsModule,
    UpkeepModule,
  ],
  controllers: [
    AccountsController,
    AccountCommandsController,
    AccountIdentitiesController,
    LinkProposalsController,
    KeysController,
    ClientsController,
  ],
  providers: [AccountCreation, AccountMerging, LinkingByHand, WaysIn, WriteRequests, ClientSettingsFromRequest],
})
export class ProvisioningModule {}
