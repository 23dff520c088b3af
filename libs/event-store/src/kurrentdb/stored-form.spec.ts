import type { RecordedEvent } from '@kurrent/kurrentdb-client';
import fc from 'fast-check';
import type { Json } from '#libs/kernel';
import { eventsFor } from '../contract/contract-events.js';
import { InvalidAppendError } from '../event-store.errors.js';
import type { EventToAppend } from '../event-store.port.js';
import { appendRequest } from '../postgres/append-request.js';
import { EventStoreRefusedError } from './kurrentdb.errors.js';
import { eventToSend, foundEvent, OUR_STREAMS } from './stored-form.js';

const STREAM = 'account-acme+ada';
const [event] = eventsFor(STREAM, 1);

const sent = (one: EventToAppend) =>
  appendRequest(STREAM, -1, [one]).events.map((row) => eventToSend(row, 'append-1'))[0];

/** What comes back, the bytes having been written and read as the client does it. */
function recorded(one: EventToAppend): RecordedEvent {
  const { id, type, data, metadata } = JSON.parse(JSON.stringify(sent(one)));
  const place = { streamId: STREAM, revision: 4n, position: { commit: 1_234n, prepare: 1_234n } };
  return { ...place, id, type, data, metadata, isJson: true, created: new Date(0) };
}

describe('an event as KurrentDB holds it', () => {
  it('comes back as it was sent, with its place', () =>
    expect(foundEvent(recorded(event))).toEqual({
      appendId: 'append-1',
      event: { ...event, stream: STREAM, revision: 4, storePosition: 1_234 },
    }));

  it('is written byte by byte as its JSON was checked, keys in order', () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>, (data) => {
        const text = JSON.stringify(data);
        fc.pre(!/\\ud[89a-f]/.test(text));
        expect(JSON.stringify(sent({ ...event, data })?.data)).toBe(text);
        expect(JSON.stringify(foundEvent(recorded({ ...event, data })).event.data)).toBe(text);
      }),
    ));

  it("names the chain of causes as the server's tools expect it", () => {
    const metadata = { ...event.metadata, causationId: 'cause' };
    expect(sent({ ...event, metadata })?.metadata).toMatchObject({
      ...metadata,
      schemaVersion: 1,
      recordedAt: event.recordedAt,
      $correlationId: metadata.correlationId,
      $causationId: 'cause',
    });
    expect(foundEvent(recorded({ ...event, metadata })).event.metadata).toEqual(metadata);
  });

  it('keeps metadata that this version does not know', () => {
    const metadata = { ...event.metadata, later: { z: 1, a: [null] } };
    expect(JSON.stringify(foundEvent(recorded({ ...event, metadata })).event.metadata)).toBe(JSON.stringify(metadata));
  });

  it('cannot use a name in its metadata that is ours', () =>
    expect(() => sent({ ...event, metadata: { ...event.metadata, appendId: 'x' } as never })).toThrow(
      InvalidAppendError,
    ));

  it('is not changed by a caller who changes his own afterwards', () => {
    const data = { roles: ['reader'] };
    const copy = sent({ ...event, data });
    data.roles.push('admin');
    expect(copy?.data).toEqual({ roles: ['reader'] });
  });

  it.each([
    ['metadata', { metadata: undefined }],
    ['metadata of ours', { metadata: { recordedAt: 5 } }],
    ['metadata that is JSON', { metadata: new Uint8Array([1]) }],
    ['a position', { position: undefined }],
    ['a position that is known', { position: { commit: 18_446_744_073_709_551_615n, prepare: 0n } }],
    ['a countable revision', { revision: 9_007_199_254_740_993n }],
  ])('is refused without %s', (_, change) =>
    expect(() => foundEvent({ ...recorded(event), ...change } as RecordedEvent)).toThrow(EventStoreRefusedError),
  );
});

describe('the streams that are ours', () => {
  const ours = (name: string) => new RegExp(OUR_STREAMS).test(name);
  it.each(['account-acme+ada', 'roleSet-a-b+crm.reader', 'x-t++'])('are: %s', (name) => expect(ours(name)).toBe(true));
  it.each([
    '$$account-acme+ada',
    '$ce-account',
    '$stats-127.0.0.1:2113',
    'order-17',
    'account-+x',
    '-acme+x',
    'account-acme+',
  ])('are not: %s', (name) => expect(ours(name)).toBe(false));
});
