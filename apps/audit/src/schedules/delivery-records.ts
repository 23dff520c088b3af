import { Inject, Injectable } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { ReportDelivered, ReportNotDelivered } from '#libs/contracts';
import { appendOnce, deriveId } from '#libs/event-store';
import { streamName, system } from '#libs/kernel';
import { KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';
import type { ReportDelivery } from '#libs/reports';

/** Records what became of deliveries, each as a stream of one event; a repeat after a crash is recognised. */
@Injectable()
export class DeliveryRecords {
  constructor(
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(KEYRING) private readonly keyring: Pick<Keyring, 'lookupHmac'>,
  ) {}

  /** Records a delivery that is settled. Once, however often it is called. */
  async settled({ job, channel, state, attempts, code }: ReportDelivery): Promise<void> {
    const { id: report, tenant, schedule } = job;
    if (schedule === null || state === 'queued') throw new TypeError('Only what is settled can be recorded.');
    const data = { report, schedule: schedule.id, channel, attempts };
    const event: ReportDelivered | ReportNotDelivered =
      state === 'delivered'
        ? { type: 'ReportDelivered', data }
        : { type: 'ReportNotDelivered', data: { ...data, code: code ?? 'delivery-failed' } };
    const commandId = uuidv5(`delivered/${channel}`, report);
    await appendOnce(this.path, streamName({ category: 'reportDelivery', tenant, id: commandId }), [event], {
      tenant,
      actor: system('reports'),
      commandId,
      commandDigest: this.keyring.lookupHmac('command', commandId),
      correlationId: commandId,
      now: this.path.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    });
  }
}
