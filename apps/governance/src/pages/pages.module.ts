import { Module } from '@nestjs/common';
import { ChangesModule } from '../changes/changes.module.js';
import { ElevationsModule } from '../elevations/elevations.module.js';
import { PeopleModule } from '../people/people.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { ReviewItemsModule } from '../review-items/review-items.module.js';
import { ApprovalsController } from './approvals.controller.js';
import { ChangeViews } from './change-views.js';
import { ChangePagesController } from './changes.controller.js';
import { ElevationViews } from './elevation-views.js';
import { PageForms } from './page-forms.js';
import { ReviewItemController } from './review-item.controller.js';
import { ReviewViews } from './review-views.js';
import { ReviewsController } from './reviews.controller.js';

/** Pages of reviewers and approvers: where links in notices lead. */
@Module({
  imports: [PeopleModule, ReadingModule, ReviewItemsModule, ElevationsModule, ChangesModule],
  controllers: [ReviewsController, ReviewItemController, ApprovalsController, ChangePagesController],
  providers: [PageForms, ReviewViews, ElevationViews, ChangeViews],
})
export class PagesModule {}
