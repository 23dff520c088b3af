import { type FactoryProvider, Module } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { SingleChanges, StandingGrants, type StandingGrantsDependencies } from '#libs/configuration';
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
import type { SecretValues } from '#libs/vault';
import { ElevationPeople } from '../elevations/elevation-people.js';
import { ConformanceFactsReader } from '../findings/conformance-facts.js';
import { PeopleModule } from '../people/people.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { ReviewingModule } from '../reviewing/reviewing.module.js';
import { ConformanceWhatIf } from './conformance-what-if.js';
import { ConnectionWhatIf } from './connection-what-if.js';
import { ElevationWhatIf } from './elevation-what-if.js';
import { PeopleAgain } from './people-again.js';
import { PolicyWhatIf } from './policy-what-if.js';
import { ProposedConnections } from './proposed-connections.js';
import { RecordedDays } from './recorded-days.js';
import { ReviewItemsOpening } from './review-items-opening.js';
import { SodWhatIf } from './sod-what-if.js';
import { WatchWhatIf } from './watch-what-if.js';
import { WhatIfController } from './what-if.controller.js';
import { WhatIf } from './what-if.js';

type Standing = StandingGrantsDependencies;

const standing: FactoryProvider<StandingGrants> = {
  provide: StandingGrants,
  inject: [DATABASE, EVENT_STORE, EVENT_CODEC],
  useFactory: (database: Standing['database'], store: Standing['store'], codec: Standing['codec']) =>
    new StandingGrants({ database, store, codec }),
};

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

/** What would follow from policies and mappings that are not in force. */
@Module({
  imports: [ReadingModule, PeopleModule, ReviewingModule],
  controllers: [WhatIfController],
  providers: [
    standing,
    singleChanges,
    WriteRequests,
    ElevationPeople,
    ConformanceFactsReader,
    RecordedDays,
    ProposedConnections,
    PeopleAgain,
    ReviewItemsOpening,
    ConnectionWhatIf,
    SodWhatIf,
    ConformanceWhatIf,
    WatchWhatIf,
    ElevationWhatIf,
    PolicyWhatIf,
    WhatIf,
  ],
})
export class WhatIfModule {}
