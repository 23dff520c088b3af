import { Module } from '@nestjs/common';
import { AccountCommandsModule } from '#libs/platform';
import { AccessReviewsModule } from './access-reviews/access-reviews.module.js';
import { ChangesModule } from './changes/changes.module.js';
import { ElevationsModule } from './elevations/elevations.module.js';
import { FindingsModule } from './findings/findings.module.js';
import { PagesModule } from './pages/pages.module.js';
import { PeopleModule } from './people/people.module.js';
import { PoliciesModule } from './policies/policies.module.js';
import { ReadingModule } from './reading/reading.module.js';
import { ReviewItemsModule } from './review-items/review-items.module.js';
import { ReviewingModule } from './reviewing/reviewing.module.js';
import { SodExceptionsModule } from './sod-exceptions/sod-exceptions.module.js';
import { UsageModule } from './usage/usage.module.js';
import { WhatIfModule } from './what-if/what-if.module.js';

/** Reviews, policies, elevations and findings: what follows from the log for those who answer for access. */
@Module({
  imports: [
    AccountCommandsModule,
    ReadingModule,
    ReviewingModule,
    ReviewItemsModule,
    AccessReviewsModule,
    PagesModule,
    PeopleModule,
    ChangesModule,
    ElevationsModule,
    PoliciesModule,
    FindingsModule,
    SodExceptionsModule,
    UsageModule,
    WhatIfModule,
  ],
})
export class GovernanceModule {}
