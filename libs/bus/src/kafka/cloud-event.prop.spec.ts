import fc from 'fast-check';
import type { SealedStoredEvent } from '../sealed-events.port.js';
import { fromRecord, toRecord } from './cloud-event.js';
import { fromTickRecord, isTick, tickRecord } from './tick.js';
import { installationOf, readRecord } from './topic-record.js';

const OURS = '5f0c8a52-9d1e-5f43-8f0a-5f2b9d9f6c11';
const STRANGER = '00000000-0000-5000-8000-00000000beef';
const count = fc.nat();
const text = fc.string({ unit: 'grapheme', minLength: 1 });
const event: fc.Arbitrary<SealedStoredEvent> = fc.record({
  id: fc.uuid(),
  type: fc.constantFrom('ProfileUpdated', 'SignedIn'),
  schemaVersion: fc.integer({ min: 1, max: 9 }),
  recordedAt: fc.constant('2026-03-02T09:00:00.000Z'),
  data: fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<SealedStoredEvent['data']>,
  metadata: fc.record(
    {
      actor: fc.record({ kind: fc.constant('account' as const), id: text }),
      commandId: fc.uuid(),
      commandDigest: fc.stringMatching(/^[0-9a-f]{64}$/),
      correlationId: fc.uuid(),
      causationId: fc.uuid(),
      traceparent: fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
    },
    { requiredKeys: ['actor', 'commandId', 'commandDigest', 'correlationId'] },
  ),
  stream: fc.uuid().map((id) => `account-acme+${id}`),
  revision: count,
  storePosition: count,
  tenant: fc.constant('acme'),
  position: count,
  tenantPosition: count,
  sealedAt: fc.constant('2026-03-02T09:00:01.000Z'),
});
const place = fc.record({ sequence: count, previous: fc.integer({ min: -1 }) });

/** As the client hands a record out: every text as bytes. */
function arrived({ key, value, headers = {} }: ReturnType<typeof toRecord>) {
  const bytes = (part: unknown) => (part === null ? null : Buffer.from(String(part)));
  return {
    key: bytes(key),
    value: bytes(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, part]) => [name, Buffer.from(String(part))])),
  };
}

describe('an event as a record', () => {
  it('comes back exactly as it was stored, with its place', () =>
    fc.assert(
      fc.property(event, place, (stored, at) => {
        const record = arrived(toRecord(stored, at, OURS));
        const expected = JSON.parse(JSON.stringify(stored));
        expect(fromRecord(record)).toEqual({ event: expected, ...at });
        expect(readRecord(record, OURS).kind).toBe('event');
      }),
    ));

  it('is broken, at a sure place, when a byte of its body is another', () =>
    fc.assert(
      fc.property(event, place, count, (stored, at, anywhere) => {
        const record = arrived(toRecord(stored, at, OURS));
        const value = Buffer.from(record.value as Buffer);
        const index = anywhere % value.length;
        value[index] = (value[index] as number) ^ 0x01;
        const read = fromRecord({ ...record, value });
        const same = JSON.stringify(read?.event.data) === JSON.stringify(stored.data); // 1.0 and 1.00 are one number
        expect([read?.event.broken ?? same, read?.event.position]).toEqual([true, stored.position]);
      }),
    ));

  it.each(['ce_type', 'ce_time', 'ce_commandid', 'ce_actor', 'ce_hash', 'ce_revision'])(
    'is broken when %s is another',
    (name) =>
      fc.assert(
        fc.property(event, place, (stored, at) => {
          const record = arrived(toRecord(stored, at, OURS));
          const headers = { ...record.headers, [name]: Buffer.from(String(stored.revision + 1)) };
          expect(fromRecord({ ...record, headers })?.event.broken).toBe(true);
        }),
      ),
  );

  it.each(['ce_position', 'ce_sequence', 'ce_previous', 'ce_subject'])('cannot be placed without %s', (name) =>
    fc.assert(
      fc.property(event, place, (stored, at) => {
        const { [name]: _, ...headers } = arrived(toRecord(stored, at, OURS)).headers;
        expect(fromRecord({ value: null, headers })).toBeNull();
        expect(readRecord({ value: null, headers }, OURS)).toEqual({ kind: 'unreadable' });
      }),
    ),
  );

  it.each([
    ['ce_tenant', 'globex'],
    ['ce_subject', 'account-globex+1'],
    ['ce_subject', 'no stream'],
  ])('cannot be placed when %s is %s: it may be another tenant’s', (name, text) =>
    fc.assert(
      fc.property(event, place, (stored, at) => {
        const record = arrived(toRecord(stored, at, OURS));
        const headers = { ...record.headers, [name]: Buffer.from(text) };
        expect(fromRecord({ ...record, headers })).toBeNull();
      }),
    ),
  );

  it('names the installation that published it', () =>
    fc.assert(
      fc.property(event, place, (stored, at) => {
        const record = arrived(toRecord(stored, at, STRANGER));
        expect(installationOf(record)).toBe(STRANGER);
        expect(readRecord(record, OURS)).toEqual({ kind: 'foreign', installation: STRANGER });
      }),
    ));

  it('holds no number that is not one', () =>
    fc.assert(
      fc.property(
        event,
        place,
        fc.constantFrom('-5', '1e3', '0x10', '', ' 1', '99999999999999999'),
        (stored, at, wrong) => {
          const record = arrived(toRecord(stored, at, OURS));
          const headers = { ...record.headers, ce_position: Buffer.from(wrong) };
          expect(fromRecord({ ...record, headers })).toBeNull();
        },
      ),
    ));
});

describe('a tick as a record', () => {
  it('comes back as it was, and is told from events', () =>
    fc.assert(
      fc.property(
        fc.record({ sealedThrough: count, storeThrough: count, sequence: count, position: count }),
        (tick) => {
          const record = arrived(tickRecord(tick, OURS));
          expect([isTick(record.headers), fromTickRecord(record)]).toEqual([true, tick]);
          expect(readRecord(record, OURS)).toEqual({ kind: 'tick', tick });
        },
      ),
    ));

  it.each(['', 'null', '{}', '{"sealedThrough":1}', 'x'])('is unreadable when it says "%s"', (value) => {
    const { headers } = arrived(tickRecord({ sealedThrough: 1, storeThrough: 1, sequence: 1, position: 1 }, OURS));
    expect(readRecord({ value: Buffer.from(value), headers }, OURS)).toEqual({ kind: 'unreadable' });
  });
});
