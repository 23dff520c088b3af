/** Notices on their way: `NoticeOutbox`. */
export const NOTICE_OUTBOX = Symbol('NOTICE_OUTBOX');
/** The mail server: `Mail`, or null where there is none. */
export const MAIL = Symbol('MAIL');
