import { Inject, Injectable } from '@nestjs/common';
import {
  type AccessReviewCommand,
  type AccessReviewState,
  accessReviewDecider,
  type OpenItem,
  type OpenReview,
  type ReviewItemCommand,
  type ReviewItemState,
  reviewItemDecider,
} from '#libs/domain';
import { decideAndAppend, decideAndBegin, type Outcome, readAggregate } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { WRITE_PATH, type WritePath } from '#libs/platform';

/** Reviews and their items as their streams tell them, and what is asked of them. */
@Injectable()
export class ReviewLog {
  constructor(@Inject(WRITE_PATH) private readonly path: WritePath) {}

  /** Carries out a command on a review. @throws what the review refuses */
  run(review: string, command: AccessReviewCommand): Promise<Outcome<AccessReviewState>> {
    return decideAndAppend(this.path, reviewStream(command.metadata.tenant, review), accessReviewDecider, command);
  }

  /** Carries out a command on an item. @throws what the item refuses */
  runItem(item: string, command: ReviewItemCommand): Promise<Outcome<ReviewItemState>> {
    return decideAndAppend(this.path, itemStream(command.metadata.tenant, item), reviewItemDecider, command);
  }

  /** Opens a review; one that is there already stays as it is. */
  open(data: OpenReview['data'], metadata: CommandMetadata): Promise<Outcome<AccessReviewState>> {
    const stream = reviewStream(metadata.tenant, data.review);
    return decideAndBegin(this.path, stream, accessReviewDecider, { type: 'OpenReview', data, metadata });
  }

  /** Opens an item; one that is there already stays as it is. */
  openItem(data: OpenItem['data'], metadata: CommandMetadata): Promise<Outcome<ReviewItemState>> {
    const stream = itemStream(metadata.tenant, data.item);
    return decideAndBegin(this.path, stream, reviewItemDecider, { type: 'OpenItem', data, metadata });
  }

  /** A review as it stands; `absent` where there is none. */
  async review(tenant: string, review: string): Promise<AccessReviewState> {
    return (await readAggregate(this.path, reviewStream(tenant, review), accessReviewDecider)).state;
  }

  /** An item as it stands; `absent` where there is none. */
  async item(tenant: string, item: string): Promise<ReviewItemState> {
    return (await readAggregate(this.path, itemStream(tenant, item), reviewItemDecider)).state;
  }
}

const reviewStream = (tenant: string, id: string) => streamName({ category: 'accessReview', tenant, id });
const itemStream = (tenant: string, id: string) => streamName({ category: 'reviewItem', tenant, id });
