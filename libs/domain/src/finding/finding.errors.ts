import { DomainError } from '#libs/kernel';

/** How far ahead a finding may be accepted, in days: once a year somebody looks at it again. */
export const ACCEPTANCE_DAYS_MAX = 366;

/** No such finding in this tenant. */
export class FindingNotFoundError extends DomainError {
  readonly code = 'finding-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such finding in this tenant.');
  }
}

/** The finding is resolved: nothing is left to decide. */
export class FindingResolvedError extends DomainError {
  readonly code = 'finding-resolved';
  readonly kind = 'conflict';
  constructor() {
    super('This finding is resolved already. If it comes back, it is raised again and can be decided then.');
  }
}

/** Somebody else answers for the finding. */
export class FindingNotYoursError extends DomainError {
  readonly code = 'finding-not-yours';
  readonly kind = 'forbidden';
  constructor() {
    super('Only who answers for a finding, or an administrator, may change it. Ask one of them to assign it to you.');
  }
}

/** Nobody closes, accepts or passes on what was found about themselves, whatever else they may do. */
export class OwnFindingError extends DomainError {
  readonly code = 'own-finding';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'Whom a finding is about neither decides it, in person or through a key that they made, nor answers for it. Have it assigned to somebody else.',
    );
  }
}

/** An acceptance without an end, or with one too far away, would be a silent exception. */
export class AcceptanceEndError extends DomainError {
  readonly code = 'invalid-acceptance-end';
  readonly kind = 'unprocessable';
  constructor() {
    super(`until must lie in the future, at most ${ACCEPTANCE_DAYS_MAX} days ahead.`);
  }
}
