import type { CellOf } from '../../histories/row-layout.js';
import { type GrantInPlace, type HeldGrant, instantCell } from './held-grants.js';

/** Whose grant it is. */
export const ACCOUNT_CELLS: readonly CellOf<GrantInPlace>[] = [
  {
    name: 'accountId',
    type: 'text',
    means: 'Id of the account; the same for ever, also after the person has been renamed or erased.',
    of: ({ grant }) => grant.account,
  },
  {
    name: 'userName',
    type: 'text',
    means: 'Name by which the person signs in, as of the instant of the report.',
    personal: true,
    of: ({ account }) => account?.userName ?? null,
  },
  {
    name: 'displayName',
    type: 'text',
    means: 'Full name, as of the instant of the report; empty where no source says it.',
    personal: true,
    of: ({ account }) => account?.displayName ?? null,
  },
];

/** What the person was. */
export const PROFILE_CELLS: readonly CellOf<GrantInPlace>[] = [
  {
    name: 'employeeNumber',
    type: 'text',
    means: 'Number of the person with the employer, as of the instant of the report; empty where no source says it.',
    personal: true,
    of: ({ account }) => account?.employeeNumber ?? null,
  },
  {
    name: 'employeeType',
    type: 'text',
    means: 'Kind of employment as the source words it, as of the instant of the report; empty where no source says it.',
    personal: true,
    of: ({ account }) => account?.employeeType ?? null,
  },
  {
    name: 'department',
    type: 'text',
    means: 'Department, as of the instant of the report; empty where no source says it.',
    personal: true,
    of: ({ account }) => account?.department ?? null,
  },
  {
    name: 'manager',
    type: 'text',
    means: 'Manager as the source names them, as of the instant of the report; empty where no source says it.',
    personal: true,
    of: ({ account }) => account?.manager ?? null,
  },
  {
    name: 'kind',
    type: 'text',
    means: 'What the account is for: `person`, `external`, `service` or `breakGlass`.',
    of: ({ account }) => account?.kind ?? null,
  },
  {
    name: 'accountStatus',
    type: 'text',
    means: 'Whether the account was `active` or `deactivated` at the instant of the report.',
    of: ({ account }) => account?.status ?? null,
  },
  {
    name: 'directory',
    type: 'text',
    means: 'Id of the directory that the account lives in.',
    of: ({ account }) => account?.directory ?? null,
  },
];

/** What it gives. */
export const ROLE_CELLS: readonly CellOf<GrantInPlace>[] = [
  {
    name: 'application',
    type: 'text',
    means: 'Id of the application that the role belongs to, as of the instant of the report.',
    of: ({ role }) => role?.application ?? null,
  },
  { name: 'role', type: 'text', means: 'Id of the role.', of: ({ grant }) => grant.role },
  {
    name: 'roleName',
    type: 'text',
    means: 'Name of the role, as of the instant of the report.',
    of: ({ role }) => role?.name ?? null,
  },
  {
    name: 'privileged',
    type: 'boolean',
    means: 'Whether the role counted as privileged at the instant of the report.',
    of: ({ role }) => role?.privileged ?? null,
  },
];

/** Because of what it was given. */
export const SOURCE_CELLS: readonly CellOf<GrantInPlace>[] = [
  {
    name: 'sourceKind',
    type: 'text',
    means: 'Because of what the role was given: `rule`, `manual`, `elevation` or `import`.',
    of: ({ grant }) => grant.sourceKind,
  },
  {
    name: 'connection',
    type: 'text',
    means: 'Id of the connection whose rule or import gave it; empty for others.',
    of: ({ grant }) => grant.connection,
  },
  {
    name: 'rule',
    type: 'text',
    means: 'Id of the mapping rule that gave it; empty where none did.',
    of: ({ grant }) => grant.rule,
  },
  {
    name: 'ruleVersion',
    type: 'integer',
    means: 'Version of that rule when it gave the role; empty where none did.',
    of: ({ grant }) => grant.ruleVersion,
  },
];

/** Who or what gave a grant, as `kind:id`: somebody who signs in sets a rule going, and gives themselves nothing. */
export const giverOf = ({ grant, origin }: Pick<HeldGrant, 'grant' | 'origin'>): string | null =>
  grant.connection === null ? (origin?.givenBy ?? null) : `connection:${grant.connection}`;

/** Who gave it and why. */
export const ORIGIN_CELLS: readonly CellOf<Pick<HeldGrant, 'grant' | 'origin' | 'approvals'>>[] = [
  {
    name: 'grantedAt',
    type: 'instant',
    means: 'Instant from which on the grant holds.',
    of: ({ grant }) => instantCell(grant.from),
  },
  {
    name: 'grantedBy',
    type: 'text',
    means:
      'Who or what gave it, as `kind:id`: an account, an API key, a connection, an elevation or a part of the system. What a rule or an import gives at a sign-in is given by its connection, not by the person who signs in.',
    of: giverOf,
  },
  {
    name: 'approvedBy',
    type: 'list',
    means: 'Ids of the accounts that approved the elevation that it comes from, in their order; empty for others.',
    of: ({ approvals }) => (approvals.length > 0 ? approvals : null),
  },
  {
    name: 'reason',
    type: 'text',
    means: 'Reason that was written down when it was given; empty where none was.',
    personal: true,
    of: ({ origin }) => origin?.reason ?? null,
  },
];

/** When it ends. */
export const ENDS_AT_CELL: CellOf<GrantInPlace> = {
  name: 'endsAt',
  type: 'instant',
  means:
    'Instant at which the grant ends or ended, as known at the position of the report, exclusive; empty while nothing ends it. An end of the account, after which the grant does not count either, is not told here.',
  of: ({ grant }) => instantCell(grant.until),
};

/** When it was last used and looked at. */
export const ATTENTION_CELLS: readonly CellOf<HeldGrant>[] = [
  {
    name: 'lastSignInAt',
    type: 'instant',
    means: 'Last sign-in of the account up to the instant of the report; empty if there was none.',
    of: ({ lastSignIn }) => instantCell(lastSignIn),
  },
  {
    name: 'lastReviewedAt',
    type: 'instant',
    means:
      'When a person last decided about this grant in an access review, up to the instant of the report; empty if nobody did.',
    of: ({ lastReview }) => instantCell(lastReview?.at),
  },
  {
    name: 'lastDecision',
    type: 'text',
    means: 'What was decided then: `certify`, `revoke`, `reduce` or `abstain`; empty if nobody did.',
    of: ({ lastReview }) => lastReview?.decision ?? null,
  },
];

/** Where it stands in the log. */
export const POSITION_CELL: CellOf<GrantInPlace> = {
  name: 'position',
  type: 'integer',
  means: 'Position in the sealed log of the event that gave it.',
  of: ({ grant }) => grant.position,
};
