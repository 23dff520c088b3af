import type {
  AccessRevoked,
  GrantsReduced,
  ReviewDecisionRecorded,
  ReviewItemClosed,
  RoleWithheld,
  SessionsEnded,
  SignalReceived,
} from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { type Asking, effectsOf } from '../../events/effects-of.js';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';

/** What is on record before it takes effect. What a call, a clock or changed rules ask for is on record with its effect only. */
export type Demand = SealedEvent & (ReviewDecisionRecorded | SignalReceived);

type Answer = SealedEvent & (ReviewItemClosed | AccessRevoked | GrantsReduced | RoleWithheld | SessionsEnded);

/** Types of demands. */
export const DEMANDS: readonly string[] = ['ReviewDecisionRecorded', 'SignalReceived'];

/** Types of what shows that a demand was met. */
const ANSWERS = ['ReviewItemClosed', 'AccessRevoked', 'GrantsReduced', 'RoleWithheld', 'SessionsEnded'];

/** Whether an event is a demand, whatever it demands. */
export const isDemand = (event: SealedEvent): event is Demand => DEMANDS.includes(event.type);

/**
 * Whether a demand must leave an effect on record: a decision that takes access away, or a notice that ends all sessions of somebody. A
 * notice about one session may find it ended already, and then nothing is recorded.
 */
export function mustHaveEffect({ type, data }: Demand): boolean {
  if (type === 'ReviewDecisionRecorded') return data.decision === 'revoke' || data.decision === 'reduce';
  return data.account !== null && data.kind !== 'account-enabled' && data.sessionIndex === null;
}

/**
 * Ids of the demands that were met by the end of the question: the item of the decision is closed, which follows its effect, or the effect is
 * there; of a notice, the end of its sessions is on record, which comes last of all that follows from it.
 */
export async function metDemands(
  source: ReportSource,
  question: Question,
  demands: readonly Demand[],
): Promise<ReadonlySet<string>> {
  const byId = new Map(demands.map((demand) => [demand.id, demand]));
  const asking = demands.flatMap(({ id, position, data: { account } }) =>
    account === null ? [] : [{ id, position, account }],
  );
  const isEffect = (event: SealedEvent, { id }: Asking) => isAnswerTo(event as Answer, byId.get(id) as Demand);
  const effects = await effectsOf(source, question, asking, { types: ANSWERS, isEffect, firstOnly: true });
  return new Set(effects.keys());
}

function isAnswerTo(answer: Answer, { id, type, data }: Demand): boolean {
  switch (answer.type) {
    case 'ReviewItemClosed':
      return type === 'ReviewDecisionRecorded' && answer.data.item === data.item;
    case 'AccessRevoked':
      return type === 'ReviewDecisionRecorded' && answer.data.evidence === id;
    case 'GrantsReduced':
    case 'RoleWithheld':
      return answer.data.decision === id;
    case 'SessionsEnded':
      return answer.data.signal === id;
  }
}
