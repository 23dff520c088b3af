import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { StoredEvent } from '#libs/event-store';
import type { Json } from '#libs/kernel';
import { canonicalHash } from './canonical-hash.js';
import { storedLog } from './contract/ledger-events.js';

const [event] = storedLog(['account-acme+ada']) as [StoredEvent];
const hash = (change: Partial<StoredEvent>) => canonicalHash({ ...event, ...change }).toString('hex');
const json = fc.jsonValue({ noUnicodeString: false, maxDepth: 4 }) as fc.Arbitrary<Json>;

/** The same value with the keys of every object in another order. */
function shuffled(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(shuffled);
  const pairs = Object.entries(value).reverse();
  return Object.fromEntries(pairs.map(([key, inner]) => [key, shuffled(inner)]));
}

describe('the canonical hash', () => {
  it('is SHA-256 over the RFC 8785 form: keys sorted, no white space, numbers as ECMAScript writes them', () => {
    const form =
      '{"data":{"a":1e+21,"b":-0.5},"id":"i","metadata":{"actor":{"id":"relay","kind":"system"},"commandDigest":"d","commandId":"c",' +
      '"correlationId":"r"},"recordedAt":"2026-03-02T09:00:00.000Z","revision":3,"schemaVersion":2,"stream":"account-acme+ada",' +
      '"tenant":"acme","type":"T"}';
    const small: StoredEvent = {
      id: 'i',
      type: 'T',
      schemaVersion: 2,
      stream: 'account-acme+ada',
      revision: 3,
      storePosition: 99,
      recordedAt: '2026-03-02T09:00:00.000Z',
      data: { b: -0.5, a: 1e21 },
      metadata: { correlationId: 'r', commandId: 'c', commandDigest: 'd', actor: { kind: 'system', id: 'relay' } },
    };
    expect(canonicalHash(small).toString('hex')).toBe(createHash('sha256').update(form).digest('hex'));
  });

  it('does not depend on the order of keys, nor on a round trip through JSON', () =>
    fc.assert(
      fc.property(json, (data) => {
        const stored = JSON.parse(JSON.stringify(data));
        expect(hash({ data: shuffled(stored) })).toBe(hash({ data: stored }));
      }),
    ));

  it('does not depend on where the store keeps the event', () =>
    fc.assert(fc.property(fc.nat(), (storePosition) => expect(hash({ storePosition })).toBe(hash({})))));

  it('changes with every part of the event', () => {
    const changes: Partial<StoredEvent>[] = [
      { id: 'other' },
      { type: 'Other' },
      { schemaVersion: 2 },
      { stream: 'account-acme+eve' },
      { stream: 'account-other+ada' },
      { revision: 1 },
      { recordedAt: '2026-03-02T09:00:00.001Z' },
      { data: { ...(event.data as object), text: 'sealed: Ω 😁' } },
      { metadata: { ...event.metadata, commandDigest: 'd2' } },
    ];
    expect(new Set([{}, ...changes].map(hash)).size).toBe(changes.length + 1);
  });

  it('differs for values that differ', () =>
    fc.assert(
      fc.property(json, json, (a, b) => {
        const [one, other] = [a, b].map((value) => JSON.parse(JSON.stringify(value)));
        fc.pre(
          JSON.stringify(one) !== JSON.stringify(other) && JSON.stringify(shuffled(one)) !== JSON.stringify(other),
        );
        const same = hash({ data: one }) === hash({ data: other });
        if (same) expect(one).toEqual(other);
      }),
    ));
});
