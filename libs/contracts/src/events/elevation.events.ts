import { z } from 'zod';
import { event } from '../event-entry.js';
import { instant, name, reason, uuid } from '../vocabulary.js';
import { decidedVia } from './review.events.js';

const accounts = z.array(uuid).max(50);
const actor = z.string().max(128);

export const elevationRequested = event(
  'elevation',
  'ElevationRequested',
  'a role is asked for, for a time',
  z.strictObject({
    elevation: uuid,
    account: uuid,
    role: name,
    policy: name,
    policyVersion: z.int().positive(),
    durationMs: z.int().positive(),
    /** The account for which it was asked in person; null where a key asked without saying for whom it speaks. */
    requestedBy: uuid.nullable(),
    via: decidedVia,
    /** `kind:id` of who sent the request: a key may not approve what it filed. */
    filedBy: actor,
    approvers: accounts,
    approvalsNeeded: z.int().nonnegative(),
    breakGlass: z.boolean(),
    /** An unanswered request ends then. */
    validUntil: instant,
    reason,
  }),
  [{ path: 'reason', subject: 'account' }],
);

export const elevationApproved = event(
  'elevation',
  'ElevationApproved',
  'somebody approves of an elevation; with the last approval that is needed it begins',
  z.strictObject({
    elevation: uuid,
    account: uuid,
    /** Null: nobody was needed, it is a break-glass one. */
    by: uuid.nullable(),
    via: decidedVia,
    apiKey: uuid.nullable(),
    /** Whether no further approval is needed. */
    complete: z.boolean(),
    /** The grant that follows, and its end; null while approvals are missing. */
    grant: uuid.nullable(),
    effectiveAt: instant.nullable(),
    until: instant.nullable(),
    reason: reason.nullable(),
  }),
  [{ path: 'reason', subject: 'account' }],
);

export const elevationRefused = event(
  'elevation',
  'ElevationRefused',
  'an elevation is refused, taken back by who asked, or nobody answered in time',
  z.strictObject({
    elevation: uuid,
    account: uuid,
    by: uuid.nullable(),
    via: decidedVia,
    apiKey: uuid.nullable(),
    code: z.enum(['refused', 'withdrawn', 'lapsed', 'not-possible']),
    reason: reason.nullable(),
  }),
  [{ path: 'reason', subject: 'account' }],
);

export const elevationExtended = event(
  'elevation',
  'ElevationExtended',
  'an elevation under way goes on for longer, as an approver agreed',
  z.strictObject({
    elevation: uuid,
    account: uuid,
    grant: uuid,
    until: instant,
    by: uuid,
    via: decidedVia,
    apiKey: uuid.nullable(),
    reason,
  }),
  [{ path: 'reason', subject: 'account' }],
);

export const elevationEnded = event(
  'elevation',
  'ElevationEnded',
  'an elevation is over: its time is, somebody ended it, or the grant ended otherwise',
  z.strictObject({
    elevation: uuid,
    account: uuid,
    grant: uuid,
    /** When the grant ceased to count, which may have been before this was written. */
    effectiveAt: instant,
    code: z.enum(['time-over', 'by-hand', 'revoked']),
    by: uuid.nullable(),
    via: decidedVia,
    apiKey: uuid.nullable(),
    reason: reason.nullable(),
  }),
  [{ path: 'reason', subject: 'account' }],
);
