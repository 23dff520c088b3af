import { z } from 'zod';
import { REVIEW_TRIGGERS, WATCHED_KINDS } from '#libs/contracts';
import { durationMs } from '#libs/kernel';
import { duration, id, isDuration, text } from '../schema-parts.js';

/** A duration of at most as much as another one: what lies further ahead is a mistake. */
const upTo = (limit: string) =>
  duration.refine((value) => !isDuration(value) || durationMs(value) <= durationMs(limit), `must be at most ${limit}`);

/** A userName or a verified e-mail address. */
const principal = text(320);
const principals = z.array(principal).max(20);

/** Parts that somebody plays towards an account or a role; any other word names a person. */
export const REVIEWER_PARTS = ['manager', 'roleOwner', 'applicationOwner', 'self'] as const;

const reviewers = z
  .array(
    z.union(
      [
        principal,
        z.strictObject({
          kind: z.enum([...REVIEWER_PARTS, 'named']),
          principal: principal.nullable().default(null),
        }),
      ],
      `must be one of ${REVIEWER_PARTS.join(', ')}, a person, or { kind, principal }`,
    ),
  )
  .min(1)
  .max(20);

/** Keys that policies of every kind have. */
const every = {
  id: id.describe('Unique in the tenant. The id of a removed policy can be used again.'),
  enabled: z.boolean().default(true).describe('Whether the policy is in force.'),
};
const owner = principal
  .nullable()
  .default(null)
  .describe('Who answers for what the policy finds: a userName or a verified e-mail address, looked up when needed.');

const scope = z
  .strictObject({
    role: id.optional().describe('Short for `roles` with one.'),
    roles: z.array(id).max(1000).default([]).describe('Grants of these roles.'),
    application: id.optional().describe('Short for `applications` with one.'),
    applications: z.array(id).max(100).default([]).describe('Grants of roles of these applications.'),
    people: principals.default([]).describe('Grants of these people.'),
    connections: z.array(id).max(100).default([]).describe('Grants by rules of these connections.'),
    privileged: z.boolean().default(false).describe('Only roles that are privileged.'),
    orphans: z.boolean().default(false).describe('Only accounts whose source is gone, disabled or silent.'),
  })
  .prefault({})
  .describe('Which grants are asked about. Of every key that is there something must fit; none: all grants.');

const whoAnswers =
  'Who is asked: `manager`, `roleOwner`, `applicationOwner`, `self` (needs `selfReview`) or a person, in this order of preference; the first that leads to somebody who may decide.';
const whoElse = 'Who is asked when none of the reviewers can decide.';

const stage = z.strictObject({
  reviewers: reviewers.describe(whoAnswers),
  fallback: principals.default([]).describe(whoElse),
});

const review = z
  .strictObject({
    ...every,
    kind: z.literal('review').describe('Access is reviewed.'),
    triggers: z
      .array(z.enum(REVIEW_TRIGGERS))
      .max(REVIEW_TRIGGERS.length)
      .default([])
      .describe('What opens a review by itself. A policy needs a trigger or a schedule.'),
    schedule: text(100)
      .nullable()
      .default(null)
      .describe('When a review of everything in scope opens: cron of five fields, at most once an hour.'),
    timeZone: text(64).nullable().default(null).describe('Of the schedule; null for the tenant’s.'),
    scope,
    reviewers: reviewers.optional().describe(`${whoAnswers} Needed, unless there are \`stages\`.`),
    fallback: principals.optional().describe(whoElse),
    stages: z
      .array(stage)
      .min(1)
      .max(5)
      .optional()
      .describe('Instead of `reviewers` and `fallback`: one stage after the other. One revocation ends it.'),
    due: upTo('P366D')
      .default('P14D')
      .describe('How long reviewers have; several stages share it equally. At most `P366D`.'),
    reminders: z
      .array(upTo('P366D'))
      .max(10)
      .optional()
      .describe(
        'How long before the end of a stage those who have not decided are reminded. Left out: `P2D`, if a stage is longer than `P4D` (with `noResponse: revoke` halfway otherwise).',
      ),
    escalation: z
      .strictObject({
        before: upTo('P366D').describe('How long before the end of a stage.'),
        to: principals.min(1).describe('Who is asked as well.'),
      })
      .nullable()
      .optional()
      .describe(
        'Who is asked as well when nobody answers; null: nobody. Left out: with `noResponse: keep` the `fallback`, `P1D` before the end of a stage (of a short one, in its last quarter).',
      ),
    noResponse: z
      .enum(['keep', 'revoke', 'recommendation'])
      .default('keep')
      .describe('What becomes of what nobody has decided. `revoke` needs a delivered notice and a reminder.'),
    maxRevocations: z
      .strictObject({
        percent: z.number().min(0).max(100).default(5).describe('Of the items of a review.'),
        atLeast: z.int().min(0).max(100_000).default(10).describe('So many are never too many.'),
      })
      .prefault({})
      .describe('More revocations by silence than the greater of these wait for a confirmation.'),
    carryForward: z
      .strictObject({ validFor: upTo('P366D').describe('How long a decision stands for what has not changed since.') })
      .nullable()
      .default(null)
      .describe(
        'Whether a former decision answers for the same grant, rule and attributes; never for privileged roles.',
      ),
    control: text(200)
      .nullable()
      .default(null)
      .describe('The control that the review is evidence for; such a review carries nothing forward.'),
    selfReview: z
      .boolean()
      .default(false)
      .describe('Whether people may decide about what they hold or approved themselves; it is flagged then.'),
    reasons: z
      .array(z.enum(['certify', 'revoke', 'reduce', 'abstain', 'reassign', 'delegate']))
      .max(6)
      .default(['revoke'])
      .describe('Decisions that need a reason; `revoke` always does.'),
    signOff: principal.nullable().default(null).describe('Who signs the finished review off.'),
  })
  .meta({ title: 'review policy' });

