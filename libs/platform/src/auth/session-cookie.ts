/** Name of the session's cookie. The prefix makes browsers refuse it from other hosts, other paths and plain http. */
export const SESSION_COOKIE = '__Host-gatebook-session';
