import { Module } from '@nestjs/common';
import { WriteRequests } from '#libs/platform';
import { ProjectionJobs } from './projection-jobs.js';
import { ProjectionsController } from './projections.controller.js';

/** Care of the read model: rebuild, verify, replay. */
@Module({ controllers: [ProjectionsController], providers: [ProjectionJobs, WriteRequests] })
export class ProjectionsModule {}
