import type { ReviewDecisionRecorded, ReviewItemAssigned } from '#libs/contracts';
import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import {
  type RecordedDecision,
  type ReviewedSource,
  type ReviewItemRow,
  reviewItemsTable,
} from './review-items.table.js';

interface AboutItem {
  readonly tenant: string;
  readonly data: { readonly item: string };
}

const changeItem = ({ tenant, data }: AboutItem, patchOf: (row: ReviewItemRow) => Partial<ReviewItemRow>) => [
  patch(reviewItemsTable, { tenant, item: data.item }, patchOf),
];

/** Items of access reviews: who is asked what until when, what was decided, and whether it has taken effect. */
export const reviewItems = projection('review-items', 1, {
  sight: 'facts',
  tables: [reviewItemsTable],
  categories: ['reviewItem'],
  on: {
    ReviewItemOpened: ({ id, tenant, data, recordedAt, position }) => [
      put(reviewItemsTable, {
        ...UNDECIDED,
        tenant,
        item: data.item,
        review: data.review,
        policy: data.policy,
        cause: data.trigger.reason,
        trigger_event: data.trigger.event,
        account: data.account,
        grant_id: data.grant,
        role: data.role,
        source: data.source && sourceOf(data.source),
        privileged: data.privileged,
        fingerprint: data.fingerprint,
        reviewers: data.reviewers,
        reviewers_as: data.reviewersAs,
        flags: data.flags,
        recommendation: data.recommendation,
        opened_at: recordedAt,
        opened_pos: position,
        opened_event: id,
        stage: data.stage,
        stages: data.stages,
        stage_began_at: recordedAt,
        stage_due_at: data.stageDueAt,
        due_at: data.dueAt,
      }),
    ],
    ReviewItemAssigned: (event) => changeItem(event, (row) => assigned(row, event)),
    ReviewItemReminded: (event) =>
      changeItem(event, ({ reminders }) => ({ reminded_at: event.recordedAt, reminders: reminders + 1 })),
    ReviewDecisionRecorded: (event) => changeItem(event, (row) => decided(row, event)),
    ReviewItemClosed: (event) =>
      changeItem(event, () => ({
        status: 'closed',
        outcome: event.data.outcome,
        closed_at: event.recordedAt,
        because: event.data.because,
        effect_ms: event.data.effectAfterMs,
        fingerprint: event.data.fingerprint,
      })),
    ReviewItemReopened: (event) =>
      changeItem(event, () => ({
        ...REOPENED,
        fingerprint: event.data.fingerprint,
        stage_began_at: event.recordedAt,
        stage_due_at: event.data.stageDueAt,
        due_at: event.data.dueAt,
      })),
  },
});

const sourceOf = ({ kind, connection, rule, ruleVersion, actor }: ReviewedSource): ReviewedSource => ({
  kind,
  connection,
  rule,
  ruleVersion,
  actor,
});

interface Assigned {
  readonly recordedAt: string;
  readonly data: ReviewItemAssigned['data'];
}

/** Every stage is reminded and escalated by itself. */
function assigned(row: ReviewItemRow, { recordedAt, data }: Assigned): Partial<ReviewItemRow> {
  const isAnew = data.stage !== row.stage || data.why === 'reopened';
  return {
    stage: data.stage,
    reviewers: data.reviewers,
    reviewers_as: data.reviewersAs,
    flags: data.flags,
    stage_due_at: data.stageDueAt,
    ...(isAnew ? { ...UNREMINDED, stage_began_at: recordedAt } : {}),
    ...(data.why === 'escalated' ? { escalated: true } : {}),
  };
}

interface Decided {
  readonly id: string;
  readonly recordedAt: string;
  readonly data: ReviewDecisionRecorded['data'];
}

function decided(row: ReviewItemRow, event: Decided): Partial<ReviewItemRow> {
  const { by, decision } = event.data;
  const deciders = by === null || row.deciders.includes(by) ? row.deciders : [...row.deciders, by];
  if (decision === 'reassign' || decision === 'delegate') return { deciders };
  return {
    deciders,
    decision: decisionOf(event),
    decided_at: event.recordedAt,
    // whoever abstains is not asked any more
    ...(decision === 'abstain' ? { reviewers: row.reviewers.filter((reviewer) => reviewer !== by) } : {}),
    ...(decision === 'revoke' || decision === 'reduce' ? { status: 'revoking' } : {}),
  };
}

const decisionOf = ({ id, recordedAt, data }: Decided): RecordedDecision => ({
  decision: data.decision,
  by: data.by,
  via: data.decidedVia,
  apiKey: data.apiKey,
  at: recordedAt,
  event: id,
  until: data.until,
  bulk: data.bulk,
  stage: data.stage,
});

const UNREMINDED = { reminded_at: null, reminders: 0, escalated: false } as const;
/** Who decided before stays on record: nobody of them signs the review off. */
const REOPENED = {
  status: 'open',
  decision: null,
  decided_at: null,
  outcome: null,
  closed_at: null,
  because: null,
  effect_ms: null,
  ...UNREMINDED,
} as const;
const UNDECIDED = { ...REOPENED, deciders: [] } as const;
