import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { workerFile } from '#libs/workers';
import { DatabaseUnavailableError, EmbeddedDatabaseStoppedError } from '../database.errors.js';
import { reasonOf } from '../reason-of.js';
import { EmbeddedConnection, type ProtocolPeer } from './embedded-connection.js';
import type { FromWorker } from './worker-messages.js';

/** After this long, milliseconds, a thread that does not end by itself is ended; nothing acknowledged is lost by that. */
const CLOSE_WAIT_MS = 10_000;

/** A running embedded PostgreSQL. */
export interface EmbeddedServer {
  /** Opens a connection; all connections share the one session of the database. */
  connect(): EmbeddedConnection;
  /** Checkpoints and ends the thread. */
  close(): Promise<void>;
}

/** How to start the embedded PostgreSQL. */
export interface EmbeddedServerOptions {
  /** A complete cluster; see `creation.ts`. */
  readonly folder: string;
  /** Called once when the thread ends without having been asked to. Every waiting and later statement is rejected with the same error. */
  readonly onStopped: (error: EmbeddedDatabaseStoppedError) => void;
  /** PostgreSQL's start parameters; the durable ones if absent. */
  readonly startParams?: readonly string[];
}

/**
 * Starts PostgreSQL in a worker thread and waits until it has proved that its commits reach the disk.
 * @throws {DatabaseUnavailableError} when it does not come up
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { folder, startParams, onStopped } = options;
  const worker = new Worker(workerFile(import.meta.url, './pglite.worker.js'), { workerData: { folder, startParams } });
  const peer = new WorkerPeer(worker);
  await peer.ready;
  peer.onStopped = onStopped;
  return { connect: () => new EmbeddedConnection(peer), close: () => closeWorker(worker, peer) };
}

class WorkerPeer implements ProtocolPeer {
  /** Resolves when statements are taken, rejects when the thread ends before. */
  readonly ready: Promise<void>;
  onStopped: (error: EmbeddedDatabaseStoppedError) => void = () => {};
  private readonly start = Promise.withResolvers<void>();
  private readonly open = new Set<EmbeddedConnection>();
  /** The thread gives one answer per group, in order. An answer for a connection that is gone must not reach the next one. */
  private readonly asking: EmbeddedConnection[] = [];
  private stopped?: EmbeddedDatabaseStoppedError;
  private closing = false;
  private reason = 'its thread ended';

  constructor(private readonly worker: Worker) {
    this.ready = this.start.promise;
    worker.on('message', (message: FromWorker) => this.receive(message));
    worker.on('error', (error: unknown) => this.note(reasonOf(error)));
    worker.on('exit', () => this.stop());
  }

  attach(connection: EmbeddedConnection): void {
    if (this.stopped) connection.destroy(this.stopped);
    this.open.add(connection);
    connection.once('close', () => this.open.delete(connection));
  }

  send(connection: EmbeddedConnection, group: Uint8Array): void {
    if (this.stopped) return;
    this.asking.push(connection);
    this.worker.postMessage(group, [group.buffer as ArrayBuffer]);
  }

  close(): void {
    this.closing = true;
    this.worker.postMessage('close');
  }

  private receive(message: FromWorker): void {
    if (!('kind' in message))
      this.asking.shift()?.receive(Buffer.from(message.buffer, message.byteOffset, message.length));
    else if (message.kind === 'failed') this.note(message.reason);
    else this.start.resolve();
  }

  private note(reason: string): void {
    this.reason = reason;
  }

  private stop(): void {
    this.stopped = new EmbeddedDatabaseStoppedError(this.reason);
    this.start.reject(new DatabaseUnavailableError(`The embedded database does not start: ${this.reason}`));
    for (const connection of this.open) connection.destroy(this.stopped);
    if (!this.closing) this.onStopped(this.stopped);
  }
}

async function closeWorker(worker: Worker, peer: WorkerPeer): Promise<void> {
  if (worker.threadId === -1) return;
  const ended = once(worker, 'exit');
  peer.close();
  const tooLong = new AbortController();
  await Promise.race([ended, delay(CLOSE_WAIT_MS, undefined, { signal: tooLong.signal }).catch(() => {})]);
  tooLong.abort();
  await worker.terminate();
}
