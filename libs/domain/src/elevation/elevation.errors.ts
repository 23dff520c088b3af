import { DomainError } from '#libs/kernel';

/** No such elevation in this tenant. */
export class ElevationNotFoundError extends DomainError {
  readonly code = 'elevation-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such elevation in this tenant.');
  }
}

/** No policy in force lets people have the role for a time. */
export class RoleNotOfferedError extends DomainError {
  readonly code = 'elevation-role-not-offered';
  readonly kind = 'unprocessable';
  constructor(role: string) {
    super(
      `No policy of kind elevation offers the role ${role}. Ask an administrator to add it to one, or to assign the role by hand.`,
    );
  }
}

/** Policy or role have become stricter than what was asked for under them. */
export class ElevationTermsChangedError extends DomainError {
  readonly code = 'elevation-terms-changed';
  readonly kind = 'conflict';
  constructor(policy: string) {
    super(
      `What the policy ${policy} or the role allows has become stricter since this was asked for, and the request is over. Ask anew within what is allowed now.`,
    );
  }
}

/** Somebody who approved is gone: their approval carries nothing any more. */
export class ElevationApproverGoneError extends DomainError {
  readonly code = 'elevation-approver-gone';
  readonly kind = 'conflict';
  constructor() {
    super('An account that approved of this request is not active any more, and the request is over. Ask anew.');
  }
}

/** It was asked for longer than policy and role allow. */
export class ElevationTooLongError extends DomainError {
  readonly code = 'elevation-too-long';
  readonly kind = 'invalid';
  constructor(policy: string, maxDurationMs: number) {
    super(`The duration must be positive and at most ${maxDurationMs / 60_000} minutes (policy: ${policy}).`);
  }
}

/** The policy does not let anybody have the role at once. */
export class BreakGlassNotAllowedError extends DomainError {
  readonly code = 'break-glass-not-allowed';
  readonly kind = 'forbidden';
  constructor(policy: string) {
    super(
      `The policy ${policy} does not allow break-glass. Ask for the role without it: somebody will have to approve.`,
    );
  }
}

/** There are not enough people who could approve. */
export class NoApproversError extends DomainError {
  readonly code = 'elevation-no-approvers';
  readonly kind = 'unprocessable';
  constructor(policy: string, found: number, needed: number) {
    super(
      `The policy ${policy} needs ${needed} approvals, and it leads to ${found} people besides those who ask. Ask an administrator to name active people as its fallback.`,
    );
  }
}

/** The account that should get the role is suspended or past its end. */
export class ElevationAccountInactiveError extends DomainError {
  readonly code = 'elevation-account-inactive';
  readonly kind = 'conflict';
  constructor() {
    super('The account is not active, so that no role counts for it. Reactivate it first.');
  }
}

/** The request was answered already, or its time is over. */
export class ElevationNotRequestedError extends DomainError {
  readonly code = 'elevation-not-open';
  readonly kind = 'conflict';
  constructor(status: string) {
    super(`This request is not open any more (status: ${status}). Ask anew where the role is still needed.`);
  }
}

/** The elevation has not begun, or is over. */
export class ElevationNotActiveError extends DomainError {
  readonly code = 'elevation-not-active';
  readonly kind = 'conflict';
  constructor(status: string) {
    super(`This elevation is not under way (status: ${status}). Ask anew where the role is still needed.`);
  }
}

/** Nobody approves of what they get or asked for. */
export class OwnElevationError extends DomainError {
  readonly code = 'own-elevation';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'Nobody can approve of an elevation that they asked for or get themselves, neither in person nor through a key that they made. Another approver has to.',
    );
  }
}

/** The key that filed a request cannot also approve of it, whomever it speaks for, nor can a key that it made. */
export class SameKeyError extends DomainError {
  readonly code = 'elevation-same-key';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'This API key filed the request, or has its maker in common with the key that did, and cannot approve of it. Approve by signing in, or with a key of another maker.',
    );
  }
}

/** The person is not among those who are asked. */
export class NotAnApproverError extends DomainError {
  readonly code = 'not-an-approver';
  readonly kind = 'forbidden';
  constructor() {
    super('This is not for you to answer: the request names other people. Ask one of its approvers.');
  }
}

/** Each approval must be of another person. */
export class AlreadyApprovedError extends DomainError {
  readonly code = 'elevation-already-approved';
  readonly kind = 'conflict';
  constructor(missing: number) {
    super(`You have approved already. Approvals of other people are missing: ${missing}.`);
  }
}

/** One person alone cannot lengthen what several had to approve of, or what nobody did. */
export class ElevationNotExtendableError extends DomainError {
  readonly code = 'elevation-not-extendable';
  readonly kind = 'conflict';
  constructor() {
    super('Only an elevation that one approval was enough for can be extended. Ask for a new one instead.');
  }
}

/** Somebody who has no part in an elevation wants to end it. */
export class NotYoursToEndError extends DomainError {
  readonly code = 'elevation-not-yours';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'Only who has the role, who asked, an approver, or somebody with the scope elevations:write can end an elevation or take a request back.',
    );
  }
}
