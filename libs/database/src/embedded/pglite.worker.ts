import { parentPort, workerData } from 'node:worker_threads';
import type { PGlite } from '@electric-sql/pglite';
import { reasonOf } from '../reason-of.js';
import { openDurable } from './durable-pglite.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

/**
 * The thread in which the embedded PostgreSQL runs, so that a long scan never stops the event loop of the process.
 * It takes groups of protocol messages one after another and answers each with PostgreSQL's raw bytes.
 */
const port = parentPort;
if (!port) throw new Error('The embedded database runs only as a worker thread.');

const tell = (message: FromWorker) => port.postMessage(message);

/** Ends this thread before any answer can leave it: after a failed flush PostgreSQL no longer knows what is on the disk. */
function fail(reason: string): never {
  tell({ kind: 'failed', reason });
  process.exit(1);
}

async function serve(database: PGlite, message: ToWorker): Promise<void> {
  if (message === 'close') return close(database);
  const chunks: Uint8Array[] = [];
  await database.execProtocolRawStream(message, { onRawData: (chunk) => void chunks.push(chunk.slice()) });
  const answer = joined(chunks);
  port?.postMessage(answer, [answer.buffer as ArrayBuffer]);
}

async function close(database: PGlite): Promise<void> {
  await database.exec('rollback');
  await database.exec('checkpoint');
  await database.close();
  port?.close();
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1 && chunks[0]) return chunks[0];
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

try {
  const { folder, startParams } = workerData as { folder: string; startParams?: string[] };
  const database = await openDurable({ folder, onFailure: fail, startParams });
  let last = Promise.resolve();
  port.on('message', (message: ToWorker) => {
    last = last.then(() => serve(database, message)).catch((error: unknown) => fail(reasonOf(error)));
  });
  tell({ kind: 'ready' });
} catch (error) {
  fail(reasonOf(error));
}
