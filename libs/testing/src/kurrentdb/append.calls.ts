import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { ProposedEvent } from './event-log.js';
import type { Fate, Refusal } from './faults.js';
import { appendFailure, type CallFailure, callFailure } from './grpc-errors.js';
import { fail, type NodeState } from './node-state.js';
import { shared, streamIdentifier, streamNameIn, streams, uuidIn } from './protocol.js';
import { type Expected, judgeAppend, truncation } from './stream-rules.js';

/** An append as it arrived, perhaps still growing. */
interface Draft {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: ProposedEvent[];
  bytes: number;
}

/** Where a successful append ended. */
interface Success {
  readonly kind: 'success';
  readonly revision: number;
  readonly position?: number;
}

type Outcome =
  | Success
  | { readonly kind: 'wrong-expected-version'; readonly current: number }
  | { readonly kind: 'stream-deleted' };

type Message = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;
type BatchCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

/** Both ways to append: one call for one append, and a stream of appends whose answers carry the id of the question. */
export function appendCalls(state: NodeState) {
  return {
    append: (
      call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
      answer: sendUnaryData<streams.AppendResp>,
    ) => void appendAlone(state, call, answer),
    batchAppend: (call: BatchCall) => appendInBatches(state, call),
  };
}

async function appendAlone(
  state: NodeState,
  call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
  answer: sendUnaryData<streams.AppendResp>,
): Promise<void> {
  const refusal = state.refusal(call);
  const draft = await draftIn(call);
  if (draft === 'cut') return;
  if (refusal || !draft) return answer(refusal ?? callFailure.invalidArgument('The append has no options.'));
  const limit = state.settings.maxAppendBytes;
  if (draft.bytes > limit) return answer(callFailure.tooLarge(limit));
  const fate = await state.settings.faults.meet('append');
  const outcome = await carryOut(state, draft, fate);
  await state.settings.faults.passing();
  if (fate.kind === 'failed') return answer(fate.failure);
  if (fate.kind === 'refused') return answer(refusedCall[fate.refusal]());
  if (fate.kind === 'unanswered' || !outcome) return;
  if (outcome.kind === 'stream-deleted') return answer(callFailure.streamDeleted(draft.stream));
  answer(null, appendResponse(draft.expected, outcome));
}

/** Reads an append to its end; an append whose connection was cut before is none. */
async function draftIn(call: AsyncIterable<streams.AppendReq>): Promise<Draft | undefined | 'cut'> {
  let draft: Draft | undefined;
  try {
    for await (const request of call) {
      const options = request.getOptions();
      if (options) {
        const revision = options.hasRevision() ? BigInt(options.getRevision()) : undefined;
        draft = draftOf(options.getStreamIdentifier(), expectedIn(options, revision));
      }
      const message = request.getProposedMessage();
      if (message && draft) add(draft, message);
    }
    return draft;
  } catch {
    return 'cut';
  }
}

const refusedCall: Readonly<Record<Refusal, () => CallFailure>> = {
  timeout: callFailure.timeout,
  'access-denied': callFailure.accessDenied,
  unknown: callFailure.unknown,
};

function appendInBatches(state: NodeState, call: BatchCall): void {
  const refusal = state.refusal(call);
  const drafts = new Map<string, Draft>();
  let [open, ended] = [0, false];
  const closeWhenDone = () => {
    if (ended && open === 0) call.end();
  };
  call.on('data', (request: streams.BatchAppendReq) => {
    const draft = grown(state, drafts, request);
    if (!draft) return;
    const id = uuidIn(request.getCorrelationId());
    const response = new streams.BatchAppendResp()
      .setCorrelationId(request.getCorrelationId())
      .setStreamIdentifier(streamIdentifier(draft.stream));
    const limit = state.settings.maxAppendBytes;
    const problem = refusal ? appendFailure.accessDenied() : draft.bytes > limit ? appendFailure.tooLarge(limit) : null;
    if (problem || request.getIsFinal()) drafts.delete(id);
    if (problem) return void call.write(response.setError(problem));
    if (!request.getIsFinal()) return;
    open += 1;
    void answerInBatch(state, call, draft, response).finally(() => {
      open -= 1;
      closeWhenDone();
    });
  });
  call.on('end', () => {
    ended = true;
    closeWhenDone();
  });
}

/** The append that a piece belongs to, with the piece added; undefined when it was refused before. */
function grown(state: NodeState, drafts: Map<string, Draft>, request: streams.BatchAppendReq): Draft | undefined {
  const id = uuidIn(request.getCorrelationId());
  const options = request.getOptions();
  if (options?.hasDeadline21100() || options?.hasDeadline()) state.settings.faults.noteDeadline();
  if (options) {
    const revision = options.hasStreamPosition() ? BigInt(options.getStreamPosition()) : undefined;
    drafts.set(id, draftOf(options.getStreamIdentifier(), expectedIn(options, revision)));
  }
  const draft = drafts.get(id);
  if (draft) for (const message of request.getProposedMessagesList()) add(draft, message);
  return draft;
}

