import type {
  AccessReviewClosed,
  AccessReviewHeld,
  AccessReviewOpened,
  AccessReviewPopulated,
  ReviewDecisionRecorded,
  ReviewItemAssigned,
  ReviewItemClosed,
  ReviewItemEvent,
  ReviewItemOpened,
  ReviewItemReopened,
  ReviewPolicy,
} from '#libs/contracts';
import { grantId } from './account.facts.js';
import type { Fact } from './facts.js';
import type { Person } from './people.js';
import { seededId } from './seeded-id.js';
import { by } from './sources.js';

/** An access review of a history. */
export interface SomeReview {
  readonly tenant: string;
  readonly review: string;
}

/** Makes a review up from a word: `aReview('quarterly')` is of the tenant acme. */
export const aReview = (word: string, tenant = 'acme'): SomeReview => ({
  tenant,
  review: seededId('review', tenant, word),
});

/** Terms of a review: the manager is asked within a week, and reminded two days and one day before. */
export const sampleReviewTerms: ReviewPolicy = {
  kind: 'review',
  triggers: [],
  schedule: null,
  timeZone: null,
  scope: { roles: [], applications: [], people: [], connections: [], privileged: false, orphans: false },
  stages: [{ reviewers: [{ kind: 'manager', principal: null }], fallback: [] }],
  due: 'P7D',
  reminders: ['P2D', 'P1D'],
  escalation: null,
  noResponse: 'keep',
  maxRevocations: { percent: 5, atLeast: 10 },
  carryForward: null,
  control: null,
  selfReview: false,
  reasons: [],
  signOff: null,
};

const onReview = ({ tenant, review }: SomeReview, event: Fact['event']): Fact => ({
  category: 'accessReview',
  tenant,
  id: review,
  event,
});

/** An access review begins: by its schedule and for a week, unless said otherwise. */
export function reviewOpened(
  review: SomeReview,
  { terms, ...over }: { terms?: Partial<ReviewPolicy> } & Partial<Omit<AccessReviewOpened['data'], 'terms'>> = {},
): Fact {
  return onReview(review, (at) => ({
    type: 'AccessReviewOpened',
    data: {
      review: review.review,
      title: 'Quarterly review',
      policy: 'quarterly',
      policyVersion: 1,
      trigger: { reason: 'schedule', event: null },
      terms: { ...sampleReviewTerms, ...terms },
      account: null,
      knownAt: 0,
      dueAt: later(at, 7),
      reason: null,
      ...over,
    },
  }));
}

/** Every item of a review is there. */
export const reviewPopulated = (review: SomeReview, over: Partial<AccessReviewPopulated['data']> = {}): Fact =>
  onReview(review, () => ({
    type: 'AccessReviewPopulated',
    data: { review: review.review, items: 1, carriedForward: 0, tookMs: 5, ...over },
  }));

/** A review waits for confirmation. */
export const reviewHeld = (review: SomeReview, over: Partial<AccessReviewHeld['data']> = {}): Fact =>
  onReview(review, () => ({
    type: 'AccessReviewHeld',
    data: { review: review.review, revocations: 12, items: 20, limit: 10, confirm: 'c0ffee', ...over },
  }));

/** A review ends. */
export const reviewClosed = (review: SomeReview, over: Partial<AccessReviewClosed['data']> = {}): Fact =>
  onReview(review, () => ({
    type: 'AccessReviewClosed',
    data: { review: review.review, code: 'complete', outcomes: {}, reason: null, ...over },
  }));

/** A finished review is signed off by a person. */
export const reviewSignedOff = (review: SomeReview, by: Person): Fact =>
  onReview(review, () => ({
    type: 'AccessReviewSignedOff',
    data: { review: review.review, by: by.account, via: 'session', apiKey: null, reason: 'done properly' },
  }));

/** An item of a review: one grant of one person. */
export interface SomeItem extends SomeReview {
  readonly item: string;
  readonly account: string;
  readonly grant: string | null;
  readonly role: string;
}

/** The item of a review about a person's grant of a role; `nth` tells apart grants of the same role. */
export function itemOf({ tenant, review }: SomeReview, person: Person, role: string, nth = 1): SomeItem {
  const item = seededId('item', review, person.account, role, nth);
  return { tenant, review, item, account: person.account, grant: grantId(person, role, nth), role };
}

