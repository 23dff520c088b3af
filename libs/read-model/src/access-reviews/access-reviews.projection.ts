import type { ReviewPolicy } from '#libs/contracts';
import { durationMs } from '#libs/kernel';
import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import { type AccessReviewRow, accessReviewsTable } from './access-reviews.table.js';

interface AboutReview {
  readonly tenant: string;
  readonly data: { readonly review: string };
}

const changeReview = ({ tenant, data }: AboutReview, what: Partial<AccessReviewRow>) => [
  patch(accessReviewsTable, { tenant, review: data.review }, () => what),
];

/** Access reviews: why each was opened, how far it has come, and what it came to. */
export const accessReviews = projection('access-reviews', 1, {
  sight: 'personal',
  tables: [accessReviewsTable],
  categories: ['accessReview'],
  on: {
    AccessReviewOpened: ({ id, tenant, data, recordedAt, position, metadata: { actor } }) => [
      put(accessReviewsTable, {
        ...UNFINISHED,
        tenant,
        review: data.review,
        title: data.title,
        policy: data.policy,
        policy_version: data.policyVersion,
        cause: data.trigger.reason,
        trigger_event: data.trigger.event,
        account: data.account,
        known_at: data.knownAt,
        opened_at: recordedAt,
        opened_pos: position,
        opened_event: id,
        opened_by: `${actor.kind}:${actor.id}`,
        due_at: data.dueAt,
        ...termsOf(data.terms),
      }),
    ],
    AccessReviewPopulated: (event) =>
      changeReview(event, {
        status: 'open',
        items: event.data.items,
        carried_forward: event.data.carriedForward,
        built_ms: event.data.tookMs,
      }),
    AccessReviewHeld: (event) => {
      const { revocations, items, limit, confirm } = event.data;
      return changeReview(event, {
        status: 'held',
        held: { revocations, items, limit, confirm, heldAt: event.recordedAt },
      });
    },
    AccessReviewClosed: (event) =>
      changeReview(event, {
        status: 'closed',
        held: null,
        closed_at: event.recordedAt,
        closed_code: event.data.code,
        closed_event: event.id,
        outcomes: event.data.outcomes,
      }),
    AccessReviewSignedOff: (event) =>
      changeReview(event, {
        status: 'signedOff',
        signed_off_at: event.recordedAt,
        signed_off_by: event.data.by,
        signed_off_via: event.data.via,
        signed_off_event: event.id,
      }),
  },
});

/** What of the terms lists and deadlines need; the people they name are left where they are encrypted. */
function termsOf(terms: ReviewPolicy) {
  return {
    control: terms.control,
    no_response: terms.noResponse,
    stages: terms.stages.length,
    reminders_ms: terms.reminders.map(durationMs),
    escalation_ms: terms.escalation && durationMs(terms.escalation.before),
  };
}

const UNFINISHED = {
  status: 'building',
  items: null,
  carried_forward: null,
  built_ms: null,
  held: null,
  closed_at: null,
  closed_code: null,
  closed_event: null,
  outcomes: null,
  signed_off_at: null,
  signed_off_by: null,
  signed_off_via: null,
  signed_off_event: null,
} as const;
