import { Module } from '@nestjs/common';
import { WriteRequests } from '#libs/platform';
import { PeopleModule } from '../people/people.module.js';
import { ReviewingModule } from '../reviewing/reviewing.module.js';
import { ItemDecisionsController } from './item-decisions.controller.js';
import { ItemDecisions } from './item-decisions.js';
import { ReviewItemsController } from './review-items.controller.js';

/** What reviewers are asked, and what they answer. */
@Module({
  imports: [PeopleModule, ReviewingModule],
  controllers: [ReviewItemsController, ItemDecisionsController],
  providers: [WriteRequests, ItemDecisions],
  exports: [ItemDecisions],
})
export class ReviewItemsModule {}
