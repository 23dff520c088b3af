import type { Profile } from '#libs/contracts';
import type { Column } from '../../column.js';
import { instant, integer, list, personal, text } from '../../events/columns.js';

/** Attributes whose change makes a mover, with what they are called in a sentence. */
export const MOVING = {
  department: 'Department',
  manager: 'Manager, as the source names them',
  title: 'Job title',
  employeeType: 'Employee type',
  costCenter: 'Cost centre',
} as const satisfies Partial<Record<keyof Profile, string>>;

/** Name of an attribute whose change makes a mover. */
export type Moving = keyof typeof MOVING;

/** In the order of their columns. */
export const MOVING_NAMES = Object.keys(MOVING) as readonly Moving[];

const beforeAndAfter: readonly Column[] = MOVING_NAMES.flatMap((name) => [
  personal(text(`${name}Before`, `${MOVING[name]} before the change; empty where there was none, and for joiners.`)),
  personal(text(`${name}After`, `${MOVING[name]} after the change; empty where there is none.`)),
]);

/** Columns of the report on joiners, movers and leavers. */
export const JOINERS_MOVERS_LEAVERS_COLUMNS: readonly Column[] = [
  instant(
    'recordedAt',
    'When the event was recorded; of an `expired` account, of whose end no event is recorded, when that end came. The period of the report counts by it.',
  ),
  text(
    'change',
    'What happened: `joiner`: the account came into being; `mover`: department, manager, title, employee type or cost centre changed; `leaver`: it was deactivated; `expired`: the end that it was given when it was made came while it was active, so that its person has left as well, although no event says so, and a deactivation later makes it a `leaver` besides (these rows come after all others, in the order in which the accounts were made); `returner`: it was reactivated; `merged`: it ended because its person has another one.',
  ),
  text('account', 'Id of the account.'),
  personal(text('userName', 'User name after the change.')),
  personal(text('displayName', 'Display name after the change; empty where there is none.')),
  personal(text('employeeNumber', 'Employee number after the change; empty where there is none.')),
  text('directory', 'Directory that the account is in.'),
  text(
    'source',
    'Where the change came from: `signIn`, `signal` of a source, or `manual`; empty of an `expired` account, which only time ended.',
  ),
  text(
    'connection',
    'Connection that it came through, of an `expired` account the one that made it; empty where it was made by hand, as accounts with an end are as a rule.',
  ),
  personal(text('reason', 'What was given as the reason; empty where nothing was.')),
  list('changed', 'Which of these attributes changed; empty unless somebody moved.'),
  ...beforeAndAfter,
  list(
    'gained',
    'Roles that the account holds through this change and did not count before; for a returner all that count again.',
  ),
  list(
    'lost',
    'Roles that it holds no more, or that ceased to count with it, through this change. A merge names those of an account that had been deactivated once more, and none of one whose end had come.',
  ),
  list('kept', 'Roles that it held before and goes on holding: what a mover retains.'),
  text('into', 'Id of the account with which the person goes on; empty unless it was merged.'),
  instant(
    'signalAt',
    'When the source says that the person left; when a person did it by hand, when it was recorded. Empty for all but a `leaver`.',
  ),
  integer(
    'effectMs',
    'Milliseconds from that signal until the deactivation was recorded, from which instant on no check of access passes. Empty for all but a `leaver`.',
  ),
  integer(
    'sessionsEnded',
    'How many sessions, of Gatebook by a notice of the source and of applications, are on record as ended by it. Empty for all but a `leaver`: that an account expires is no event, so no session is on record as ended by it.',
  ),
  instant('sessionsEndedAt', 'When the last of them had ended; empty where none is on record.'),
  text(
    'evidenceEvent',
    'Id of the sign-in or notice that it rests on; empty where it was made by hand or came by time.',
  ),
  text(
    'by',
    'Who or what caused it, as `kind:id`: an account, an API key, a connection or a part of the system; of an `expired` account, who made it.',
  ),
  text('event', 'Id of the event; of an `expired` account that which made it, and set its end.'),
  integer('position', 'Position of that event in the sealed log.'),
];
