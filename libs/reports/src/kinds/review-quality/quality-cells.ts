import type { AccountAsOf } from '#libs/read-model';
import type { CellOf } from '../../histories/row-layout.js';
import type { ReviewFacts } from '../reviews/review-facts.js';
import type { Quality } from './quality.fold.js';

/** How somebody decided, with the names of what and whom it is about. */
export interface KnownQuality {
  readonly quality: Quality;
  readonly review: ReviewFacts | undefined;
  readonly reviewer: AccountAsOf | undefined;
}

/** A share between 0 and 1 with four places; null of nothing. */
const share = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;

/** The columns of the report of how reviewers decide. */
export const QUALITY_CELLS: readonly CellOf<KnownQuality>[] = [
  { name: 'review', type: 'text', means: 'Id of the access review.', of: ({ quality }) => quality.review },
  {
    name: 'reviewTitle',
    type: 'text',
    means: 'What the review is called, as whoever opened it wrote.',
    personal: true,
    of: ({ review }) => review?.title ?? null,
  },
  {
    name: 'policy',
    type: 'text',
    means: 'The policy that asked for the review; empty without one.',
    of: ({ quality }) => quality.policy,
  },
  { name: 'reviewer', type: 'text', means: 'Id of the account that decided.', of: ({ quality }) => quality.reviewer },
  {
    name: 'reviewerName',
    type: 'text',
    means: 'User name of the reviewer at the end of the period.',
    personal: true,
    of: ({ reviewer }) => reviewer?.userName ?? null,
  },
  {
    name: 'decided',
    type: 'integer',
    means: 'How many decisions the reviewer made in this review within the period, abstentions included.',
    of: ({ quality }) => quality.decided,
  },
  { name: 'certified', type: 'integer', means: 'How many of them certify.', of: ({ quality }) => quality.certified },
  { name: 'revoked', type: 'integer', means: 'How many of them revoke.', of: ({ quality }) => quality.revoked },
  {
    name: 'reduced',
    type: 'integer',
    means: 'How many of them set an earlier end.',
    of: ({ quality }) => quality.reduced,
  },
  { name: 'abstained', type: 'integer', means: 'How many of them abstain.', of: ({ quality }) => quality.abstained },
  {
    name: 'timed',
    type: 'integer',
    means: 'Of how many of them is known how long they took.',
    of: ({ quality }) => quality.timed,
  },
  {
    name: 'medianSeconds',
    type: 'decimal',
    means: 'Median of the seconds from showing an item to its decision, over those; empty where none is known.',
    of: ({ quality }) => quality.medianSeconds,
  },
  {
    name: 'bulk',
    type: 'integer',
    means: 'How many were decided together with others at once.',
    of: ({ quality }) => quality.bulk,
  },
  {
    name: 'bulkShare',
    type: 'decimal',
    means: 'The same as a share of all decisions, 0 to 1.',
    of: ({ quality }) => share(quality.bulk, quality.decided),
  },
  {
    name: 'recommended',
    type: 'integer',
    means: 'How many decisions other than abstentions were about items with a recommendation to certify or to revoke.',
    of: ({ quality }) => quality.recommended,
  },
  {
    name: 'agreed',
    type: 'integer',
    means: 'How many of those followed the recommendation; an earlier end counts as following one to revoke.',
    of: ({ quality }) => quality.agreed,
  },
  {
    name: 'agreementShare',
    type: 'decimal',
    means: 'The same as a share, 0 to 1; empty where nothing was recommended.',
    of: ({ quality }) => share(quality.agreed, quality.recommended),
  },
  {
    name: 'reversed',
    type: 'integer',
    means:
      'How many decisions were contradicted within 90 days and by the end of the period: certified, and then revoked or reduced by a later decision about the same role of the same account, in whatever stage or review; or the other way round, also by a withholding that an administrator lifted.',
    of: ({ quality }) => quality.reversed,
  },
  {
    name: 'reversedShare',
    type: 'decimal',
    means: 'The same as a share of all decisions, 0 to 1.',
    of: ({ quality }) => share(quality.reversed, quality.decided),
  },
  {
    name: 'firstDecidedAt',
    type: 'instant',
    means: 'When the first of these decisions was made.',
    of: ({ quality }) => quality.firstAt,
  },
  {
    name: 'lastDecidedAt',
    type: 'instant',
    means: 'When the last of these decisions was made.',
    of: ({ quality }) => quality.lastAt,
  },
  {
    name: 'position',
    type: 'integer',
    means: 'Position in the log of the first of these decisions.',
    of: ({ quality }) => quality.position,
  },
];
