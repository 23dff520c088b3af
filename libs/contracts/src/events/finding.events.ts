import { z } from 'zod';
import { event, type PersonalField } from '../event-entry.js';
import { FINDING_KINDS } from '../policy-settings.js';
import { claimValue, instant, name, reason, uuid } from '../vocabulary.js';
import { decidedVia } from './review.events.js';

const kind = z.enum(FINDING_KINDS);
/** Ids, numbers and words that say what was found; never what identifies a person. */
const details = z.record(z.string().max(64), z.union([z.string().max(300), z.number(), z.boolean(), z.null()]));
/** Whatever somebody writes about a finding is about the person whom it concerns. */
const OF_ACCOUNT: PersonalField = { path: 'reason', subject: 'accountOrStream' };
/** Whom the finding is about; null where it is about nobody. */
const account = uuid.nullable();

export const findingRaised = event(
  'finding',
  'FindingRaised',
  'something about an account, a grant or a connection stands out and somebody should look at it',
  z.strictObject({
    finding: uuid,
    kind,
    /** A word for what exactly, such as `source-disabled`, `new-certificate`, `manager-unknown`. */
    code: z.string().max(64),
    policy: name.nullable(),
    policyVersion: z.int().positive().nullable(),
    account: uuid.nullable(),
    grant: uuid.nullable(),
    role: name.nullable(),
    connection: name.nullable(),
    /** Id of the event that shows it. */
    event: uuid.nullable(),
    /** Since when it is so, as far as that is known. */
    since: instant.nullable(),
    details,
    /** Account of who answers for it; null where nobody could be found. */
    owner: uuid.nullable(),
  }),
);

/** Why one of the roles is held: the grant and the event that gave it. */
const chain = z.strictObject({ role: name, grant: uuid, event: uuid.nullable() });

export const sodViolationDetected = event(
  'finding',
  'SodViolationDetected',
  'an account holds roles that it must not hold together',
  z.strictObject({
    finding: uuid,
    policy: name,
    policyVersion: z.int().positive(),
    account: uuid,
    /** Every role of the conflict, with what gave it. */
    held: z.array(chain).min(2).max(200),
    owner: uuid.nullable(),
  }),
);

export const findingAssigned = event(
  'finding',
  'FindingAssigned',
  'somebody else answers for a finding',
  z.strictObject({
    finding: uuid,
    account,
    owner: uuid.nullable(),
    by: uuid.nullable(),
    via: decidedVia,
    reason: reason.nullable(),
  }),
  [OF_ACCOUNT],
);

export const findingAccepted = event(
  'finding',
  'FindingAccepted',
  'somebody says that a finding is known and may stay for a time',
  z.strictObject({ finding: uuid, account, by: uuid.nullable(), via: decidedVia, until: instant, reason }),
  [OF_ACCOUNT],
);

export const findingActedUpon = event(
  'finding',
  'FindingActedUpon',
  'a policy acts on a finding: a review opens, or the account is deactivated',
  z.strictObject({
    finding: uuid,
    action: z.enum(['review', 'deactivate']),
    /** Id of the review; null otherwise. */
    review: uuid.nullable(),
    /** Id of the event on the account; null otherwise. */
    event: uuid.nullable(),
  }),
);

export const findingResolved = event(
  'finding',
  'FindingResolved',
  'a finding holds no more, or somebody closed it',
  z.strictObject({
    finding: uuid,
    account,
    code: z.enum(['gone', 'by-hand', 'policy-ended']),
    by: uuid.nullable(),
    via: decidedVia,
    event: uuid.nullable(),
    reason: reason.nullable(),
  }),
  [OF_ACCOUNT],
);

export const sodExceptionGranted = event(
  'sodException',
  'SodExceptionGranted',
  'an account may hold conflicting roles for a time, under a compensating control',
  z.strictObject({
    exception: uuid,
    policy: name,
    account: uuid,
    /** Sets of roles of the policy when it was granted: only what stands against each other in them is excused. */
    sets: z.array(z.array(name).min(1).max(100)).min(2).max(20),
    /** Who answers for it: userName or verified e-mail address. */
    owner: claimValue,
    /** What makes up for the conflict. */
    control: z.string().min(1).max(1000),
    until: instant,
    by: uuid.nullable(),
    reason,
  }),
  [
    { path: 'owner', subject: 'principal' },
    { path: 'control', subject: 'account' },
    { path: 'reason', subject: 'account' },
  ],
);

export const sodExceptionEnded = event(
  'sodException',
  'SodExceptionEnded',
  'an exception is over: its time is, or somebody ended it',
  z.strictObject({
    exception: uuid,
    policy: name,
    account: uuid,
    code: z.enum(['time-over', 'by-hand']),
    effectiveAt: instant,
    by: uuid.nullable(),
    reason: reason.nullable(),
  }),
  [{ path: 'reason', subject: 'account' }],
);

/** Source of use that Gatebook is itself: a person comes in to an application through its OpenID provider. No other may call itself so. */
export const OWN_SOURCE_OF_USE = 'op';

export const usageReported = event(
  'usage',
  'UsageReported',
  'a source says when people last used applications or roles',
  z.strictObject({
    usage: uuid,
    /** Who says so, as the caller names it; never `op`. */
    source: name,
    entries: z
      .array(z.strictObject({ account: uuid, application: name, role: name.nullable(), usedAt: instant }))
      .min(1)
      .max(1000),
  }),
);
