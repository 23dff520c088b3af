import { deciding, type Fact, historyOf, records, refuses, seededId } from '#libs/testing';
import { apiKeyDecider } from './api-key.decider.js';

const apiKey = deciding(apiKeyDecider);
const id = seededId('key');
const NOON = '2026-03-02T12:00:00.000Z';
const birth = {
  key: id,
  name: 'nightly report',
  scopes: ['audit:read' as const],
  expiresAt: '2026-06-01T00:00:00.000Z',
  secretSha256: '5'.repeat(64),
  reason: 'monthly audit',
};
const onKey = (type: string, data: object): Fact => ({
  category: 'apiKey',
  tenant: 'acme',
  id,
  event: () => ({ type, data }),
});
const created = onKey('ApiKeyCreated', birth);
const revoked = onKey('ApiKeyRevoked', { key: id, reason: 'leaked' });
const revoke = { type: 'RevokeApiKey', data: { reason: 'leaked' } } as const;

describe('an API key', () => {
  it('is made with its scopes and its end; only a digest of its secret is recorded', () =>
    apiKey.given().when({ type: 'CreateApiKey', data: birth }).then(records('ApiKeyCreated', birth)));

  it('must end in the future', () => {
    const ending = (expiresAt: string) =>
      apiKey.given().when({ type: 'CreateApiKey', data: { ...birth, expiresAt }, at: NOON });
    ending(NOON).then(refuses('invalid-expires-at'));
    ending('2026-03-02T12:00:00.001Z').then(records('ApiKeyCreated'));
  });

  it('is live once made, and remembers since when', () =>
    expect(apiKey.given(created).state).toMatchObject({ id, status: 'live', createdAt: '2026-03-02T08:00:00.000Z' }));

  it('is revoked, also past its end', () => {
    apiKey
      .given(created)
      .when(revoke)
      .then(records('ApiKeyRevoked', { key: id, reason: 'leaked' }));
    apiKey
      .given(created)
      .when({ ...revoke, at: '2027-01-01T00:00:00.000Z' })
      .then(records('ApiKeyRevoked'));
    expect(apiKey.given(created, revoked).state.status).toBe('revoked');
  });

  it('is revoked once, and only where there is one', () => {
    apiKey.given(created, revoked).when(revoke).then(refuses('key-not-found'));
    apiKey.given().when(revoke).then(refuses('key-not-found'));
  });

  it('stops at a fact that it does not know', () => {
    const [event] = historyOf(created);
    expect(() => apiKeyDecider.evolve(apiKeyDecider.initialState, { ...event, type: 'Other' } as never)).toThrow(
      'An API key cannot fold Other.',
    );
  });
});
