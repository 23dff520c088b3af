import { NOTICE_KINDS } from '#libs/contracts';

/** What somebody is told of. */
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** How notices travel. */
export type NoticeChannel = 'smtp' | 'webhook';

/** What a notice is about, by id only: whoever reads it elsewhere learns nothing about anybody. */
export interface NoticeSubject {
  readonly noun: 'review' | 'elevation' | 'change' | 'finding';
  readonly id: string;
  /** How many items wait, where that means something; else 0. */
  readonly items: number;
}

/** Something that somebody must be told, once for each id. */
export interface Notice {
  /** Uuid; follows from what it is about, so that the same notice twice is one. */
  readonly id: string;
  readonly tenant: string;
  readonly kind: NoticeKind;
  readonly channel: NoticeChannel;
  /** The account that is told; null for a webhook, which is the tenant's. */
  readonly recipient: string | null;
  readonly about: NoticeSubject;
  /** Until when something has to be done, ISO-8601; null where nothing runs out. */
  readonly dueAt: string | null;
}

/** Whether a word is a kind of notice. */
export const isNoticeKind = (word: string): word is NoticeKind => (NOTICE_KINDS as readonly string[]).includes(word);