const sod = z
  .strictObject({
    ...every,
    kind: z.literal('sod').describe('Segregation of duties: roles that one account must not hold together.'),
    roles: z
      .array(z.union([id, z.array(id).min(1).max(100)], 'must be a role, or a list of roles'))
      .min(2)
      .max(20)
      .describe('Sets of roles, of any applications: holding roles of two of them is a violation.'),
    mode: z
      .enum(['detective', 'preventive'])
      .default('detective')
      .describe('Whether violations are found, or a second role is kept back as well. No sign-in is refused for it.'),
    owner,
  })
  .meta({ title: 'segregation of duties' });

const elevation = z
  .strictObject({
    ...every,
    kind: z.literal('elevation').describe('Roles that people may have for a time, on request.'),
    roles: z.array(id).min(1).max(100).describe('The roles.'),
    maxDuration: upTo('P366D').describe('For how long at most; not above the `maxDuration` of a role.'),
    approvers: reviewers.describe(
      'Who approves: `manager`, `roleOwner`, `applicationOwner` or a person. Nobody approves their own request.',
    ),
    fallback: principals.default([]).describe('Who approves when none of the approvers can.'),
    approvals: z
      .int()
      .min(1)
      .max(5)
      .nullable()
      .default(null)
      .describe('How many must approve; null: one, or two where the role has `risk: high`.'),
    breakGlass: z
      .boolean()
      .default(false)
      .describe('Whether the role may be had at once, in an emergency, to be reviewed afterwards.'),
    requestValidFor: upTo('P90D').default('P3D').describe('A request that nobody answers ends after this time.'),
  })
  .meta({ title: 'elevation policy' });

/** What a policy does about what it finds. */
const acts = {
  action: z
    .enum(['finding', 'review', 'deactivate'])
    .default('finding')
    .describe('What follows: a finding for its owner, a review of the grants as well, or the account is deactivated.'),
  maxPerRun: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('Most accounts on which one run acts; the others stay findings until the next.'),
  owner,
};

const watch = z
  .strictObject({
    ...every,
    kind: z
      .enum(WATCHED_KINDS)
      .describe(
        'What is looked for: accounts without sign-in (`dormant`), whose source is gone (`orphan`), whose groups are not known (`unknownGroups`) or without sponsor or end (`unsponsored`); grants without use (`unused`); managers and owners who are nobody (`unresolved`); and what is out of the ordinary (`insight`).',
      ),
    after: upTo('P3660D')
      .nullable()
      .optional()
      .describe('How long it may last; needed for `dormant` and `unused`. Left out: `P14D` for `unknownGroups`.'),
    ...acts,
  })
  .meta({ title: 'watch' });

const requirement = z
  .union(
    [
      z.strictObject({ authenticationContext: text(1024) }),
      z.strictObject({ attribute: text(64), present: z.boolean() }),
      z.strictObject({ field: text(200), equals: z.string().max(1024) }),
    ],
    'must be one of { authenticationContext }, { attribute, present }, { field, equals }',
  )
  .meta({ title: 'requirement' });

const conformance = z
  .strictObject({
    ...every,
    kind: z.literal('conformance').describe('Conditions on events.'),
    event: text(64).describe('A type of event on accounts or sign-ins, such as `UserProvisioned`.'),
    require: z
      .array(requirement)
      .min(1)
      .max(20)
      .describe(
        'Each must hold: `{ authenticationContext: mfa }`, `{ attribute: manager, present: true }`, `{ field: status, equals: active }`.',
      ),
    ...acts,
  })
  .meta({ title: 'conformance' });

/** A policy of the file, defaults filled in as far as they do not follow from other keys. */
export const policy = z.discriminatedUnion('kind', [review, sod, elevation, watch, conformance]);

/** What a review is held by that somebody opens: a review policy without what opens it. */
export const reviewTerms = review.omit({
  id: true,
  enabled: true,
  kind: true,
  triggers: true,
  schedule: true,
  timeZone: true,
});

/** The shapes above as types. */
export type PolicyConfiguration = z.infer<typeof policy>;
export type ReviewConfiguration = z.infer<typeof review>;
export type ReviewersConfiguration = z.infer<typeof reviewers>;
