import type { Notice, NoticeKind } from './notice.js';

/** What a notice says: plain text, in one language. */
export interface NoticeText {
  readonly subject: string;
  readonly text: string;
}

/** Where a notice leads and how its dates are written. */
export interface NoticePlace {
  /** Origin at which Gatebook is reached. */
  readonly publicUrl: string;
  /** Of the tenant, such as Europe/Berlin. */
  readonly timeZone: string;
}

const items = ({ about }: Notice, one: string, many: string) =>
  about.items === 1 ? `1 access decision ${one}` : `${about.items} access decisions ${many}`;

const SUBJECTS: Readonly<Record<NoticeKind, (notice: Notice) => string>> = {
  'review-items': (notice) => `${items(notice, 'waits', 'wait')} for you`,
  'review-reminder': (notice) => `Reminder: ${items(notice, 'still waits', 'still wait')} for you`,
  'review-escalation': (notice) =>
    `${items(notice, 'was not made in time and waits', 'were not made in time and wait')} for you now`,
  'review-closed': () => 'An access review is closed and can be signed off',
  'elevation-requested': () => 'A request for temporary access waits for your approval',
  'elevation-decided': () => 'Your request for temporary access was answered',
  'change-held': () => 'A change waits for a second person',
  'finding-owned': () => 'Something about access stands out and is yours to look at',
};

/**
 * Writes a notice. It names nobody and no role: mail is read on many screens, and who follows the link has to sign in first.
 * Pure.
 */
export function noticeText(notice: Notice, { publicUrl, timeZone }: NoticePlace): NoticeText {
  const subject = SUBJECTS[notice.kind](notice);
  const due = notice.dueAt === null ? [] : [`Please answer by ${written(notice.dueAt, timeZone)}.`];
  const text = [
    `${subject}.`,
    ...due,
    '',
    `${publicUrl}${pathOf(notice)}`,
    '',
    'You get this because you are named in a policy of your organisation. The link asks you to sign in.',
    '',
  ].join('\n');
  return { subject: `[Gatebook] ${subject}`, text };
}

/** The page that a notice leads to. */
function pathOf({ kind, about }: Notice): string {
  if (kind === 'review-closed') return `/reviews?review=${about.id}`;
  return about.noun === 'review' ? '/reviews' : '/approvals';
}

function written(instant: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone });
  return `${format.format(new Date(instant))} (${timeZone})`;
}