const onItem = (item: SomeItem, event: (at: string) => ReviewItemEvent, eventId?: string): Fact => ({
  category: 'reviewItem',
  tenant: item.tenant,
  id: item.item,
  ...(eventId === undefined ? {} : { eventId }),
  event,
});

/** An item is opened, and these are asked. */
export const itemOpened = (
  item: SomeItem,
  reviewers: readonly Person[],
  over: Partial<ReviewItemOpened['data']> = {},
): Fact =>
  onItem(item, (at) => ({
    type: 'ReviewItemOpened',
    data: {
      item: item.item,
      review: item.review,
      policy: 'quarterly',
      trigger: { reason: 'schedule', event: null },
      account: item.account,
      grant: item.grant,
      role: item.role,
      source: by('okta', 'engineers'),
      privileged: false,
      fingerprint: 'f0',
      reviewers: reviewers.map(({ account }) => account),
      reviewersAs: reviewers.length > 0 ? 'manager' : 'nobody',
      flags: [],
      recommendation: { decision: 'none', because: ['nothing is known of its use'] },
      stage: 0,
      stages: 1,
      stageDueAt: later(at, 7),
      dueAt: later(at, 7),
      ...over,
    },
  }));

/** Others are asked about an item. */
export const itemAssigned = (
  item: SomeItem,
  reviewers: readonly Person[],
  over: Partial<ReviewItemAssigned['data']> = {},
): Fact =>
  onItem(item, (at) => ({
    type: 'ReviewItemAssigned',
    data: {
      item: item.item,
      review: item.review,
      account: item.account,
      stage: 0,
      reviewers: reviewers.map(({ account }) => account),
      reviewersAs: 'named',
      flags: [],
      why: 'reassigned',
      by: null,
      stageDueAt: later(at, 7),
      reason: null,
      ...over,
    },
  }));

/** Those who have not decided are told again. */
export const itemReminded = (item: SomeItem, reviewers: readonly Person[] = [], stage = 0): Fact =>
  onItem(item, () => ({
    type: 'ReviewItemReminded',
    data: {
      item: item.item,
      review: item.review,
      account: item.account,
      stage,
      reviewers: reviewers.map(({ account }) => account),
    },
  }));

/** Id of the event by which somebody decided about an item for the n-th time. */
export const decisionId = (item: SomeItem, nth = 1): string => seededId('decision', item.item, nth);

/** Somebody decides about an item; null is the system. */
export const itemDecided = (
  item: SomeItem,
  decision: ReviewDecisionRecorded['data']['decision'],
  decider: Person | null,
  { nth = 1, ...over }: { nth?: number } & Partial<ReviewDecisionRecorded['data']> = {},
): Fact =>
  onItem(
    item,
    () => ({
      type: 'ReviewDecisionRecorded',
      data: {
        item: item.item,
        review: item.review,
        account: item.account,
        grant: item.grant,
        role: item.role,
        stage: 0,
        decision,
        until: null,
        to: null,
        by: decider?.account ?? null,
        decidedVia: decider ? 'session' : 'system',
        apiKey: null,
        bulk: false,
        tookMs: null,
        flags: [],
        accountRevision: 1,
        fingerprint: 'f0',
        reason: 'left the project',
        ...over,
      },
    }),
    decisionId(item, nth),
  );

/** The question is answered. */
export const itemClosed = (
  item: SomeItem,
  outcome: ReviewItemClosed['data']['outcome'],
  over: Partial<ReviewItemClosed['data']> = {},
): Fact =>
  onItem(item, () => ({
    type: 'ReviewItemClosed',
    data: {
      item: item.item,
      review: item.review,
      account: item.account,
      outcome,
      because: null,
      effectAfterMs: null,
      fingerprint: 'f0',
      ...over,
    },
  }));

/** The question is put again. */
export const itemReopened = (item: SomeItem, over: Partial<ReviewItemReopened['data']> = {}): Fact =>
  onItem(item, (at) => ({
    type: 'ReviewItemReopened',
    data: {
      item: item.item,
      review: item.review,
      account: item.account,
      changed: ['department'],
      event: null,
      fingerprint: 'f1',
      stageDueAt: later(at, 7),
      dueAt: later(at, 7),
      ...over,
    },
  }));

const DAY_MS = 86_400_000;

/** The instant some days after another one. */
const later = (instant: string, days: number): string => new Date(Date.parse(instant) + days * DAY_MS).toISOString();
