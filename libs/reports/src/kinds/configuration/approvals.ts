import type { ChangeApproved, ChangeHeld } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { streamName } from '#libs/kernel';
import { eventsById } from '../../events/related-events.js';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';

/** Events of one change that waits: it is asked for, at most five agree, and it is made. */
const CHANGE_EVENTS_MAX = 50;

/** Who asked for a change that waited, and who agreed. */
export interface Approval {
  readonly change: string;
  readonly requestedBy: string | null;
  /** In the order in which they agreed. */
  readonly approvedBy: readonly string[];
}

type Approved = SealedEvent & ChangeApproved;

/** The approvals on which events rest that were recorded because of one, by id of the event. Others are left out. */
export async function approvalsOf(
  source: ReportSource,
  question: Question,
  events: readonly SealedEvent[],
): Promise<ReadonlyMap<string, Approval>> {
  const causes = await eventsById(
    source,
    question,
    events.map(({ metadata }) => metadata.causationId),
  );
  const approvals = new Map<string, Approval>();
  for (const event of events) {
    const cause = causes.get(event.metadata.causationId ?? '');
    if (cause?.type === 'ChangeApproved')
      approvals.set(event.id, await approvalUpTo(source, question, cause as Approved));
  }
  return approvals;
}

async function approvalUpTo({ store, reader }: ReportSource, { tenant }: Question, last: Approved): Promise<Approval> {
  const { change } = last.data;
  const stream = streamName({ category: 'heldChange', tenant, id: change });
  const stored = await store.readStream(stream, { limit: CHANGE_EVENTS_MAX });
  const events = reader.decodeWithholding(stored.filter(({ revision }) => revision <= last.revision));
  const held = events.find(({ type }) => type === 'ChangeHeld')?.data as ChangeHeld['data'] | undefined;
  const agreed = events
    .filter(({ type }) => type === 'ChangeApproved')
    .map(({ data }) => data as ChangeApproved['data']);
  return { change, requestedBy: held?.requestedBy ?? null, approvedBy: agreed.map(({ by }) => by) };
}
