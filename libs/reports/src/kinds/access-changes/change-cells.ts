import type { CellOf } from '../../histories/row-layout.js';
import { ACCOUNT_CELLS, ROLE_CELLS, SOURCE_CELLS } from '../access/access-cells.js';
import { type GrantInPlace, instantCell } from '../access/held-grants.js';
import type { ChangeCause } from './change-causes.js';
import type { GrantChange } from './grant-changes.js';

/** A change with whose and what it is, and why. */
export interface ToldChange extends GrantInPlace {
  readonly what: GrantChange;
  readonly cause: ChangeCause;
}

const CHANGE_CELLS: readonly CellOf<ToldChange>[] = [
  {
    name: 'change',
    type: 'text',
    means:
      'What happened: the grant began to count (`gained`), it ceased to count (`lost`), or its end moved while it counted (`changed`).',
    of: ({ what }) => what.change,
  },
  {
    name: 'effectiveAt',
    type: 'instant',
    means:
      'When the change took effect; the period of the report counts by it, its beginning exclusive and its end inclusive. What took effect by the beginning and was recorded after it has no row: the opening is as known now and counts it, so it need not be the closing of an earlier report; the summary says how many such gains and losses there are (`recordedLate`).',
    of: ({ what }) => new Date(what.at).toISOString(),
  },
];

const DEPARTMENT_CELL: CellOf<ToldChange> = {
  name: 'department',
  type: 'text',
  means: 'Department, as of the instant of the report; empty where no source says it.',
  personal: true,
  of: ({ account }) => account?.department ?? null,
};

const WHY_CELLS: readonly CellOf<ToldChange>[] = [
  {
    name: 'because',
    type: 'text',
    means:
      'Why: `granted`, a code of revocation such as `rule-no-longer-matches`, `by-hand` or `review`, `reduced`, `confirmed`, `expired`, `account-provisioned`, `account-deactivated`, `account-reactivated` or `account-expired`.',
    of: ({ cause }) => cause.code,
  },
  {
    name: 'by',
    type: 'text',
    means:
      'Who or what caused it, as `kind:id`: an account, an API key, a connection, an elevation or a part of the system.',
    of: ({ cause }) => cause.by,
  },
  {
    name: 'reason',
    type: 'text',
    means: 'Reason that was written down; empty where none was.',
    personal: true,
    of: ({ cause }) => cause.reason,
  },
  {
    name: 'endBefore',
    type: 'instant',
    means: 'Of a changed grant: the end that it had before; empty for none, and for other changes.',
    of: ({ what }) => (what.change === 'changed' ? instantCell(what.before) : null),
  },
  {
    name: 'endAfter',
    type: 'instant',
    means: 'Of a changed grant: the end that it had from then on; empty for none, and for other changes.',
    of: ({ what }) => (what.change === 'changed' ? instantCell(what.after) : null),
  },
  { name: 'grant', type: 'text', means: 'Id of the grant.', of: ({ grant }) => grant.grant },
  {
    name: 'recordedAt',
    type: 'instant',
    means: 'When the event behind it was recorded; of an end that was set beforehand, when it was set.',
    of: ({ cause }) => instantCell(cause.recordedAt),
  },
  { name: 'event', type: 'text', means: 'Id of the event behind it.', of: ({ cause }) => cause.event },
  {
    name: 'position',
    type: 'integer',
    means: 'Position of that event in the sealed log.',
    of: ({ cause }) => cause.position,
  },
];

/** Every column of a change. */
export const TOLD_CHANGE_CELLS: readonly CellOf<ToldChange>[] = [
  ...CHANGE_CELLS,
  ...ACCOUNT_CELLS,
  DEPARTMENT_CELL,
  ...ROLE_CELLS,
  ...SOURCE_CELLS,
  ...WHY_CELLS,
];
