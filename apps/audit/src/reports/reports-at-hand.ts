import { Inject, Injectable } from '@nestjs/common';
import { type Caller, CLOCK, type Clock, MissingScopeError, ownedBy } from '#libs/platform';
import {
  ReportFilesExpiredError,
  type ReportJob,
  ReportNotDoneError,
  type ReportQueue,
  type ReportSource,
} from '#libs/reports';
import { maySeePersonal } from '../reading/read-model.js';
import { REPORT_QUEUE, REPORT_SOURCE } from './reports.tokens.js';

/** Reports that exist, for those who may see them. */
@Injectable()
export class ReportsAtHand {
  constructor(
    @Inject(REPORT_QUEUE) private readonly queue: ReportQueue,
    @Inject(REPORT_SOURCE) readonly source: ReportSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A report, whatever its state. @throws {NotFoundError} also for another tenant's */
  async one(caller: Caller, id: string): Promise<ReportJob> {
    return ownedBy(caller, await this.queue.find(id), 'report');
  }

  /**
   * A report whose rows and files can be had by this caller.
   * @throws {NotFoundError | ReportNotDoneError | ReportFilesExpiredError}
   * @throws {MissingScopeError} when it shows personal data and the caller may not see them
   */
  async finished(caller: Caller, id: string): Promise<ReportJob> {
    const job = await this.one(caller, id);
    if (job.status !== 'done') throw new ReportNotDoneError(job.status);
    if (job.swept || job.expiresAt === null || job.expiresAt <= this.clock.now()) throw new ReportFilesExpiredError();
    if (job.question.personal && !maySeePersonal(caller)) throw new MissingScopeError(['personal:read']);
    return job;
  }
}

/** Reports are for those who may read the audit, and for those who may ask for them. @throws {MissingScopeError} */
export function requireReports({ scopes }: Caller): void {
  if (!scopes.has('audit:read') && !scopes.has('reports:write')) throw new MissingScopeError(['audit:read']);
}
