import { type FactoryProvider, Module } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { SecondPerson, SingleChanges, StandingGrants } from '#libs/configuration';
import type { Database } from '#libs/database';
import {
  CATALOG,
  DATABASE,
  ENVIRONMENT,
  type Environment,
  SECRET_VALUES,
  WRITE_PATH,
  type WritePath,
  WriteRequests,
} from '#libs/platform';
import { countWaitingChanges } from '#libs/read-model';
import type { SecretValues } from '#libs/vault';
import { ConfigurationModule } from '../configuration/configuration.module.js';
import { MappingPreview } from '../mappings/mapping-preview.js';
import { MappingsController } from '../mappings/mappings.controller.js';
import { PeopleOfPreviews } from '../mappings/presented-people.js';
import { ConnectionCommandsController } from './connection-commands.controller.js';
import { ConnectionDomainsController } from './connection-domains.controller.js';
import { ConnectionLinksController } from './connection-links.controller.js';
import { ConnectionTrialController } from './connection-trial.controller.js';
import { ConnectionTrial } from './connection-trial.js';
import { ConnectionWrites } from './connection-writes.js';
import { RoleCommandsController } from './role-commands.controller.js';
import { RoleWrites } from './role-writes.js';

const singleChanges: FactoryProvider<SingleChanges> = {
  provide: SingleChanges,
  inject: [CATALOG, WRITE_PATH, StandingGrants, SECRET_VALUES, ENVIRONMENT],
  useFactory: (
    catalog: Catalog,
    path: WritePath,
    standing: StandingGrants,
    secrets: SecretValues,
    { publicUrl }: Environment,
  ) => new SingleChanges({ catalog, path, standing, secrets, publicUrl }),
};

const secondPerson: FactoryProvider<SecondPerson> = {
  provide: SecondPerson,
  inject: [CATALOG, WRITE_PATH, DATABASE],
  useFactory: (catalog: Catalog, path: WritePath, database: Database) => {
    const waiting = (tenant: string) => countWaitingChanges(database, { tenant, now: path.clock.now().toISOString() });
    return new SecondPerson({ catalog, path, waiting });
  },
};

/** Connections and roles that are looked after through the API. */
@Module({
  imports: [ConfigurationModule],
  controllers: [
    ConnectionCommandsController,
    ConnectionDomainsController,
    ConnectionTrialController,
    RoleCommandsController,
    MappingsController,
    ConnectionLinksController,
  ],
  providers: [
    singleChanges,
    secondPerson,
    ConnectionWrites,
    RoleWrites,
    ConnectionTrial,
    MappingPreview,
    PeopleOfPreviews,
    WriteRequests,
  ],
})
export class ConnectionsModule {}
