import { Module } from '@nestjs/common';
import { AccountCommandsModule, WriteRequests } from '#libs/platform';
import { NoticesModule } from '../notices/notices.module.js';
import { PeopleModule } from '../people/people.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { ElevationCommandsController } from './elevation-commands.controller.js';
import { ElevationGrants } from './elevation-grants.js';
import { ElevationPeople } from './elevation-people.js';
import { ElevationSettling } from './elevation-settling.js';
import { ElevationsController } from './elevations.controller.js';
import { Elevations } from './elevations.js';
import { ElevationsProcess } from './elevations.process.js';
import { ElevationSteps } from './elevations.steps.js';

/** Roles for a time: asked for, approved, begun, over. */
@Module({
  imports: [AccountCommandsModule, ReadingModule, PeopleModule, NoticesModule],
  controllers: [ElevationCommandsController, ElevationsController],
  providers: [
    WriteRequests,
    ElevationGrants,
    ElevationPeople,
    Elevations,
    ElevationSettling,
    ElevationsProcess,
    ElevationSteps,
  ],
  exports: [Elevations],
})
export class ElevationsModule {}
