/** The same request, repeated, is the same command; any other is another; a changed body is seen. */
import { ephemeralKeyring } from '#libs/vault';
import type { Caller } from '../auth/caller.js';
import { type CommandRequest, commandMetadata } from './command-metadata.js';
import { checkIdempotencyKey } from './idempotency-key.js';

const keyring = ephemeralKeyring();
const caller: Caller = { actor: { kind: 'key', id: 'k1' }, tenant: 'acme', scopes: new Set(), via: 'key' };
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const make = (change: Partial<CommandRequest> = {}, headers: Record<string, string> = {}) =>
  commandMetadata({
    caller,
    request: { id: 'request-1', method: 'POST', path: '/api/v1/accounts', headers },
    body: { userName: 'ada', reason: 'new' },
    idempotencyKey: 'one',
    tenant: 'acme',
    keyring,
    clock: { now: () => new Date('2026-03-01T12:00:00Z') },
    ...change,
  });

describe('the metadata of a command', () => {
  it('says who, when, in which request', () =>
    expect(make({}, { traceparent: TRACE })).toMatchObject({
      tenant: 'acme',
      actor: { kind: 'key', id: 'k1' },
      correlationId: 'request-1',
      traceparent: TRACE,
      now: '2026-03-01T12:00:00.000Z',
    }));

  it('is the same for a repeat, however its body is written', () => {
    const repeat = make({
      body: { reason: 'new', userName: 'ada' },
      request: { id: 'request-2', method: 'POST', path: '/api/v1/accounts', headers: {} },
    });
    expect(repeat).toMatchObject({ commandId: make().commandId, commandDigest: make().commandDigest });
    expect(repeat.deriveId('account')).toBe(make().deriveId('account'));
  });

  it('has another digest but the same id when the body differs', () => {
    const misuse = make({ body: { userName: 'bob', reason: 'new' } });
    expect(misuse.commandId).toBe(make().commandId);
    expect(misuse.commandDigest).not.toBe(make().commandDigest);
  });

  it.each<[string, Partial<CommandRequest>]>([
    ['another key', { idempotencyKey: 'two' }],
    ['another tenant', { tenant: 'globex' }],
    ['another caller', { caller: { ...caller, actor: { kind: 'key', id: 'k2' } } }],
    ['the same name of another kind', { caller: { ...caller, actor: { kind: 'account', id: 'k1' } } }],
    ['another path', { request: { id: 'r', method: 'POST', path: '/api/v1/keys', headers: {} } }],
    ['another method', { request: { id: 'r', method: 'DELETE', path: '/api/v1/accounts', headers: {} } }],
  ])('has another id for %s', (_what, change) => expect(make(change).commandId).not.toBe(make().commandId));

  it('does not confuse where one part ends and the next begins', () =>
    expect(make({ tenant: 'a', idempotencyKey: 'b","c' }).commandId).not.toBe(
      make({ tenant: 'a","b', idempotencyKey: 'c' }).commandId,
    ));

  it.each([
    '',
    'x',
    TRACE.toUpperCase(),
    TRACE.replace('00-', 'ff-'),
    `${TRACE}-more`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  ])('leaves out the trace context %j, which is none', (traceparent) =>
    expect(make({}, { traceparent })).not.toHaveProperty('traceparent'),
  );
});

describe('an idempotency key', () => {
  it.each(['a', '~'.repeat(255), '2026-01-31/0042'])('%s is accepted', (key) =>
    expect(checkIdempotencyKey(key)).toBe(key),
  );
  it.each([undefined, ''])('%p is missing', (key) =>
    expect(() => checkIdempotencyKey(key)).toThrow('Send an Idempotency-Key'),
  );
  it.each(['with space', 'ümlaut', 'a\u0000', 'x'.repeat(256)])('%j is refused', (key) =>
    expect(() => checkIdempotencyKey(key)).toThrow('1 to 255'),
  );
});