async function answerInBatch(state: NodeState, call: BatchCall, draft: Draft, response: streams.BatchAppendResp) {
  const fate = await state.settings.faults.meet('append');
  const outcome = await carryOut(state, draft, fate);
  await state.settings.faults.passing();
  if (fate.kind === 'failed') return fail(call, fate.failure);
  const silent = fate.kind === 'unanswered' || (fate.kind === 'served' && !outcome);
  if (silent || call.cancelled) return;
  if (fate.kind === 'refused') response.setError(refusedAppend[fate.refusal]());
  else if (outcome?.kind === 'success') response.setSuccess(batchSuccess(outcome));
  else if (outcome?.kind === 'stream-deleted') response.setError(appendFailure.streamDeleted(draft.stream));
  else if (outcome) response.setError(appendFailure.wrongExpectedVersion(draft.expected, outcome.current));
  call.write(response);
}

const refusedAppend = {
  timeout: appendFailure.timeout,
  'access-denied': appendFailure.accessDenied,
  unknown: appendFailure.unknown,
};

/** Stores an append as the rules and its fate want it; undefined when nothing was tried. */
async function carryOut(state: NodeState, draft: Draft, fate: Fate): Promise<Outcome | undefined> {
  if (fate.kind === 'refused' || (fate.kind !== 'served' && !fate.stored)) return undefined;
  return state.queue.commit(() => store(state, draft));
}

function store(state: NodeState, { stream, expected, events }: Draft): Outcome {
  const ids = events.map(({ id }) => id);
  const verdict = judgeAppend(state.log, stream, expected, ids);
  if (verdict.kind === 'repeat') {
    return { kind: 'success', revision: verdict.last.revision, position: verdict.last.position };
  }
  if (verdict.kind !== 'append') return verdict;
  const before = state.log.last(stream)?.revision ?? -1;
  const last = state.writeAppended(stream, events).at(-1);
  if (last && verdict.revives) {
    state.write(`$$${stream}`, [truncation(last.id.replace(/^.{8}/, '00000000'), BigInt(before + 1))]);
  }
  return { kind: 'success', revision: last?.revision ?? before, position: last?.position };
}

function draftOf(identifier: shared.StreamIdentifier | undefined, expected: Expected): Draft {
  return { stream: streamNameIn(identifier), expected, events: [], bytes: 0 };
}

function add(draft: Draft, message: Message): void {
  const metadata = message.getMetadataMap();
  const event: ProposedEvent = {
    id: uuidIn(message.getId()),
    type: metadata.get('type') ?? '',
    contentType: metadata.get('content-type') ?? 'application/octet-stream',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  };
  draft.events.push(event);
  draft.bytes += event.data.length + event.metadata.length + 2 * event.type.length;
}

/** What both kinds of request, and deletions, say about where the stream should end. */
export function expectedIn(
  options: { hasAny(): boolean; hasNoStream(): boolean; hasStreamExists(): boolean },
  revision: bigint | undefined,
): Expected {
  if (revision !== undefined) return revision;
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}

function appendResponse(expected: Expected, outcome: Exclude<Outcome, { kind: 'stream-deleted' }>): streams.AppendResp {
  const response = new streams.AppendResp();
  if (outcome.kind === 'wrong-expected-version') {
    return response.setWrongExpectedVersion(wrongExpectedVersion(expected, outcome.current));
  }
  const { revision, position } = outcome;
  const success = new streams.AppendResp.Success();
  if (revision < 0) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) success.setNoPosition(new shared.Empty());
  else {
    const place = String(position);
    success.setPosition(new streams.AppendResp.Position().setCommitPosition(place).setPreparePosition(place));
  }
  return response.setSuccess(success);
}

function wrongExpectedVersion(expected: Expected, current: number): streams.AppendResp.WrongExpectedVersion {
  const told = new streams.AppendResp.WrongExpectedVersion();
  if (current < 0) told.setCurrentNoStream(new shared.Empty());
  else told.setCurrentRevision(String(current));
  if (expected === 'any') return told.setExpectedAny(new shared.Empty());
  if (expected === 'no_stream') return told.setExpectedNoStream(new shared.Empty());
  if (expected === 'stream_exists') return told.setExpectedStreamExists(new shared.Empty());
  return told.setExpectedRevision(String(expected));
}

function batchSuccess({ revision, position }: Success): streams.BatchAppendResp.Success {
  const success = new streams.BatchAppendResp.Success();
  if (revision < 0) success.setNoStream(new empty.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) return success.setNoPosition(new empty.Empty());
  const place = String(position);
  return success.setPosition(new shared.AllStreamPosition().setCommitPosition(place).setPreparePosition(place));
}
