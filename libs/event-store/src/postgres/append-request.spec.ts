import { eventsFor } from '../contract/contract-events.js';
import { InvalidAppendError } from '../event-store.errors.js';
import type { EventToAppend } from '../event-store.port.js';
import { appendRequest, MAX_EVENT_BYTES, MAX_EVENTS_PER_APPEND } from './append-request.js';

const [event] = eventsFor('request', 1);
const stream = 'account-acme+ada';
const withField = (field: Partial<Record<keyof EventToAppend, unknown>>) => [{ ...event, ...field } as EventToAppend];

describe('a request to append', () => {
  it('takes events as they are', () => {
    const { events, ...rest } = appendRequest(stream, -1, [event]);
    expect(rest).toMatchObject({ stream, expected: -1 });
    expect(JSON.parse(events[0]?.data as string)).toEqual(event.data);
  });

  it('takes whole surrogate pairs, also when the text speaks about escapes', () => {
    const data = { text: '😀 \\ud800' };
    expect(appendRequest(stream, -1, withField({ data })).events[0]?.data).toBe(JSON.stringify(data));
  });

  it.each<[string, () => unknown]>([
    ['a stream without a tenant', () => appendRequest('account-ada', -1, [event])],
    ['a stream with a control character', () => appendRequest('account-acme+a\u0000', -1, [event])],
    ['an endless stream name', () => appendRequest(`account-acme+${'a'.repeat(500)}`, -1, [event])],
    ['a revision below none', () => appendRequest(stream, -2, [event])],
    ['a fractional revision', () => appendRequest(stream, 0.5, [event])],
    ['no events', () => appendRequest(stream, -1, [])],
    ['too many events', () => appendRequest(stream, -1, eventsFor('many', MAX_EVENTS_PER_APPEND + 1))],
    ['the same event twice', () => appendRequest(stream, -1, [event, event])],
    ['an id that is no uuid', () => appendRequest(stream, -1, withField({ id: 'one' }))],
    ['an id in capitals', () => appendRequest(stream, -1, withField({ id: event.id.toUpperCase() }))],
    ['an empty type', () => appendRequest(stream, -1, withField({ type: '' }))],
    ['a schema version of zero', () => appendRequest(stream, -1, withField({ schemaVersion: 0 }))],
    ['a time without milliseconds', () => appendRequest(stream, -1, withField({ recordedAt: '2026-03-02T09:00:00Z' }))],
    ['no data', () => appendRequest(stream, -1, withField({ data: undefined }))],
    ['too much data', () => appendRequest(stream, -1, withField({ data: 'a'.repeat(MAX_EVENT_BYTES) }))],
    [
      'half a surrogate pair in a value',
      () => appendRequest(stream, -1, withField({ data: { deep: ['\udc00\ud800'] } })),
    ],
    ['half a surrogate pair in a key', () => appendRequest(stream, -1, withField({ data: { '\ud800': 1 } }))],
  ])('is refused with %s', (_, make) => {
    expect(make).toThrow(InvalidAppendError);
  });
});
