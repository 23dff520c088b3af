/** What applications were given: `ApplicationGrants`. */
export const APPLICATION_GRANTS = Symbol('APPLICATION_GRANTS');
/** Notices of sign-out on their way to applications: `LogoutNotices`. */
export const LOGOUT_NOTICES = Symbol('LOGOUT_NOTICES');
