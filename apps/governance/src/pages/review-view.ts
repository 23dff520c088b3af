import type { PersonShown } from '../people/person-names.js';

/** How a grant came about, in words that name nobody's claims. */
export interface OriginShown {
  /** Such as `Rule admins@3 of okta`, or `Given by hand by Ada Lovelace`. */
  readonly text: string;
  /** When it was given, ISO-8601; null where a role was kept back. */
  readonly since: string | null;
  /** When it ends by itself; null while nothing ends it. */
  readonly until: string | null;
}

/** The question that a reviewer is asked, with what the answer needs. */
export interface ItemShown {
  readonly id: string;
  readonly status: 'open' | 'revoking' | 'closed';
  readonly review: ReviewShown;
  readonly person: PersonShown;
  readonly role: RoleShown;
  readonly recommendation: {
    /** certify, revoke or none. */ readonly decision: string;
    readonly because: readonly string[];
  };
  readonly flags: readonly string[];
  readonly stage: number;
  readonly stages: number;
  readonly stageDueAt: string;
}

/** A review that items belong to. */
export interface ReviewShown {
  readonly id: string;
  readonly title: string;
  /** Why it was opened, as the API names it. */
  readonly trigger: string;
  readonly control: string | null;
}

/** A role by the name that people know. */
export interface RoleShown {
  readonly id: string;
  readonly name: string;
  readonly application: string;
  readonly privileged: boolean;
}

/** What only the page of one item shows. */
export interface ItemDetails {
  readonly origin: OriginShown;
  /** ISO-8601; null: never. */
  readonly lastSignInAt: string | null;
  /** When the application was last used and who says so, in words; `unknown` where nothing tells of it. */
  readonly lastUsed: string;
  readonly reviewers: readonly string[];
}

/** What was entered and could not be accepted, and why. */
export interface Refused<Entered> {
  readonly message: string;
  readonly code: string;
  readonly entered: Entered;
}

const TRIGGERS: Readonly<Record<string, string>> = {
  privilegedRoleGranted: 'A privileged role was granted',
  roleGrantedByChangedRule: 'A changed rule granted the role',
  departmentChanged: 'The department changed',
  managerChanged: 'The manager changed',
  employeeTypeChanged: 'The type of employment changed',
  newConnectionGrant: 'The first role through a new connection',
  sodExceptionEnding: 'An exception to the segregation of duties is about to end',
  dormant: 'The account has not signed in for long',
  schedule: 'By schedule',
  adHoc: 'Somebody asked for it',
  sodConflict: 'A role was kept back, because it conflicts with another',
  breakGlass: 'The role was taken in an emergency',
  emergencyChange: 'A change was made in an emergency',
  finding: 'Something stood out',
};

const FLAGS: Readonly<Record<string, string>> = {
  ownGrant: 'this is your own access',
  approvedByReviewer: 'a reviewer approved of it before',
};

/** Why a review was opened, for people. */
export const triggerText = (reason: string): string => TRIGGERS[reason] ?? reason;

/** What reviewers must know about an item, for people. */
export const flagText = (flag: string): string => FLAGS[flag] ?? flag;

/** An instant to the minute. */
export const minute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;
