import type { IHeaders, Message } from 'kafkajs';
import { fromRecord, headersOf, type PlacedEvent, sourceOf } from './cloud-event.js';
import { fromTickRecord, isTick, type Tick } from './tick.js';

/** What a record of the topic turns out to be. */
export type TopicRecord =
  | ({ readonly kind: 'event' } & PlacedEvent)
  | { readonly kind: 'tick'; readonly tick: Tick }
  /** Published by another installation. */
  | { readonly kind: 'foreign'; readonly installation: string }
  /** Nothing that Gatebook published, or so damaged that not even its place can be read. */
  | { readonly kind: 'unreadable' };

/** A record as it arrives. */
export type ArrivedRecord = Pick<Message, 'value'> & { readonly headers?: IHeaders | undefined };

const OUR_SIGN = sourceOf('');

/** The installation that published a record; null when none did. */
export function installationOf({ headers }: ArrivedRecord): string | null {
  const source = headersOf(headers)('ce_source');
  return source.startsWith(OUR_SIGN) ? source.slice(OUR_SIGN.length) : null;
}

/** Reads a record of this installation's topic. */
export function readRecord(record: ArrivedRecord, installation: string): TopicRecord {
  const from = installationOf(record);
  if (from === null) return { kind: 'unreadable' };
  if (from !== installation) return { kind: 'foreign', installation: from };
  if (isTick(record.headers)) {
    const tick = fromTickRecord(record);
    return tick ? { kind: 'tick', tick } : { kind: 'unreadable' };
  }
  const placed = fromRecord(record);
  return placed ? { kind: 'event', ...placed } : { kind: 'unreadable' };
}
