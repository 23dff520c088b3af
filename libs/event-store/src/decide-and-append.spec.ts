import type { Command, CommandMetadata, Decider, DomainEvent, RecordedEvent } from '#libs/kernel';
import { parseStreamName, system } from '#libs/kernel';
import { appendOnce } from './append-once.js';
import { idOf } from './contract/contract-events.js';
import { memoryEventStore } from './contract/memory-event-store.js';
import { decideAndAppend, decideAndBegin, type WritePath } from './decide-and-append.js';
import type { EventCodec } from './event-codec.port.js';
import { deriveId, eventId } from './event-id.js';
import { AppendUnavailableError, IdempotencyKeyReusedError, WrongExpectedRevisionError } from './event-store.errors.js';
import type { EventStore, EventToAppend } from './event-store.port.js';
import { readAggregate } from './history.js';

const stream = 'counter-acme+one';

/** A codec that leaves events as they are. */
const codec: EventCodec = {
  encode: async (events) => events.map(({ stream: _, ...event }) => ({ ...event, schemaVersion: 1 }) as EventToAppend),
  decode: async (events) =>
    events.map(
      ({ storePosition: _, ...event }) => ({ ...event, tenant: parseStreamName(event.stream).tenant }) as RecordedEvent,
    ),
};

type Add = Command<'Add', { by: number }>;
type Added = DomainEvent<'Added', { by: number }>;

/** Counts up; adding nothing is nothing, and beyond 100 it refuses. */
const counter: Decider<Add, number, Added> = {
  initialState: 0,
  decide: ({ data: { by } }, total) => {
    if (total + by > 100) throw new RangeError('too much');
    return by === 0 ? [] : [{ type: 'Added', data: { by } }];
  },
  evolve: (total, { data }) => total + (data as Added['data']).by,
};

const metadata = (command: string, digest = 'd1'): CommandMetadata => ({
  tenant: 'acme',
  actor: system('spec'),
  commandId: idOf(command),
  commandDigest: digest,
  correlationId: idOf('correlation'),
  now: '2026-03-02T09:00:00.000Z',
  deriveId: (name) => deriveId(idOf(command), name),
});
const add = (by: number, command: string, digest?: string): Add => ({
  type: 'Add',
  data: { by },
  metadata: metadata(command, digest),
});

/** A write path whose clock the spec moves. */
function path(store: EventStore = memoryEventStore()) {
  const clock = { at: '2026-03-02T09:00:00.000Z', now: () => new Date(clock.at) };
  return { store, codec, clock } satisfies WritePath;
}

/** Something that happens once, before the next append reaches the store. */
function beforeNextAppend(store: EventStore, happen: () => Promise<unknown>): EventStore {
  let due = true;
  return {
    ...store,
    append: async (...args) => {
      if (due) {
        due = false;
        await happen();
      }
      return store.append(...args);
    },
  };
}

describe('deciding and appending', () => {
  it('records what was decided, with its place, stamp and cause', async () => {
    const on = path();
    const outcome = await decideAndAppend(on, stream, counter, add(5, 'first'));
    expect(outcome).toMatchObject({ state: 5, revision: 0, storePosition: 0, repeated: false });
    expect(outcome.events).toEqual(await codec.decode(await on.store.readStream(stream)));
    expect(outcome.events[0]).toMatchObject({
      id: eventId(metadata('first'), stream, 0),
      tenant: 'acme',
      recordedAt: '2026-03-02T09:00:00.000Z',
      metadata: { commandId: idOf('first'), commandDigest: 'd1', actor: { kind: 'system', id: 'spec' } },
    });
    expect(Object.keys(outcome.events[0]?.metadata ?? {})).not.toContain('traceparent');
  });

  it('builds on what is there', async () => {
    const on = path();
    await decideAndAppend(on, stream, counter, add(5, 'first'));
    expect(await decideAndAppend(on, stream, counter, add(7, 'second'))).toMatchObject({
      state: 12,
      revision: 1,
      storePosition: 1,
    });
    expect(await readAggregate(on, stream, counter)).toEqual({ state: 12, revision: 1, storePosition: 1 });
  });

  it('appends nothing when nothing follows, and answers where the stream stands', async () => {
    const on = path();
    expect(await decideAndAppend(on, stream, counter, add(0, 'idle'))).toMatchObject({
      events: [],
      revision: -1,
      storePosition: -1,
    });
    await decideAndAppend(on, stream, counter, add(5, 'first'));
    expect(await decideAndAppend(on, stream, counter, add(0, 'idle'))).toMatchObject({
      events: [],
      revision: 0,
      storePosition: 0,
      state: 5,
    });
  });

  it('appends nothing when the decider refuses', async () => {
    const on = path();
    await expect(decideAndAppend(on, stream, counter, add(101, 'first'))).rejects.toThrow(RangeError);
    expect(await on.store.readStream(stream)).toEqual([]);
  });

  it('never stamps a time below the previous event, whatever the clock says', async () => {
    const on = path();
    await decideAndAppend(on, stream, counter, add(1, 'first'));
    on.clock.at = '2026-03-02T08:00:00.000Z';
    const { events } = await decideAndAppend(on, stream, counter, add(1, 'second'));
    expect(events[0]?.recordedAt).toBe('2026-03-02T09:00:00.000Z');
  });

  it('reads streams that are longer than a page', async () => {
    const on = path();
    const [head] = await codec.encode([
      { id: idOf('x'), type: 'Added', data: { by: 0 }, stream, recordedAt: on.clock.at, metadata: metadata('load') },
    ]);
    for (const part of [0, 1]) {
      const events = Array.from({ length: 1_000 }, (_, i) => ({ ...head, id: idOf(`${part}/${i}`) }) as EventToAppend);
      await on.store.append(stream, part * 1_000 - 1, events);
    }
    expect(await decideAndAppend(on, stream, counter, add(3, 'late'))).toMatchObject({ revision: 2_000, state: 3 });
  });
});

