import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { expectedIn } from './append.calls.js';
import { callFailure } from './grpc-errors.js';
import type { NodeState } from './node-state.js';
import { features, gossip, shared, streamNameIn, streams, uuidOf } from './protocol.js';
import type { Negotiation } from './stand-in.options.js';
import { judgeAppend, softDeletion, tombstone } from './stream-rules.js';

/** What the stand-in answers when asked for its version: nobody may take it for the product. */
const VERSION = '26.0.0-stand-in';
const UNIMPLEMENTED = 12;
const STREAMS = 'event_store.client.streams.streams';

type DeleteRequest = streams.DeleteReq | streams.TombstoneReq;
type Unary<Q, A> = (call: ServerUnaryCall<Q, A>, answer: sendUnaryData<A>) => void;

/** Deletions: soft, which lets the stream be written again, and for ever. */
export function deleteCalls(state: NodeState): {
  readonly delete: Unary<streams.DeleteReq, streams.DeleteResp>;
  readonly tombstone: Unary<streams.TombstoneReq, streams.TombstoneResp>;
} {
  return {
    delete: (call, answer) => void remove(state, call, answer, 'soft'),
    tombstone: (call, answer) => void remove(state, call, answer, 'for ever'),
  };
}

async function remove<Q extends DeleteRequest>(
  state: NodeState,
  call: ServerUnaryCall<Q, streams.DeleteResp>,
  answer: sendUnaryData<streams.DeleteResp>,
  how: 'soft' | 'for ever',
): Promise<void> {
  const options = call.request.getOptions();
  const refusal = state.refusal(call);
  if (refusal || !options) return answer(refusal ?? callFailure.invalidArgument('The deletion has no options.'));
  const fate = await state.settings.faults.meet('delete');
  if (fate.kind === 'failed') return answer(fate.failure);
  if (fate.kind !== 'served') return;
  const stream = streamNameIn(options.getStreamIdentifier());
  const expected = expectedIn(options, options.hasRevision() ? BigInt(options.getRevision()) : undefined);
  const outcome = await state.queue.commit(() => {
    const verdict = judgeAppend(state.log, stream, expected, ['']);
    if (verdict.kind !== 'append') return verdict;
    const id = `00000000-0000-4000-9000-${state.log.length.toString(16).padStart(12, '0')}`;
    const [target, event] = how === 'soft' ? [`$$${stream}`, softDeletion(id)] : [stream, tombstone(id)];
    return { kind: 'done', position: String(state.write(target, [event]).at(-1)?.position) } as const;
  });
  if (!outcome) return;
  if (outcome.kind === 'stream-deleted') return answer(callFailure.streamDeleted(stream));
  if (outcome.kind !== 'done') {
    const current = state.log.last(stream)?.revision ?? -1;
    return answer(callFailure.wrongExpectedVersion(stream, expected, current));
  }
  const [response, position] =
    how === 'soft'
      ? [new streams.DeleteResp(), new streams.DeleteResp.Position()]
      : [new streams.TombstoneResp(), new streams.TombstoneResp.Position()];
  position.setCommitPosition(outcome.position).setPreparePosition(outcome.position);
  answer(null, (response as streams.DeleteResp).setPosition(position));
}

/** Which calls this server has. */
export function featureCalls(
  state: NodeState,
  negotiation: Negotiation,
): { readonly getSupportedMethods: Unary<shared.Empty, features.SupportedMethods> } {
  const names = ['read', 'append', 'delete', 'tombstone', ...(negotiation === 'batch-append' ? ['batchappend'] : [])];
  const methods = names.map((name) =>
    new features.SupportedMethod().setServiceName(STREAMS).setMethodName(name).setFeaturesList(featuresOf(name)),
  );
  const answers = new features.SupportedMethods().setEventStoreServerVersion(VERSION).setMethodsList(methods);
  return {
    getSupportedMethods: async (_call, answer) => {
      const fate = await state.settings.faults.meet('features');
      if (fate.kind === 'failed') return answer(fate.failure);
      if (fate.kind !== 'served') return;
      if (negotiation === 'no-features') return answer(callFailure.withCode(UNIMPLEMENTED));
      answer(null, answers);
    },
  };
}

function featuresOf(method: string): string[] {
  if (method === 'read') return ['position', 'events'];
  return method === 'batchappend' ? ['deadline_duration'] : [];
}

/** Who is in the cluster: this server alone, as its leader. */
export function gossipCalls(
  state: NodeState,
  address: () => { readonly host: string; readonly port: number },
): { readonly read: Unary<shared.Empty, gossip.ClusterInfo> } {
  return {
    read: async (_call, answer) => {
      const fate = await state.settings.faults.meet('gossip');
      if (fate.kind === 'failed') return answer(fate.failure);
      if (fate.kind !== 'served') return;
      const { host, port } = address();
      const member = new gossip.MemberInfo()
        .setInstanceId(uuidOf('00000000-0000-4000-a000-000000000001', 'structured'))
        .setTimeStamp(String(BigInt(state.settings.now()) * 10_000n))
        .setState(gossip.MemberInfo.VNodeState.LEADER)
        .setIsAlive(true)
        .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port));
      answer(null, new gossip.ClusterInfo().setMembersList([member]));
    },
  };
}
