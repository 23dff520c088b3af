import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { CommitQueue } from './commit-queue.js';
import { EventLog, type LoggedEvent, type ProposedEvent, systemEvents } from './event-log.js';
import type { Faults } from './faults.js';
import { type CallFailure, callFailure } from './grpc-errors.js';
import { LogFile } from './log-file.js';
import type { Credentials } from './stand-in.options.js';

/** Appends between two bursts of the server's own events. */
const APPENDS_PER_SYSTEM_BURST = 20;

/** What makes one server. */
export interface NodeSettings {
  readonly faults: Faults;
  readonly credentials?: Credentials;
  readonly maxAppendBytes: number;
  readonly now: () => number;
  /** Told when the disk refused a write. */
  readonly onBroken: (reason: unknown) => void;
}

/** The state behind the calls: the log, the queue of writes, the settings. */
export class NodeState {
  readonly queue: CommitQueue;
  #appends = 0;

  private constructor(
    readonly log: EventLog,
    readonly settings: NodeSettings,
    private readonly file: LogFile | undefined,
  ) {
    this.queue = new CommitQueue(log, settings.onBroken, file);
  }

  /** Opens the log, from a file where one is given, and writes what a server writes when it starts. @throws what the disk says when it refuses */
  static async open(settings: NodeSettings, path?: string): Promise<NodeState> {
    const log = new EventLog();
    const file = path === undefined ? undefined : await LogFile.open(path, log);
    const refused: unknown[] = [];
    const onBroken = (reason: unknown) => {
      refused.push(reason);
      settings.onBroken(reason);
    };
    const state = new NodeState(log, { ...settings, onBroken }, file);
    await state.queue.commit(() => state.#writeSystemEvents());
    if (refused.length > 0) {
      await state.close();
      throw refused[0];
    }
    return state;
  }

  /** Stages events and notes them for the file. To be called from work in the queue. */
  write(stream: string, events: readonly ProposedEvent[]): readonly LoggedEvent[] {
    const created = this.settings.now();
    const logged = this.log.stage(stream, events, created);
    if (logged.length > 0) this.file?.write(stream, events, created);
    return logged;
  }

  /** Like `write`, for what a client appended: now and then the server's own events follow. */
  writeAppended(stream: string, events: readonly ProposedEvent[]): readonly LoggedEvent[] {
    const logged = this.write(stream, events);
    this.#appends += 1;
    if (this.#appends % APPENDS_PER_SYSTEM_BURST === 0) this.#writeSystemEvents();
    return logged;
  }

  /** Why a call may not be made; undefined when it may. */
  refusal({ metadata }: Pick<ServerUnaryCall<unknown, unknown>, 'metadata'>): CallFailure | undefined {
    const { credentials } = this.settings;
    if (!credentials) return undefined;
    const [given] = metadata.get('authorization');
    if (given === undefined) return callFailure.accessDenied();
    const right = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
    return String(given) === `Basic ${right}` ? undefined : callFailure.unauthenticated();
  }

  /** Closes the file; what is asked for afterwards is not done. Without a file the log is kept and goes on. */
  async close(): Promise<void> {
    if (this.file) await this.queue.close();
    await this.file?.close();
  }

  #writeSystemEvents(): void {
    for (const { stream, event } of systemEvents(this.log.length)) this.write(stream, [event]);
  }
}

/** Ends a streaming call with a failure. */
export function fail(call: Pick<ServerWritableStream<unknown, unknown>, 'emit'>, failure: CallFailure): void {
  call.emit('error', failure);
}
