import { type Queryable, StorageFullError } from '#libs/database';
import { AppendUnavailableError, EventIdTakenError, WrongExpectedRevisionError } from '../event-store.errors.js';
import type { Appended } from '../event-store.port.js';
import type { Settled } from './append-queue.js';
import type { AppendRequest } from './append-request.js';
import { recognizeRepeats } from './repeated-appends.js';

const UNIQUE_VIOLATION = '23505';

/** Classes of SQLSTATE that speak about the content of a statement, not about the health of the server. */
const REFUSED_CONTENT = /^(22|23|42|54)...$/;

interface BatchRow {
  readonly last_position: number;
  readonly bad: readonly number[] | null;
}

/**
 * Writes a batch in one statement and one commit, and says what became of each request. Requests whose expected revision was wrong
 * are looked up again: they may be repeats. If the database refuses the batch for its content, each request is tried alone.
 * Never throws; a full disk is told as such, since it leaves nothing behind, and whatever leaves the outcome unknown becomes an
 * `AppendUnavailableError`.
 */
export async function appendBatch(database: Queryable, batch: readonly AppendRequest[]): Promise<readonly Settled[]> {
  let row: BatchRow;
  try {
    row = await callAppendBatch(database, batch);
  } catch (error) {
    if (error instanceof StorageFullError) return batch.map(() => error);
    if (!isRefusedContent(error)) return batch.map(() => new AppendUnavailableError(error));
    return batch.length > 1 ? appendOneByOne(database, batch) : [refusal(error, batch[0] as AppendRequest)];
  }
  const refused = new Set(row.bad ?? []);
  const placed = place(batch, refused, Number(row.last_position));
  return refused.size === 0 ? (placed as Appended[]) : settleRefused(database, batch, placed);
}

async function appendOneByOne(database: Queryable, batch: readonly AppendRequest[]): Promise<Settled[]> {
  const settled: Settled[] = [];
  for (const request of batch) settled.push(...(await appendBatch(database, [request])));
  return settled;
}

/** Positions of a batch follow its order; refused requests take none. */
function place(
  batch: readonly AppendRequest[],
  refused: ReadonlySet<number>,
  lastPosition: number,
): (Appended | null)[] {
  const accepted = batch.filter((_, index) => !refused.has(index + 1));
  let position = lastPosition - accepted.reduce((sum, { events }) => sum + events.length, 0);
  return batch.map(({ expected, events }, index) => {
    if (refused.has(index + 1)) return null;
    position += events.length;
    return { revision: expected + events.length, storePosition: position, repeated: false };
  });
}

async function settleRefused(
  database: Queryable,
  batch: readonly AppendRequest[],
  placed: readonly (Appended | null)[],
): Promise<Settled[]> {
  const refused = batch.filter((_, index) => placed[index] === null);
  const found = await recognizeRepeats(database, refused).catch((error: unknown) => new AppendUnavailableError(error));
  return batch.map((request, index) => {
    const appended = placed[index];
    if (appended) return appended;
    if (found instanceof Error) return found;
    return found.get(request) ?? new WrongExpectedRevisionError(request.stream, request.expected);
  });
}

async function callAppendBatch(database: Queryable, batch: readonly AppendRequest[]): Promise<BatchRow> {
  const events = batch.flatMap((request, index) =>
    request.events.map((event, offset) => ({ ...event, request: index + 1, revision: request.expected + offset + 1 })),
  );
  const { rows } = await database.query<BatchRow>({
    name: 'es.append_batch',
    text: 'select last_position, bad from es.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
    values: [
      batch.map(({ stream }) => stream),
      batch.map(({ expected }) => expected),
      events.map(({ request }) => request),
      events.map(({ revision }) => revision),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ schemaVersion }) => schemaVersion),
      events.map(({ recordedAt }) => recordedAt),
      events.map(({ data }) => data),
      events.map(({ metadata }) => metadata),
    ],
  });
  return rows[0] as BatchRow;
}

function isRefusedContent(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && REFUSED_CONTENT.test(String(error.code));
}

/** The expected revision was right, so a unique violation can only be about an event id. */
function refusal(error: Error & { code: string }, request: AppendRequest): Error {
  return error.code === UNIQUE_VIOLATION ? new EventIdTakenError(request.stream) : error;
}
