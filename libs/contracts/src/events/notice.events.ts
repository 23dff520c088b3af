import { z } from 'zod';
import { event } from '../event-entry.js';
import { uuid } from '../vocabulary.js';

/** What people are told of. */
export const NOTICE_KINDS = [
  'review-items',
  'review-reminder',
  'review-escalation',
  'review-closed',
  'elevation-requested',
  'elevation-decided',
  'change-held',
  'finding-owned',
] as const;

const shape = {
  notice: uuid,
  kind: z.enum(NOTICE_KINDS),
  channel: z.enum(['smtp', 'webhook']),
  /** The account that is told; null for a webhook. */
  recipient: uuid.nullable(),
  /** What it is about: ids of a review, an elevation, a change or a finding, and how many items. */
  about: z.strictObject({
    noun: z.enum(['review', 'elevation', 'change', 'finding']),
    id: uuid,
    items: z.int().nonnegative(),
  }),
  attempts: z.int().positive(),
};

export const noticeSent = event(
  'notice',
  'NoticeSent',
  'a notice was taken over by the mail server or the webhook’s receiver',
  z.strictObject(shape),
);

export const noticeFailed = event(
  'notice',
  'NoticeFailed',
  'a notice could not be delivered, and no further attempt is made',
  z.strictObject({ ...shape, code: z.enum(['no-address', 'refused', 'unreachable', 'no-channel', 'recipient-gone']) }),
);
