import { Module } from '@nestjs/common';
import { WriteRequests } from '#libs/platform';
import { PeopleModule } from '../people/people.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { ReviewingModule } from '../reviewing/reviewing.module.js';
import { AccessReviewCommandsController } from './access-review-commands.controller.js';
import { AccessReviewsController } from './access-reviews.controller.js';
import { ReviewTerms } from './review-terms.js';

/** Reviews as a whole: listed, opened and ended by hand, signed off. */
@Module({
  imports: [PeopleModule, ReadingModule, ReviewingModule],
  controllers: [AccessReviewsController, AccessReviewCommandsController],
  providers: [WriteRequests, ReviewTerms],
})
export class AccessReviewsModule {}
