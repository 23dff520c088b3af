import type { IHeaders, Message } from 'kafkajs';
import { headersOf, sourceOf } from './cloud-event.js';

/** Marks a tick, with the version of its form. */
const TICK_HEADER = 'gatebook-tick';
const TICK_VERSION = '1';

/**
 * What a partition hears after each batch, and once per second: that everything of it up to a place has been published, and which was the
 * last. A reader that lacks that one has found a loss.
 */
export interface Tick {
  readonly sealedThrough: number;
  readonly storeThrough: number;
  /** Of the last event published to the partition; -1 for none. */
  readonly sequence: number;
  /** Likewise. */
  readonly position: number;
}

/** A tick as a record. It has no key. */
export function tickRecord({ sealedThrough, storeThrough, sequence, position }: Tick, installation: string): Message {
  const headers = { [TICK_HEADER]: TICK_VERSION, ce_source: sourceOf(installation) };
  return { key: null, value: JSON.stringify({ sealedThrough, storeThrough, sequence, position }), headers };
}

/** Whether a record is a tick, readable or not. */
export function isTick(headers: IHeaders | undefined): boolean {
  return headersOf(headers)(TICK_HEADER) === TICK_VERSION;
}

/** Reads a tick; null when it is damaged. */
export function fromTickRecord({ value }: Pick<Message, 'value'>): Tick | null {
  try {
    const tick = JSON.parse(value?.toString() ?? '') as Tick;
    const { sealedThrough, storeThrough, sequence, position } = tick;
    return [sealedThrough, storeThrough, sequence, position].every(Number.isSafeInteger) ? tick : null;
  } catch {
    return null;
  }
}
