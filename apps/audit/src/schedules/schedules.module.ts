import { Module } from '@nestjs/common';
import type { Database } from '#libs/database';
import { CLOCK, type Clock, DATABASE } from '#libs/platform';
import { ReportDeliveries } from '#libs/reports';
import { ReadingModule } from '../reading/reading.module.js';
import { ReportsModule } from '../reports/reports.module.js';
import { DeliveryMetrics } from './delivery.metrics.js';
import { DeliveryRecords } from './delivery-records.js';
import { ReportDelivery } from './report-delivery.js';
import { ScheduledReports } from './scheduled-reports.js';
import { SchedulesProcess } from './schedules.process.js';
import { REPORT_DELIVERIES } from './schedules.tokens.js';

/** Reports that the clock asks for, and how they reach people. */
@Module({
  imports: [ReadingModule, ReportsModule],
  providers: [
    {
      provide: REPORT_DELIVERIES,
      inject: [DATABASE, CLOCK],
      useFactory: (database: Database, clock: Clock) => new ReportDeliveries({ database, clock }),
    },
    DeliveryMetrics,
    DeliveryRecords,
    ReportDelivery,
    ScheduledReports,
    SchedulesProcess,
  ],
})
export class SchedulesModule {}
