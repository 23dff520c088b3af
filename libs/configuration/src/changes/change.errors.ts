import { DomainError } from '#libs/kernel';

/** What a held change was made from has changed since, or the change cannot be made any more. */
export class ChangeOutdatedError extends DomainError {
  readonly code = 'change-outdated';
  readonly kind = 'conflict';
  constructor() {
    super(
      'What this change was made from has changed since, so it was not made. Look at how things stand now, and ask for the change anew where it is still wanted.',
    );
  }
}

/** A change is too large to be kept until somebody approves of it. */
export class ChangeTooLargeError extends DomainError {
  readonly code = 'change-too-large';
  readonly kind = 'unprocessable';
  constructor(max: number) {
    super(`A change that waits for approval may have ${max} characters at most. Make it in smaller steps.`);
  }
}

/** So many changes wait that nobody can look at them any more. */
export class TooManyChangesWaitError extends DomainError {
  readonly code = 'too-many-changes-wait';
  readonly kind = 'conflict';
  constructor(max: number) {
    super(
      `${max} changes of this tenant wait for approval, and no more can. Answer some of them or take them back, then ask again.`,
    );
  }
}
