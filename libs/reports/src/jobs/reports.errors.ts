import { DomainError } from '#libs/kernel';

/** A day or an instant of the question has not come yet. */
export class DateInFutureError extends DomainError {
  readonly code = 'date-in-future';
  readonly kind = 'unprocessable';
  /** @param field `asOf`, `from` or `to` */
  constructor(field: string, asked: string, timeZone: string) {
    const day = asked.length === 10;
    super(
      day
        ? `${field}: the day ${asked} has not ended in ${timeZone}. Ask for a day that has, for an instant that has come, or leave it out for now.`
        : `${field}: ${asked} has not come yet. Ask for an instant that has, or leave it out for now.`,
    );
  }
}

/** The period ends before it begins, or where it begins. */
export class FromAfterToError extends DomainError {
  readonly code = 'from-after-to';
  readonly kind = 'unprocessable';
  constructor(from: string, to: string) {
    super(
      from === to
        ? `The period would begin and end at ${to}, and nothing could be in it: from is exclusive. For one day, say the day before as from and the day itself as its end: from 2026-06-29 and to 2026-06-30 are the 30th alone.`
        : `The period would begin at ${from} and end before, at ${to}. Exchange from and to, or correct one of them.`,
    );
  }
}

/** The end of a period is said twice, and differently. */
export class TwoEndsError extends DomainError {
  readonly code = 'two-ends';
  readonly kind = 'unprocessable';
  constructor() {
    super('asOf and to both say where the period ends, and differ. Send one of them.');
  }
}

/** A report about an instant was asked for a period. */
export class NotAboutPeriodError extends DomainError {
  readonly code = 'not-about-a-period';
  readonly kind = 'unprocessable';
  constructor(kind: string) {
    super(`${kind} is about an instant: say asOf, not from or to.`);
  }
}

/** The installation itself was asked about what only customers have. */
export class NotOfInstallationError extends DomainError {
  readonly code = 'not-of-installation';
  readonly kind = 'unprocessable';
  /** @param can kinds that tell of the installation */
  constructor(kind: string, can: readonly string[]) {
    super(
      `${kind} tells of a customer, and the installation itself is none. Name a customer as tenant; ${can.join(', ')} also tell of the installation.`,
    );
  }
}

/** The question wants to know what is not in the log yet. */
export class KnownAtBeyondLogError extends DomainError {
  readonly code = 'known-at-beyond-log';
  readonly kind = 'unprocessable';
  constructor(knownAt: number, last: number) {
    super(`The log ends at position ${last}, before ${knownAt}. Leave knownAt out for everything that is known.`);
  }
}

/** The report cannot be narrowed by this. */
export class FilterNotTakenError extends DomainError {
  readonly code = 'filter-not-taken';
  readonly kind = 'unprocessable';
  constructor(kind: string, filter: string, taken: readonly string[]) {
    const can = taken.length > 0 ? `It takes ${taken.join(', ')}.` : 'It takes none.';
    super(`${kind} takes no filter by ${filter}. ${can}`);
  }
}

/** A filter by personal data, by somebody who may not see them: the rows would tell. */
export class PersonalFilterError extends DomainError {
  readonly code = 'personal-filter';
  readonly kind = 'forbidden';
  constructor(filter: string) {
    super(`A filter by ${filter} needs the scope personal:read, since the rows would tell whose it is.`);
  }
}

/** So many reports wait already that one more would only wait. */
export class TooManyReportsError extends DomainError {
  readonly code = 'too-many-reports';
  readonly kind = 'limited';
  constructor(limit: number) {
    super(`${limit} reports of this tenant wait already. Cancel some, or ask again when they are done.`);
  }
}

/** The reports of the tenant that are kept take so much room already that one more could leave none for others. */
export class TooMuchKeptError extends DomainError {
  readonly code = 'too-much-kept';
  readonly kind = 'limited';
  /** @param limit bytes */
  constructor(limit: number) {
    const gibibytes = limit / 1024 ** 3;
    super(
      `The reports of this tenant that are kept take ${gibibytes} GiB, which is all they may. They go 30 days after they were made. Ask again when older ones have gone.`,
    );
  }
}

/** The tables that the rows of the report came from were replaced by others, so the rows begin anew. */
export class ReadModelRebuiltError extends DomainError {
  readonly code = 'report-read-model-rebuilt';
  readonly kind = 'unavailable';
  constructor() {
    super(
      'The read model was rebuilt while the report was made. The report begins anew from the rebuilt one. Nothing is lost.',
    );
  }
}

/** What has ended cannot be cancelled. */
export class ReportEndedError extends DomainError {
  readonly code = 'report-ended';
  readonly kind = 'conflict';
  constructor(status: string) {
    super(`The report has ended already (status: ${status}), so there is nothing to cancel.`);
  }
}

/** The report is still to be made, or never will be. */
export class ReportNotDoneError extends DomainError {
  readonly code = 'report-not-done';
  readonly kind = 'conflict';
  constructor(status: string) {
    super(`The report has no files (status: ${status}). They are there once its status is done.`);
  }
}

/** The files were kept for their time. */
export class ReportFilesExpiredError extends DomainError {
  readonly code = 'report-files-expired';
  readonly kind = 'notFound';
  constructor() {
    super(
      'The files of this report are not kept any longer. Ask for it again with its asOf and knownAt: the data files will be the same to the byte.',
    );
  }
}

/** The read model has not taken in yet what the report is to know. */
export class ReportBehindError extends DomainError {
  readonly code = 'report-waits-for-read-model';
  readonly kind = 'unavailable';
  constructor() {
    super('The report waits until the read model has reached the position that it is to know. Nothing is lost.');
  }
}

/** The process that made the report ended again and again at the same place. */
export class ReportInterruptedError extends DomainError {
  readonly code = 'report-interrupted';
  readonly kind = 'unavailable';
  constructor(attempts: number) {
    super(
      `The making of the report broke off ${attempts} times at the same place. Look at the log and the memory of the audit server, then ask for it again.`,
    );
  }
}

/** The kind of a report is gone, or its rows mean something else since. */
export class KindChangedError extends DomainError {
  readonly code = 'report-kind-changed';
  readonly kind = 'conflict';
  constructor() {
    super('This kind of report has changed since it was asked for. Ask for it again.');
  }
}

/** Somebody cancelled the report, or another process has gone on with it: this one stops. */
export class JobEndedError extends DomainError {
  readonly code = 'report-job-ended';
  readonly kind = 'conflict';
  constructor() {
    super('The report is not being made any more by this process. Nothing further was kept.');
  }
}
