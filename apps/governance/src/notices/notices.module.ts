import { Module } from '@nestjs/common';
import type { Database } from '#libs/database';
import { mail, NoticeOutbox } from '#libs/notices';
import { CLOCK, type Clock, DATABASE, ENVIRONMENT, type Environment } from '#libs/platform';
import { ReadingModule } from '../reading/reading.module.js';
import { NoticeDelivery } from './notice-delivery.js';
import { NoticeQueue } from './notice-queue.js';
import { NoticeRecords } from './notice-records.js';
import { NoticesProcess } from './notices.process.js';
import { MAIL, NOTICE_OUTBOX } from './notices.tokens.js';

/** Tells people what waits for them: an outbox, and the process that empties it. */
@Module({
  imports: [ReadingModule],
  providers: [
    {
      provide: NOTICE_OUTBOX,
      inject: [DATABASE, CLOCK],
      useFactory: (database: Database, clock: Clock) => new NoticeOutbox({ database, clock }),
    },
    {
      provide: MAIL,
      inject: [ENVIRONMENT],
      useFactory: (environment: Environment) => environment.mail && mail(environment.mail),
    },
    NoticeRecords,
    NoticeDelivery,
    NoticesProcess,
    NoticeQueue,
  ],
  exports: [NoticeQueue],
})
export class NoticesModule {}
