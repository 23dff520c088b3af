import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { ReportGenerated } from '#libs/contracts';
import { appendOnce, deriveId } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';
import type { EvidenceFile, EvidenceSheet, ReportJob } from '#libs/reports';

/** Writes down which reports were made, with the hash of each of their files. */
@Injectable()
export class ReportRecords {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(KEYRING) private readonly keyring: Pick<Keyring, 'lookupHmac'>,
  ) {}

  /** Records that a report is finished, in the name of whoever asked for it. Once, however often it is called. */
  async generated(job: ReportJob, sheet: EvidenceSheet, files: readonly EvidenceFile[]): Promise<void> {
    const { id, tenant, requestedBy: actor } = job;
    const commandId = uuidv5('generated', id);
    const stream = streamName({ category: 'report', tenant, id });
    await appendOnce(this.path, stream, [reportGenerated(job, sheet, files)], {
      tenant,
      actor,
      commandId,
      commandDigest: this.keyring.lookupHmac('command', commandId),
      correlationId: commandId,
      now: this.path.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    });
  }
}

function reportGenerated(job: ReportJob, sheet: EvidenceSheet, files: readonly EvidenceFile[]): ReportGenerated {
  const { asOf, from, knownAt, timeZone, filter, personal } = job.question;
  return {
    type: 'ReportGenerated',
    data: {
      report: job.id,
      kind: job.kind as ReportGenerated['data']['kind'],
      version: job.version,
      asOf,
      from,
      knownAt,
      timeZone,
      filter: {
        account: filter.account ?? null,
        role: filter.role ?? null,
        application: filter.application ?? null,
        connection: filter.connection ?? null,
        directory: filter.directory ?? null,
        department: filter.department ?? null,
        privileged: filter.privileged ?? null,
        review: filter.review ?? null,
        policy: filter.policy ?? null,
      },
      personal,
      rows: sheet.rows,
      complete: sheet.complete,
      files: files.map(({ name, sha256, bytes }) => ({ name, sha256, bytes })),
      schedule: job.schedule?.id ?? null,
    },
  };
}
