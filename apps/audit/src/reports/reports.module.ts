import { type FactoryProvider, Module } from '@nestjs/common';
import type { Database } from '#libs/database';
import { Nudge } from '#libs/event-store';
import {
  CLOCK,
  type Clock,
  DATABASE,
  EVENT_CODEC,
  EVENT_STORE,
  SOFTWARE_VERSION,
  StorageHealth,
  WriteRequests,
} from '#libs/platform';
import { REPORTS, ReportQueue, ReportRunner, type ReportSource } from '#libs/reports';
import { ReadingModule } from '../reading/reading.module.js';
import { AskedReports } from './asked-reports.js';
import { AuditReads } from './audit-reads.js';
import { ReportMetrics } from './report.metrics.js';
import { ReportCommandsController } from './report-commands.controller.js';
import { ReportFilesController } from './report-files.controller.js';
import { ReportRecords } from './report-records.js';
import { ReportsController } from './reports.controller.js';
import { observing, ReportsProcess } from './reports.process.js';
import { REPORT_ADDED, REPORT_QUEUE, REPORT_RUNNER, REPORT_SOURCE } from './reports.tokens.js';
import { ReportsAtHand } from './reports-at-hand.js';
import { TenantHistory } from './tenant-history.js';

const queue: FactoryProvider<ReportQueue> = {
  provide: REPORT_QUEUE,
  inject: [DATABASE, CLOCK, REPORT_ADDED, ReportMetrics],
  useFactory: (database: Database, clock: Clock, added: Nudge, metrics: ReportMetrics) => {
    const opened = new ReportQueue({ database, clock, onAdded: () => added.wake() });
    metrics.showUnfinished(() => opened.unfinished());
    return opened;
  },
};

const source: FactoryProvider<ReportSource> = {
  provide: REPORT_SOURCE,
  inject: [DATABASE, EVENT_STORE, EVENT_CODEC],
  useFactory: (
    database: ReportSource['database'],
    store: ReportSource['store'],
    reader: ReportSource['reader'],
  ): ReportSource => ({ database, store, reader }),
};

const runner: FactoryProvider<ReportRunner> = {
  provide: REPORT_RUNNER,
  inject: [REPORT_SOURCE, CLOCK, ReportRecords, ReportMetrics, StorageHealth],
  useFactory: (
    source: ReportSource,
    clock: Clock,
    records: ReportRecords,
    metrics: ReportMetrics,
    storage: StorageHealth,
  ) =>
    new ReportRunner({
      source,
      kinds: REPORTS,
      clock,
      softwareVersion: SOFTWARE_VERSION,
      recordGenerated: (job, sheet, files) => records.generated(job, sheet, files),
      observe: observing(metrics, storage, clock),
    }),
};

/** Reports: asked for over HTTP, made by a job, had as files. */
@Module({
  imports: [ReadingModule],
  controllers: [ReportCommandsController, ReportsController, ReportFilesController],
  providers: [
    WriteRequests,
    { provide: REPORT_ADDED, useFactory: () => new Nudge() },
    queue,
    source,
    runner,
    AskedReports,
    AuditReads,
    ReportMetrics,
    ReportRecords,
    ReportsAtHand,
    ReportsProcess,
    TenantHistory,
  ],
  exports: [AskedReports, AuditReads, REPORT_QUEUE, ReportsAtHand],
})
export class ReportsModule {}
