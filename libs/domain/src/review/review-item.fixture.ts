import type { ReviewDecisionRecorded, ReviewItemAssigned, ReviewItemOpened } from '#libs/contracts';
import type { DecideItem, DecisionFacts, PassOnItem } from './review-item.commands.js';

/** Ids of people and things in specs of review items. */
const id = (number: number): string => `00000000-0000-4000-8000-${number.toString().padStart(12, '0')}`;
export const [ADA, OLGA, BO, CY, DEE] = [1, 2, 3, 4, 5].map(id) as [string, string, string, string, string];
export const [REVIEW, ITEM, GRANT, CAUSE, KEY] = [11, 12, 13, 14, 15].map(id) as [
  string,
  string,
  string,
  string,
  string,
];

/** Before and after something changed. */
export const [BEFORE, AFTER] = ['a'.repeat(64), 'b'.repeat(64)] as [string, string];
/** End of the first of two stages, and of the second. */
export const STAGE_ENDS = '2026-03-04T08:00:00.000Z';
export const ENDS = '2026-03-08T08:00:00.000Z';

/** Ada's grant, about which Olga and Bo are asked, in one stage. */
export const question: ReviewItemOpened['data'] = {
  item: ITEM,
  review: REVIEW,
  policy: 'privileged-grants',
  trigger: { reason: 'privilegedRoleGranted', event: CAUSE },
  account: ADA,
  grant: GRANT,
  role: 'crm.admin',
  source: { kind: 'rule', connection: 'okta', connectionVersion: 1, rule: 'admins', ruleVersion: 1, actor: null },
  privileged: true,
  fingerprint: BEFORE,
  reviewers: [OLGA, BO],
  reviewersAs: 'roleOwner',
  flags: [],
  recommendation: { decision: 'none', because: [] },
  stage: 0,
  stages: 1,
  stageDueAt: ENDS,
  dueAt: ENDS,
};

const onItem = (type: string, data: object, eventId?: string) => ({
  category: 'reviewItem',
  tenant: 'acme',
  id: ITEM,
  ...(eventId === undefined ? {} : { eventId }),
  event: () => ({ type, data }),
});
const ofItem = { item: ITEM, review: REVIEW, account: ADA };

/** Facts of the item. */
export const opened = (over: Partial<ReviewItemOpened['data']> = {}) =>
  onItem('ReviewItemOpened', { ...question, ...over });
export const inTwoStages = () => opened({ stages: 2, stageDueAt: STAGE_ENDS });
export const decided = (over: Partial<ReviewDecisionRecorded['data']> = {}, eventId?: string) =>
  onItem(
    'ReviewDecisionRecorded',
    {
      ...ofItem,
      grant: GRANT,
      role: 'crm.admin',
      stage: 0,
      decision: 'certify',
      until: null,
      to: null,
      by: OLGA,
      decidedVia: 'session',
      apiKey: null,
      bulk: false,
      tookMs: null,
      flags: [],
      accountRevision: 3,
      fingerprint: BEFORE,
      reason: null,
      ...over,
    },
    eventId,
  );
export const assigned = (over: Partial<ReviewItemAssigned['data']> = {}) =>
  onItem('ReviewItemAssigned', {
    ...ofItem,
    stage: 0,
    reviewers: [CY],
    reviewersAs: 'fallback',
    flags: [],
    why: 'reviewer-gone',
    by: null,
    stageDueAt: ENDS,
    reason: null,
    ...over,
  });
export const reminded = (stage = 0) => onItem('ReviewItemReminded', { ...ofItem, stage, reviewers: [OLGA, BO] });
export const closed = (outcome: string, fingerprint = BEFORE) =>
  onItem('ReviewItemClosed', { ...ofItem, outcome, because: null, effectAfterMs: null, fingerprint });
export const reopened = () =>
  onItem('ReviewItemReopened', {
    ...ofItem,
    changed: ['department'],
    event: CAUSE,
    fingerprint: AFTER,
    stageDueAt: ENDS,
    dueAt: ENDS,
  });

/** The grant is there, as it was when the question was put. */
export const asItWas: DecisionFacts = {
  grantOpen: true,
  endedBy: null,
  grantUntil: null,
  fingerprint: BEFORE,
  accountRevision: 3,
};

const byOlga = {
  by: OLGA,
  via: 'session',
  apiKey: null,
  reason: 'looked at it',
  bulk: false,
  tookMs: 4000,
  stage: 0,
  terms: { selfReview: false, reasons: [] },
  facts: asItWas,
  approvedBy: new Set<string>(),
} as const;

/** Olga decides, unless said otherwise. */
export const decide = (
  decision: DecideItem['data']['decision'],
  over: Partial<DecideItem['data']> = {},
  at?: string,
): { type: 'DecideItem'; data: DecideItem['data']; at?: string } => ({
  type: 'DecideItem',
  data: { ...byOlga, decision, until: null, next: null, fallback: null, ...over },
  ...(at ? { at } : {}),
});

/** Olga asks somebody else, unless said otherwise. */
export const passOn = (
  decision: PassOnItem['data']['decision'],
  to: string,
  over: Partial<PassOnItem['data']> = {},
): { type: 'PassOnItem'; data: PassOnItem['data'] } => ({
  type: 'PassOnItem',
  data: { ...byOlga, decision, to, ...over },
});
