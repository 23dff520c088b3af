import { Module } from '@nestjs/common';
import { AccountCommandsModule } from '#libs/platform';
import { NoticesModule } from '../notices/notices.module.js';
import { PeopleModule } from '../people/people.module.js';
import { ReadingModule } from '../reading/reading.module.js';
import { AccountFactsReader } from './account-facts.js';
import { AccountTriggersStep } from './account-triggers.step.js';
import { AdHocReviews } from './ad-hoc-reviews.js';
import { Attempts } from './attempts.js';
import { ClockTriggers } from './clock-triggers.js';
import { ClosingReviews } from './closing-reviews.js';
import { DecideItem } from './decide-item.js';
import { FindingReviews } from './finding-reviews.js';
import { ItemDeadlines } from './item-deadlines.js';
import { ItemDrafts } from './item-drafts.js';
import { ItemEffects } from './item-effects.js';
import { ItemQuestions } from './item-questions.js';
import { ItemRecheckStep } from './item-recheck.step.js';
import { PoliciesAtEvent } from './policies-at-event.js';
import { PopulateReviews } from './populate-reviews.js';
import { ReviewEffectsStep } from './review-effects.step.js';
import { ReviewEnds } from './review-ends.js';
import { ReviewLog } from './review-log.js';
import { ReviewNoticesStep } from './review-notices.step.js';
import { ReviewOpening } from './review-opening.js';
import { ReviewSchedule } from './review-schedule.js';
import { ReviewerFinder } from './reviewer-finder.js';
import { ReviewersGone } from './reviewers-gone.js';
import { ReviewingProcess } from './reviewing.process.js';
import { ScopePages } from './scope-pages.js';
import { SourcesGone } from './sources-gone.js';
import { SpecialTriggersStep } from './special-triggers.step.js';

/** What people ask of reviews. */
const USE_CASES = [DecideItem, AdHocReviews, ClosingReviews, FindingReviews];

/** What happens in reviews because something happened elsewhere, or time passed. */
const FOLLOWING = [
  AccountTriggersStep,
  SpecialTriggersStep,
  ItemRecheckStep,
  ReviewEffectsStep,
  ReviewNoticesStep,
  ReviewSchedule,
  ClockTriggers,
  ItemDeadlines,
  ReviewEnds,
  ReviewingProcess,
];

/** Access reviews, from their opening to their end. */
@Module({
  imports: [AccountCommandsModule, ReadingModule, PeopleModule, NoticesModule],
  providers: [
    ...USE_CASES,
    ...FOLLOWING,
    Attempts,
    ReviewLog,
    AccountFactsReader,
    ReviewerFinder,
    ReviewersGone,
    PoliciesAtEvent,
    SourcesGone,
    ScopePages,
    ItemDrafts,
    ItemEffects,
    ItemQuestions,
    ReviewOpening,
    PopulateReviews,
  ],
  exports: [...USE_CASES, ReviewLog],
})
export class ReviewingModule {}
