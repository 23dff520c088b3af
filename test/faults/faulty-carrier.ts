import {
  EVERY_PARTITION,
  type KafkaPublisher,
  KafkaUnavailableError,
  PARTITIONS,
  partitionOf,
  type SealedBatch,
  type SealedEvents,
  type SealedEventsReader,
} from '#libs/bus';
import type { Faults } from './faults.js';

const gone = () => new KafkaUnavailableError('a fault of the sweep.');

/** A carrier whose deliveries of events fail as planned. Ticks always arrive. */
export function faultyCarrier(carrier: SealedEvents, faults: Faults): SealedEvents {
  return delivering(carrier, (batch, reader) => deliver(reader, batch, faults));
}

/** A carrier that brings events one by one, so that there is much to go wrong. */
export function oneByOne(carrier: SealedEvents): SealedEvents {
  return delivering(carrier, async (batch, reader) => {
    for (const part of singleEvents(batch)) if ((await reader.take(part)) === 'stop') return 'stop';
    return 'go-on';
  });
}

type Take = SealedEventsReader['take'];

/** The same carrier, with another way of handing a batch to the reader. */
function delivering(
  carrier: SealedEvents,
  hand: (batch: SealedBatch, reader: SealedEventsReader) => ReturnType<Take>,
): SealedEvents {
  const follow = (reader: SealedEventsReader, signal: AbortSignal) =>
    carrier.follow({ ...reader, take: (batch) => hand(batch, reader) }, signal);
  return { shared: carrier.shared, follow };
}

async function deliver(reader: SealedEventsReader, batch: SealedBatch, faults: Faults): ReturnType<Take> {
  const effect = batch.events.length > 0 ? faults.next() : null;
  if (effect === 'none') throw gone();
  const answer = await reader.take(batch);
  if (effect === 'whole') throw gone();
  return effect === 'twice' ? reader.take(batch) : answer;
}

function singleEvents(batch: SealedBatch): SealedBatch[] {
  const parts = batch.events.map((event) => ({
    ...batch,
    events: [event],
    sealedThrough: event.position,
    storeThrough: event.storePosition,
  }));
  return [...parts, { ...batch, events: [] }];
}

/** STAND-IN for a carrier that several readers share: cuts the sealed log into its twelve partitions. Only for these tests. */
export function inPartitions(carrier: SealedEvents): SealedEvents {
  const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const follow = async (reader: SealedEventsReader, signal: AbortSignal) => {
    const places = await Promise.all(all.map(async (partition) => (await reader.place(partition)).position));
    const place = async () => ({ position: Math.min(...places), bookmark: null });
    const take = async (batch: SealedBatch) => {
      const answers = await Promise.all(all.map((partition) => reader.take(partOf(batch, partition, places))));
      return answers.includes('stop') ? 'stop' : 'go-on';
    };
    await carrier.follow({ ...reader, place, take }, signal);
  };
  return { shared: true, follow };
}

function partOf(batch: SealedBatch, partition: number, places: readonly number[]): SealedBatch {
  if (batch.partition !== EVERY_PARTITION) throw new TypeError('This carrier is in partitions already.');
  const at = places[partition] as number;
  const events = batch.events.filter(({ stream, position }) => position > at && partitionOf(stream) === partition);
  return { ...batch, partition, events, sealedThrough: Math.max(at, batch.sealedThrough) };
}

/** A publisher whose writes fail as planned: nothing arrives, the first half of the partitions, or everything. */
export function faultyPublisher(publisher: KafkaPublisher, faults: Faults): KafkaPublisher {
  return {
    topic: publisher.topic,
    installation: publisher.installation,
    prepare: (known) => publisher.prepare(known),
    close: () => publisher.close(),
    publish: async (records) => {
      const effect = faults.next();
      if (effect === null) return publisher.publish(records);
      const arriving = records.map((messages, partition) => (partition < PARTITIONS / 2 ? messages : []));
      if (effect !== 'none') await publisher.publish(effect === 'part' ? arriving : records);
      throw gone();
    },
  };
}
