import { Module } from '@nestjs/common';
import { AccountCommandsModule, WriteRequests } from '#libs/platform';
import { NoticesModule } from '../notices/notices.module.js';
import { PeopleModule } from '../people/people.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { ReviewingModule } from '../reviewing/reviewing.module.js';
import { ActionQuota } from './action-quota.js';
import { ConformanceStep } from './conformance.step.js';
import { ConformanceFactsReader } from './conformance-facts.js';
import { FindingActions } from './finding-actions.js';
import { FindingCommandsController } from './finding-commands.controller.js';
import { FindingNotices } from './finding-notices.js';
import { FindingOwners } from './finding-owners.js';
import { FindingRecords } from './finding-records.js';
import { FindingsController } from './findings.controller.js';
import { FindingsProcess } from './findings.process.js';
import { FindingsScan } from './findings-scan.js';
import { InsightMemory } from './insight-memory.js';
import { InsightsStep } from './insights.step.js';
import { PolicyViolationsController } from './policy-violations.controller.js';
import { SettingsAtEvent } from './settings-at-event.js';
import { SodStep } from './sod.step.js';
import { SodScan } from './sod-scan.js';
import { SodViolations } from './sod-violations.js';
import { UnknownGroupsStep } from './unknown-groups.step.js';

/** What stands out: shown by events at once, and by time once a minute. */
@Module({
  imports: [ReadingModule, PeopleModule, NoticesModule, ReviewingModule, AccountCommandsModule],
  controllers: [FindingsController, FindingCommandsController, PolicyViolationsController],
  providers: [
    WriteRequests,
    FindingOwners,
    FindingRecords,
    FindingNotices,
    SettingsAtEvent,
    SodViolations,
    SodScan,
    SodStep,
    ConformanceFactsReader,
    ConformanceStep,
    InsightMemory,
    InsightsStep,
    UnknownGroupsStep,
    ActionQuota,
    FindingActions,
    FindingsScan,
    FindingsProcess,
  ],
})
export class FindingsModule {}