describe('a repeated command', () => {
  it('gets the outcome of the first time, also after the stream has moved on', async () => {
    const on = path();
    const first = await decideAndAppend(on, stream, counter, add(5, 'first'));
    await decideAndAppend(on, stream, counter, add(7, 'second'));
    expect(await decideAndAppend(on, stream, counter, add(5, 'first'))).toEqual({ ...first, repeated: true });
    expect(await on.store.readStream(stream)).toHaveLength(2);
  });

  it('gets it even where it would be refused today', async () => {
    const on = path();
    await decideAndAppend(on, stream, counter, add(60, 'first'));
    expect(await decideAndAppend(on, stream, counter, add(60, 'first'))).toMatchObject({ repeated: true, state: 60 });
  });

  it('is refused when it comes with another body', async () => {
    const on = path();
    await decideAndAppend(on, stream, counter, add(5, 'first'));
    await expect(decideAndAppend(on, stream, counter, add(6, 'first', 'd2'))).rejects.toThrow(
      IdempotencyKeyReusedError,
    );
  });

  it('has one effect when many copies arrive at once', async () => {
    const on = path();
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, () => decideAndAppend(on, stream, counter, add(5, 'first'))),
    );
    expect(new Set(outcomes.map(({ events }) => events[0]?.id)).size).toBe(1);
    expect((await readAggregate(on, stream, counter)).state).toBe(5);
  });

  it('with another body is refused also when both arrive at once', async () => {
    const on = path();
    const both = await Promise.allSettled([
      decideAndAppend(on, stream, counter, add(5, 'first', 'd1')),
      decideAndAppend(on, stream, counter, add(6, 'first', 'd2')),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((result) => result.status === 'rejected')?.reason).toBeInstanceOf(IdempotencyKeyReusedError);
  });
});

describe('beginning a stream', () => {
  /** Counts the reads of a stream. */
  function counted(store: EventStore) {
    const reads = { count: 0 };
    const counting: EventStore = {
      ...store,
      readStream: (...args) => {
        reads.count += 1;
        return store.readStream(...args);
      },
    };
    return { reads, on: path(counting) };
  }

  it('reads nothing, and records what deciding and appending would', async () => {
    const { reads, on } = counted(memoryEventStore());
    const outcome = await decideAndBegin(on, stream, counter, add(5, 'first'));
    expect(reads.count).toBe(0);
    expect(outcome).toEqual(await decideAndAppend(path(), stream, counter, add(5, 'first')));
  });

  it('builds on what is there, where the stream is not new', async () => {
    const on = path();
    await decideAndAppend(on, stream, counter, add(5, 'first'));
    expect(await decideAndBegin(on, stream, counter, add(7, 'second'))).toMatchObject({ state: 12, revision: 1 });
  });

  it('has one effect when it comes again, also after the stream has moved on', async () => {
    const on = path();
    const first = await decideAndBegin(on, stream, counter, add(5, 'first'));
    expect(await decideAndBegin(on, stream, counter, add(5, 'first'))).toEqual({ ...first, repeated: true });
    await decideAndAppend(on, stream, counter, add(7, 'second'));
    expect(await decideAndBegin(on, stream, counter, add(5, 'first'))).toEqual({ ...first, repeated: true });
    expect(await on.store.readStream(stream)).toHaveLength(2);
  });

  it('has one effect when many copies arrive at once', async () => {
    const on = path();
    await Promise.all(Array.from({ length: 16 }, () => decideAndBegin(on, stream, counter, add(5, 'first'))));
    expect((await readAggregate(on, stream, counter)).state).toBe(5);
  });

  it('is refused when it comes again with another body', async () => {
    const on = path();
    await decideAndBegin(on, stream, counter, add(5, 'first', 'd1'));
    await expect(decideAndBegin(on, stream, counter, add(6, 'first', 'd2'))).rejects.toThrow(IdempotencyKeyReusedError);
  });

  it('answers where the stream stands when nothing follows', async () => {
    const on = path();
    await decideAndAppend(on, stream, counter, add(5, 'first'));
    expect(await decideAndBegin(on, stream, counter, add(0, 'idle'))).toMatchObject({
      events: [],
      state: 5,
      revision: 0,
    });
  });
});

