import { createHash, type Hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AppendUnavailableError, BEFORE_FIRST, type EventStore, type StoredEvent } from '#libs/event-store';
import { canonicalHash } from './canonical-hash.js';
import { CopyIncompleteError, CopyStoppedError, CopyTargetDiffersError } from './copy-log.errors.js';
import { batchesOf, type Run } from './copy-runs.js';
import { logPages, PAGE, puller, storedEvents } from './log-walk.js';

/** A store to copy to. */
export interface CopyTarget {
  readonly store: Pick<EventStore, 'append' | 'readLog'>;
  /** How many appends to different streams the store writes down in the order in which they are handed over at once; 1 if it promises none. */
  readonly together: number;
}

/** How far a copy has come. */
export interface CopyProgress {
  readonly phase: 'comparing' | 'copying' | 'verifying';
  /** Events of the log that this phase has behind it. */
  readonly events: number;
  /** How many there are in all; estimated where the store's positions are sparse. */
  readonly of: number;
}

/** A log, counted and hashed. */
export interface LogTotals {
  readonly events: number;
  /** SHA-256 (hex) over the canonical hashes of all events, in order: the same for the same log in any store. */
  readonly digest: string;
}

/** What a copy came to. */
export interface CopyReport {
  /** Events that the target held before. */
  readonly found: number;
  readonly copied: number;
  /** Both, read again to the end of the copy. They are equal. */
  readonly source: LogTotals;
  readonly target: LogTotals;
  /** Whether the source has gone on meanwhile: then the copy is true, but lags. */
  readonly moving: boolean;
}

/** What to copy. */
export interface CopyOptions {
  readonly from: Pick<EventStore, 'readLog' | 'head'>;
  readonly to: CopyTarget;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
  /** Stops between two appends. */
  readonly signal?: AbortSignal | undefined;
}

/** What a copy would do. */
export interface CopyPlan {
  /** Events that the target holds already. */
  readonly found: number;
  /** Events of the source that it lacks. */
  readonly missing: number;
}

/** How often the end of a source that goes on meanwhile is chased. */
const MAX_ROUNDS = 5;
/** An append without an answer is repeated with the same ids, after pauses that double. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 200;

/**
 * Copies a log to another store in its order: the same ids, streams, revisions, times, data and metadata, so every canonical hash stays.
 * Goes on after what the target holds of the same log, which is compared first. In the end both are read again and compared event by
 * event. Repeating it is always safe. Nobody else may write to the target. Memory does not grow with the log.
 * @throws {CopyTargetDiffersError} when the target holds anything but the beginning of the source; nothing was written
 * @throws {CopyIncompleteError} when both differ in the end
 * @throws {CopyStoppedError} when the signal was aborted
 */
export async function copyLog(options: CopyOptions): Promise<CopyReport> {
  const { from, to } = options;
  const found = await beginningHeld(options);
  let [at, copied] = [found.through, 0];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const head = await from.head();
    if (at >= head) break;
    for await (const page of logPages(from, { after: at, through: head })) {
      for (const batch of batchesOf(page.events, to.together)) {
        if (options.signal?.aborted) throw new CopyStoppedError(found.events + copied);
        await appendTogether(to, batch);
        copied += batch.reduce((sum, { events }) => sum + events.length, 0);
      }
      at = page.through;
      tell(options, 'copying', found.events + copied, at, head);
    }
  }
  return { found: found.events, copied, ...(await verify(options, at)) };
}

/**
 * Says what a copy would do; reads only.
 * @throws {CopyTargetDiffersError} as `copyLog`
 */
export async function planCopy(options: CopyOptions): Promise<CopyPlan> {
  const found = await beginningHeld(options);
  let missing = 0;
  const head = await options.from.head();
  for await (const { events, through } of logPages(options.from, { after: found.through, through: head })) {
    if (options.signal?.aborted) throw new CopyStoppedError(found.events);
    missing += events.length;
    tell(options, 'comparing', found.events + missing, through, head);
  }
  return { found: found.events, missing };
}

/** Handed over in one turn, so that the store takes them in this order; its answers must ascend. */
async function appendTogether(to: CopyTarget, batch: readonly Run[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const settled = await Promise.allSettled(batch.map((run) => appendRun(to, run)));
    const failed = settled.find((result) => result.status === 'rejected');
    if (!failed) {
      const places = settled.map((result) => (result as PromiseFulfilledResult<number>).value);
      if (places.some((place, index) => index > 0 && place <= (places[index - 1] as number)))
        throw new Error('The target has taken the events in another order than they were given.');
      return;
    }
    if (!(failed.reason instanceof AppendUnavailableError) || attempt === ATTEMPTS) throw failed.reason;
    await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1));
  }
}

async function appendRun({ store }: CopyTarget, { stream, expected, events }: Run): Promise<number> {
  const toAppend = events.map(({ stream: _stream, revision: _revision, storePosition: _place, ...event }) => event);
  return (await store.append(stream, expected, toAppend)).storePosition;
}

/** The part of the source that the target holds already: all that it holds. */
async function beginningHeld(options: CopyOptions) {
  const common = await commonBeginning(options, 'comparing', await options.from.head());
  if (!common.targetEnded) throw new CopyTargetDiffersError(common.events);
  return common;
}

async function verify(
  options: CopyOptions,
  through: number,
): Promise<Pick<CopyReport, 'source' | 'target' | 'moving'>> {
  const { events, digest, ...ended } = await commonBeginning(options, 'verifying', through);
  if (!ended.sourceEnded || !ended.targetEnded) throw new CopyIncompleteError(events);
  const totals = { events, digest };
  return { source: totals, target: totals, moving: (await options.from.head()) > through };
}

/** Walks both logs side by side, the source to `through`, until one ends or they differ. */
async function commonBeginning(options: CopyOptions, phase: CopyProgress['phase'], through: number) {
  const { from, to, signal } = options;
  const [ofSource, ofTarget] = [puller(storedEvents(from, { through })), puller(storedEvents(to.store))];
  const digest = createHash('sha256');
  let [events, at] = [0, BEFORE_FIRST];
  for (;;) {
    const [original, copy] = await Promise.all([ofSource(), ofTarget()]);
    if (original === null || copy === null || !sameEvent(original, copy, digest)) {
      return { events, through: at, digest: digest.digest('hex'), sourceEnded: !original, targetEnded: !copy };
    }
    events += 1;
    at = original.storePosition;
    if (events % PAGE !== 0) continue;
    if (signal?.aborted) throw new CopyStoppedError(events);
    tell(options, phase, events, at, through);
  }
}

function sameEvent(original: StoredEvent, copy: StoredEvent, digest: Hash): boolean {
  const hash = canonicalHash(original);
  if (!hash.equals(canonicalHash(copy))) return false;
  digest.update(hash);
  return true;
}

/** Where positions are sparse, the share of them that is behind tells how many events there may be. */
function tell(
  { onProgress }: CopyOptions,
  phase: CopyProgress['phase'],
  events: number,
  at: number,
  end: number,
): void {
  const share = Math.min(1, (at + 1) / (end + 1));
  onProgress?.({ phase, events, of: Math.max(events, Math.round(events / share)) });
}
