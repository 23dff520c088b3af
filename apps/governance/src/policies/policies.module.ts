import { type FactoryProvider, Module } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { SecondPerson, SingleChanges, StandingGrants, type StandingGrantsDependencies } from '#libs/configuration';
import type { Database } from '#libs/database';
import {
  CATALOG,
  DATABASE,
  ENVIRONMENT,
  type Environment,
  EVENT_CODEC,
  EVENT_STORE,
  SECRET_VALUES,
  WRITE_PATH,
  type WritePath,
  WriteRequests,
} from '#libs/platform';
import { countWaitingChanges } from '#libs/read-model';
import type { SecretValues } from '#libs/vault';
import { PoliciesController } from './policies.controller.js';
import { PolicyWrites } from './policy-writes.js';

type Standing = StandingGrantsDependencies;

const singleChanges: FactoryProvider<SingleChanges> = {
  provide: SingleChanges,
  inject: [CATALOG, WRITE_PATH, DATABASE, EVENT_STORE, EVENT_CODEC, SECRET_VALUES, ENVIRONMENT],
  useFactory: (
    catalog: Catalog,
    path: WritePath,
    database: Standing['database'],
    store: Standing['store'],
    codec: Standing['codec'],
    secrets: SecretValues,
    { publicUrl }: Environment,
  ) => {
    const standing = new StandingGrants({ database, store, codec });
    return new SingleChanges({ catalog, path, standing, secrets, publicUrl });
  },
};

const secondPerson: FactoryProvider<SecondPerson> = {
  provide: SecondPerson,
  inject: [CATALOG, WRITE_PATH, DATABASE],
  useFactory: (catalog: Catalog, path: WritePath, database: Database) => {
    const waiting = (tenant: string) => countWaitingChanges(database, { tenant, now: path.clock.now().toISOString() });
    return new SecondPerson({ catalog, path, waiting });
  },
};

/** Policies that are looked at and looked after through the API. */
@Module({
  controllers: [PoliciesController],
  providers: [singleChanges, secondPerson, PolicyWrites, WriteRequests],
  exports: [SingleChanges, SecondPerson],
})
export class PoliciesModule {}
