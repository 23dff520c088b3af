import type { AccountAsOf, RoleAsOf } from '#libs/read-model';
import type { CellOf } from '../../histories/row-layout.js';
import { outcomeOf, type ReviewedItem } from '../reviews/review-item.fold.js';
import { type ElevationHistory, type ElevationStanding, grantsOf } from './elevation.fold.js';
import type { ElevationCourse } from './elevation-course.js';

/** An elevation with what is known about whom and what it names, at the end of the period. */
export interface KnownElevation {
  readonly history: ElevationHistory;
  readonly course: ElevationCourse;
  readonly standing: ElevationStanding;
  readonly account: AccountAsOf | undefined;
  readonly requester: AccountAsOf | undefined;
  readonly role: RoleAsOf | undefined;
  /** The review item about what was taken in an emergency. */
  readonly afterwards: ReviewedItem | undefined;
}

/** Approvals and extensions by people, in their order: nobody needs to approve of a break-glass one. */
const approvalsBy = ({ history }: KnownElevation) =>
  history.approvals.flatMap(({ by, at }) => (by === null ? [] : [{ by, at }]));

const lastAnswerOf = (item: ReviewedItem | undefined) => item?.rounds.at(-1)?.answers.at(-1);

/** The columns of the report of elevations. */
export const ELEVATION_CELLS: readonly CellOf<KnownElevation>[] = [
  { name: 'elevation', type: 'text', means: 'Id of the elevation.', of: ({ history }) => history.request.elevation },
  {
    name: 'account',
    type: 'text',
    means: 'Id of the account for which the role was asked.',
    of: ({ history }) => history.request.account,
  },
  {
    name: 'userName',
    type: 'text',
    means: 'User name of that account at the end of the period; empty where the account is not known.',
    personal: true,
    of: ({ account }) => account?.userName ?? null,
  },
  { name: 'role', type: 'text', means: 'The role that was asked for.', of: ({ history }) => history.request.role },
  {
    name: 'application',
    type: 'text',
    means: 'Application of the role at the end of the period; empty where the catalogue does not have the role.',
    of: ({ role }) => role?.application ?? null,
  },
  {
    name: 'privileged',
    type: 'boolean',
    means: 'Whether the role was privileged at the end of the period; empty where the catalogue does not have it.',
    of: ({ role }) => role?.privileged ?? null,
  },
  {
    name: 'policy',
    type: 'text',
    means: 'The policy that offers the role.',
    of: ({ history }) => history.request.policy,
  },
  {
    name: 'policyVersion',
    type: 'integer',
    means: 'Version of that policy when the role was asked for.',
    of: ({ history }) => history.request.policyVersion,
  },
  { name: 'requestedAt', type: 'instant', means: 'When it was asked for.', of: ({ history }) => history.request.at },
  {
    name: 'openAtBeginning',
    type: 'boolean',
    means:
      'Whether it had been asked for before the period and was not over when it began. One that was over is listed only if something was recorded of it in the period, or the review of an emergency went on.',
    of: ({ course }) => course.openAtBeginning,
  },
  {
    name: 'requestedBy',
    type: 'text',
    means:
      'Id of the account that asked, in person or through a key; empty where a key did not say for whom it speaks.',
    of: ({ history }) => history.request.requestedBy,
  },
  {
    name: 'requestedByName',
    type: 'text',
    means: 'User name of who asked, at the end of the period.',
    personal: true,
    of: ({ requester }) => requester?.userName ?? null,
  },
  {
    name: 'filedBy',
    type: 'text',
    means: 'Who sent the request, as kind:id.',
    of: ({ history }) => history.request.filedBy,
  },
  {
    name: 'reason',
    type: 'text',
    means: 'Why the role was asked for, in the words of who asked.',
    personal: true,
    of: ({ history }) => history.request.reason,
  },
  {
    name: 'requestedSeconds',
    type: 'integer',
    means: 'For how many seconds the role was asked for.',
    of: ({ history }) => Math.round(history.request.durationMs / 1000),
  },
  {
    name: 'askedToApprove',
    type: 'list',
    means: 'Ids of the accounts that could approve when it was asked for.',
    of: ({ history }) => history.request.approvers,
  },
  {
    name: 'approvalsNeeded',
    type: 'integer',
    means: 'How many had to approve; 0 where nobody had to.',
    of: ({ history }) => history.request.approvalsNeeded,
  },
  {
    name: 'approvedBy',
    type: 'list',
    means: 'Ids of the accounts that approved, in that order.',
    of: (known) => approvalsBy(known).map(({ by }) => by),
  },
  {
    name: 'approvedAt',
    type: 'list',
    means: 'When each of them did, in the same order.',
    of: (known) => approvalsBy(known).map(({ at }) => at),
  },
  {
    name: 'approvalReasons',
    type: 'list',
    means: 'What approvers said, in the same order, where they said anything.',
    personal: true,
    of: ({ history }) => history.approvals.flatMap(({ reason }) => reason ?? []),
  },
  {
    name: 'breakGlass',
    type: 'boolean',
    means: 'Whether it began at once, without approval, to be reviewed afterwards.',
    of: ({ history }) => history.request.breakGlass,
  },
  {
    name: 'status',
    type: 'text',
    means:
      'Where it stood at the end of the period: requested, active, ended, refused, withdrawn (by who asked), lapsed (nobody answered in time) or not-possible (it could not be given any more).',
    of: ({ standing }) => standing.status,
  },
  {
    name: 'grant',
    type: 'text',
    means: 'Id of the grant with which it began; empty where it never did.',
    of: ({ history }) => grantsOf(history)[0] ?? null,
  },
  {
    name: 'laterGrants',
    type: 'list',
    means: 'Ids of the grants by which it was extended.',
    of: ({ history }) => grantsOf(history).slice(1),
  },
  {
    name: 'beganAt',
    type: 'instant',
    means: 'When it began; empty where it never did.',
    of: ({ standing }) => standing.beganAt,
  },
  {
    name: 'endsAt',
    type: 'instant',
    means: 'The end that was agreed, extensions included; empty where it never began.',
    of: ({ standing }) => standing.endsAt,
  },
  {
    name: 'extendedBy',
    type: 'list',
    means: 'Ids of the accounts that extended it, in that order.',
    of: ({ history }) => history.extensions.map(({ by }) => by),
  },
  {
    name: 'endedAt',
    type: 'instant',
    means: 'When the role ceased to count; empty while it counts.',
    of: ({ standing }) => standing.endedAt,
  },
  {
    name: 'endedHow',
    type: 'text',
    means: 'How it ended: time-over, by-hand or revoked; empty while it counts.',
    of: ({ standing }) => standing.endedHow,
  },
  {
    name: 'endedBy',
    type: 'text',
    means: 'Id of the account that ended or refused it; empty where time or the system did.',
    of: ({ history }) => (history.end ? history.end.by : (history.refusal?.by ?? null)),
  },
  {
    name: 'endReason',
    type: 'text',
    means: 'Why it was ended or refused, in the words of who did; empty where nothing was said.',
    personal: true,
    of: ({ history }) => history.end?.reason ?? history.refusal?.reason ?? null,
  },
  {
    name: 'reviewAfterwards',
    type: 'text',
    means: 'For break-glass: id of the access review that looks at it afterwards; empty where there is none.',
    of: ({ afterwards }) => afterwards?.data.review ?? null,
  },
  {
    name: 'reviewOutcome',
    type: 'text',
    means: 'What that review came to by the end of the period, in the words of the report of reviews.',
    of: ({ afterwards }) => {
      const round = afterwards?.rounds.at(-1);
      return round ? outcomeOf(round) : null;
    },
  },
  {
    name: 'reviewedBy',
    type: 'text',
    means: 'Id of the account that answered last in that review.',
    of: ({ afterwards }) => lastAnswerOf(afterwards)?.data.by ?? null,
  },
  {
    name: 'reviewedAt',
    type: 'instant',
    means: 'When it did.',
    of: ({ afterwards }) => lastAnswerOf(afterwards)?.at ?? null,
  },
  {
    name: 'event',
    type: 'text',
    means: 'Id of the event that records the request.',
    of: ({ history }) => history.request.event,
  },
  {
    name: 'position',
    type: 'integer',
    means: 'Position in the log of that event.',
    of: ({ history }) => history.position,
  },
];