describe('when somebody else appends first', () => {
  it('decides again on what is there now', async () => {
    const { store, ...rest } = path();
    const rival = () => decideAndAppend({ store, ...rest }, stream, counter, add(7, 'rival'));
    const outcome = await decideAndAppend(
      { ...rest, store: beforeNextAppend(store, rival) },
      stream,
      counter,
      add(5, 'first'),
    );
    expect(outcome).toMatchObject({ state: 12, revision: 1 });
  });

  it('gives up after three more tries', async () => {
    const { store, ...rest } = path();
    let tries = 0;
    const busy: EventStore = {
      ...store,
      append: async () => {
        tries += 1;
        throw new WrongExpectedRevisionError(stream, -1);
      },
    };
    await expect(decideAndAppend({ ...rest, store: busy }, stream, counter, add(5, 'first'))).rejects.toThrow(
      WrongExpectedRevisionError,
    );
    expect(tries).toBe(4);
  });
});

describe('when the answer of an append is lost', () => {
  /** The store carries the first append out, but its answer never comes. */
  const losingAnswers = (store: EventStore, times: number): EventStore => ({
    ...store,
    append: async (...args) => {
      const appended = await store.append(...args);
      if (times-- > 0) throw new AppendUnavailableError(new Error('connection lost'));
      return appended;
    },
  });

  it('asks again with the same event ids and records once', async () => {
    const { store, ...rest } = path();
    const outcome = await decideAndAppend(
      { ...rest, store: losingAnswers(store, 1) },
      stream,
      counter,
      add(5, 'first'),
    );
    expect(outcome).toMatchObject({ state: 5, revision: 0 });
    expect(await store.readStream(stream)).toHaveLength(1);
  });

  it('says so after the second time, and the caller may repeat', async () => {
    const { store, ...rest } = path();
    const lossy = losingAnswers(store, 2);
    await expect(decideAndAppend({ ...rest, store: lossy }, stream, counter, add(5, 'first'))).rejects.toThrow(
      AppendUnavailableError,
    );
    expect(await decideAndAppend({ ...rest, store: lossy }, stream, counter, add(5, 'first'))).toMatchObject({
      repeated: true,
      state: 5,
    });
    expect(await store.readStream(stream)).toHaveLength(1);
  });
});

describe('a stream that is written once', () => {
  const facts: DomainEvent[] = [{ type: 'SignedIn', data: { account: 'a1' } }];

  it('is recorded, and its repeat gets the same events', async () => {
    const on = path();
    const first = await appendOnce(on, 'signIn-acme+s1', facts, metadata('sign-in'));
    on.clock.at = '2026-03-02T10:00:00.000Z';
    const again = await appendOnce(on, 'signIn-acme+s1', facts, metadata('sign-in'));
    expect(again).toEqual({ ...first, repeated: true });
  });

  it('is refused to another command', async () => {
    const on = path();
    await appendOnce(on, 'signIn-acme+s1', facts, metadata('sign-in'));
    await expect(appendOnce(on, 'signIn-acme+s1', facts, metadata('other'))).rejects.toThrow(
      WrongExpectedRevisionError,
    );
  });

  it('may share its command with another stream', async () => {
    const on = path();
    const evidence = await appendOnce(on, 'signIn-acme+s1', facts, metadata('sign-in'));
    const account = await decideAndAppend(on, stream, counter, add(1, 'sign-in'));
    expect(account.events[0]?.id).not.toBe(evidence.events[0]?.id);
  });
});
