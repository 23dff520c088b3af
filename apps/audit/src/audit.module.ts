import { Module } from '@nestjs/common';
import { AccessController } from './access/access.controller.js';
import { AccessDiffController } from './access/access-diff.controller.js';
import { EventsController } from './events/events.controller.js';
import { EventsExportController } from './events/events-export.controller.js';
import { ReadingModule } from './reading/reading.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { SampledEvidence } from './samples/sampled-evidence.js';
import { SamplesController } from './samples/samples.controller.js';
import { SamplesAtWork } from './samples/samples-at-work.js';
import { SchedulesModule } from './schedules/schedules.module.js';
import { EvidenceFinder } from './why/evidence-finder.js';
import { WhyNotFinder } from './why/why-not.finder.js';

/** The audit API: who held what and why, the log itself, and reports. Needs the engine; writes only who made and took what out of it. */
@Module({
  imports: [ReadingModule, ReportsModule, SchedulesModule],
  // the export comes before the single event, whose id its path would otherwise be
  controllers: [AccessController, AccessDiffController, EventsExportController, EventsController, SamplesController],
  providers: [EvidenceFinder, SampledEvidence, SamplesAtWork, WhyNotFinder],
})
export class AuditModule {}
