import { Module } from '@nestjs/common';
import { WriteRequests } from '#libs/platform';
import { PeopleModule } from '../people/people.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { SodExceptionRecords } from './sod-exception-records.js';
import { SodExceptionsController } from './sod-exceptions.controller.js';
import { SodExceptionsProcess } from './sod-exceptions.process.js';

/** Exceptions from segregation of duties, granted, ended and run out. */
@Module({
  imports: [ReadingModule, PeopleModule],
  controllers: [SodExceptionsController],
  providers: [WriteRequests, SodExceptionRecords, SodExceptionsProcess],
})
export class SodExceptionsModule {}
