import { type FactoryProvider, Module } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { ApplyConfiguration, StandingGrants, type StandingGrantsDependencies } from '#libs/configuration';
import {
  CATALOG,
  DATABASE,
  ENVIRONMENT,
  type Environment,
  EVENT_CODEC,
  EVENT_STORE,
  KEYRING,
  type Keyring,
  SECRET_VALUES,
  WRITE_PATH,
  type WritePath,
  WriteRequests,
} from '#libs/platform';
import type { SecretValues } from '#libs/vault';
import { ConfigurationController } from './configuration.controller.js';
import { StartUpConfiguration } from './start-up-configuration.js';

const standingGrants: FactoryProvider<StandingGrants> = {
  provide: StandingGrants,
  inject: [DATABASE, EVENT_STORE, EVENT_CODEC],
  useFactory: (
    database: StandingGrantsDependencies['database'],
    store: StandingGrantsDependencies['store'],
    codec: StandingGrantsDependencies['codec'],
  ) => new StandingGrants({ database, store, codec }),
};

const applyConfiguration: FactoryProvider<ApplyConfiguration> = {
  provide: ApplyConfiguration,
  inject: [CATALOG, WRITE_PATH, KEYRING, StandingGrants, SECRET_VALUES, ENVIRONMENT],
  useFactory: (
    catalog: Catalog,
    path: WritePath,
    keyring: Keyring,
    standing: StandingGrants,
    secrets: SecretValues,
    { publicUrl }: Environment,
  ) => new ApplyConfiguration({ catalog, path, keyring, standing, secrets, publicUrl }),
};

/** Applying configurations: by the API, and the file's at start. */
@Module({
  controllers: [ConfigurationController],
  providers: [standingGrants, applyConfiguration, StartUpConfiguration, WriteRequests],
  exports: [StandingGrants, StartUpConfiguration],
})
export class ConfigurationModule {}
