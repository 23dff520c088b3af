import { Module } from '@nestjs/common';
import { AccessController } from './access/access.controller.js';
import { EventsController } from './events/events.controller.js';
import { ReadModel } from './reading/read-model.js';
import { EvidenceFinder } from './why/evidence-finder.js';
import { WhyNotFinder } from './why/why-not.finder.js';

/** The audit API: who held what and why, and the log itself. Needs the engine; reads only. */
@Module({
  controllers: [AccessController, EventsController],
  providers: [ReadModel, EvidenceFinder, WhyNotFinder],
})
export class AuditModule {}
