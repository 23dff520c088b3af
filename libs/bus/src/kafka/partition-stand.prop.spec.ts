/**
 * What a reader makes of a partition, however the relay may have written it: published again from any earlier place, by several at once,
 * with ticks anywhere. Each event is new exactly once and in order; one that is missing is never passed over.
 */
import fc from 'fast-check';
import type { SealedStoredEvent } from '../sealed-events.port.js';
import { advance, bookmarkOf, openBookmark, type PartitionStand, standAt } from './partition-stand.js';
import type { TopicRecord } from './topic-record.js';

type Reading = { stand: PartitionStand; news: number[] };

/** Positions of a partition's events: others of the log lie in other partitions. */
const POSITIONS = [2, 3, 7, 8, 20, 21, 22, 40];
const END = 1_000_000;

const eventRecord = (sequence: number): TopicRecord => ({
  kind: 'event',
  event: { position: POSITIONS[sequence] } as SealedStoredEvent,
  sequence,
  previous: POSITIONS[sequence - 1] ?? -1,
});
const tickAfter = (sequence: number): TopicRecord => {
  const position = POSITIONS[sequence] ?? -1;
  const sealedThrough = Math.min(position + 1, (POSITIONS[sequence + 1] ?? END) - 1);
  return { kind: 'tick', tick: { sealedThrough, storeThrough: sealedThrough, sequence, position } };
};
/** What one relay writes that goes on after a place: events in order, each followed by a tick. */
const writtenAfter = (sequence: number) =>
  POSITIONS.slice(sequence + 1).flatMap((_, index) => [
    eventRecord(sequence + 1 + index),
    tickAfter(sequence + 1 + index),
  ]);
/** Several such stretches, each broken off somewhere, then a whole one. */
const written = fc.array(fc.tuple(fc.integer({ min: -1, max: 7 }), fc.nat(16)), { maxLength: 4 }).map((stretches) => {
  let furthest = -1;
  const records = stretches.flatMap(([start, length]) => {
    const stretch = writtenAfter(Math.min(start, furthest)).slice(0, length);
    for (const record of stretch) if (record.kind === 'event') furthest = Math.max(furthest, record.sequence);
    return stretch;
  });
  return [...records, ...writtenAfter(-1)];
});

const read = (records: readonly TopicRecord[], stand: PartitionStand): Reading =>
  records.reduce<Reading>(
    (reading, record) => {
      const step = advance(reading.stand, record, END);
      const isNews = step.verdict === 'new' && record.kind === 'event';
      return { stand: step.stand, news: isNews ? [...reading.news, record.event.position] : reading.news };
    },
    { stand, news: [] },
  );

describe('a reader of a partition', () => {
  it('takes each event once and in order, however often parts were written', () =>
    fc.assert(
      fc.property(written, (records) => {
        const { news, stand } = read(records, standAt(-1, null));
        expect([news, stand.gap]).toEqual([POSITIONS, null]);
      }),
    ));

  it('goes on at any place, with and without a bookmark', () =>
    fc.assert(
      fc.property(written, fc.integer({ min: -1, max: 45 }), (records, position) => {
        const { news, stand } = read(records, standAt(position, null));
        expect([news, stand.gap]).toEqual([POSITIONS.filter((later) => later > position), null]);
      }),
    ));

  it('never passes over an event that is missing everywhere', () =>
    fc.assert(
      fc.property(written, fc.nat(7), (records, missing) => {
        const swallowed = records.filter((record) => !(record.kind === 'event' && record.sequence === missing));
        const { news, stand } = read(swallowed, standAt(-1, null));
        expect(news).toEqual(POSITIONS.slice(0, missing));
        expect(stand.gap).not.toBeNull();
      }),
    ));

  it('keeps a gap until what is missing was published again', () => {
    const [first, second, third] = [eventRecord(0), eventRecord(1), eventRecord(2)];
    const gap = read([first, third], standAt(-1, null)).stand;
    expect(gap.gap).toEqual({ through: 7, until: END });
    expect(read([second], gap).stand.gap).not.toBeNull();
    expect(read([second, third], gap).stand.gap).toBeNull();
  });

  it('hears nothing new from a tick that is behind, and stops at one that is ahead', () => {
    const stand = standAt(8, 3);
    expect(advance(stand, tickAfter(1), END)).toEqual({ stand, verdict: 'nothing' });
    expect(advance(stand, tickAfter(4), END).verdict).toBe('ahead');
    expect(advance(stand, tickAfter(3), END).verdict).toBe('new');
  });

  it('takes no event whose sequence contradicts its position', () => {
    const contradiction = { ...eventRecord(4), sequence: 9 } as TopicRecord;
    expect(advance(standAt(8, 3), contradiction, END).verdict).toBe('contradicts');
    expect(advance(standAt(25, 3), eventRecord(4), END).verdict).toBe('contradicts');
    expect(advance(standAt(25, 4), eventRecord(4), END).verdict).toBe('repeated');
  });
});

describe('a bookmark', () => {
  it.each([
    [0, null, -1],
    [12, -1, 4],
    [1_000_000, 42, 99],
  ])('opens as it was made (%s, %s)', (offset, sequence, position) => {
    const bookmark = bookmarkOf(offset, { sequence, position });
    expect(openBookmark({ position, bookmark })).toEqual({ offset, sequence });
  });

  it('knows no sequence when the place has moved on by another way', () => {
    expect(openBookmark({ position: 9, bookmark: bookmarkOf(5, { sequence: 2, position: 7 }) })).toEqual({
      offset: 5,
      sequence: null,
    });
  });

  it.each([null, '', 'x', '1', '1/2', '-1/2/3', '1/2/3/4', '1e3/2/1'])('is nothing when it is %p', (bookmark) => {
    expect(openBookmark({ position: 0, bookmark })).toBeNull();
  });
});
