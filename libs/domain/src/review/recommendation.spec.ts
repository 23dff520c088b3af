import { by, byElevation, byHand, olga, seededId } from '#libs/testing';
import { type RecommendationFacts, recommend } from './recommendation.js';

const NOW = '2026-06-01T08:00:00.000Z';
const facts = (over: Partial<RecommendationFacts> = {}): RecommendationFacts => ({
  now: NOW,
  provisionedAt: '2025-01-07T08:00:00.000Z',
  grantedAt: '2025-02-01T08:00:00.000Z',
  lastSignInAt: '2026-05-30T08:00:00.000Z',
  use: null,
  peers: null,
  source: by('okta', 'engineers', { rule: 3 }),
  ...over,
});
const used = (lastUsedAt: string | null, knownSince = '2025-01-01T00:00:00.000Z', knownUntil = NOW) => ({
  use: { lastUsedAt, knownSince, knownUntil },
});
const by3of4 = { holding: 3, of: 4 };

describe('a recommendation', () => {
  it.each<[string, Partial<RecommendationFacts>, string]>([
    ['whoever is active holds it by a rule', {}, 'certify'],
    ['it is in use', { ...used('2026-05-31T08:00:00.000Z'), source: byHand(olga) }, 'certify'],
    ['whoever is active holds it by hand like most of their peers', { source: byHand(olga), peers: by3of4 }, 'certify'],
    ['whoever is active holds it by hand, and nothing else is known', { source: byHand(olga) }, 'none'],
    ['few peers hold it by hand', { source: byHand(olga), peers: { holding: 1, of: 4 } }, 'none'],
    [
      'whoever holds it has not signed in for long',
      { lastSignInAt: '2026-05-01T08:00:00.000Z', peers: by3of4 },
      'revoke',
    ],
    ['it has not been used for long', used('2026-04-30T08:00:00.000Z'), 'revoke'],
    ['it was never used although use is known', used(null), 'revoke'],
    ['nobody has signed in to an old account', { lastSignInAt: null }, 'revoke'],
  ])('when %s', (_when, over, decision) => expect(recommend(facts(over)).decision).toBe(decision));

  it.each<[string, Partial<RecommendationFacts>]>([
    ['of 30 days of silence', { lastSignInAt: '2026-05-02T08:00:00.000Z' }],
    ['of not having used what was given a week ago', { ...used(null), grantedAt: '2026-05-25T08:00:00.000Z' }],
    [
      'of old use before it was given again',
      { ...used('2026-03-01T00:00:00.000Z'), grantedAt: '2026-05-25T08:00:00.000Z' },
    ],
    ['of no use while use has hardly been known', used(null, '2026-05-20T00:00:00.000Z')],
    ['of use of which nobody has told yet', used('2026-04-20T00:00:00.000Z', undefined, '2026-05-10T00:00:00.000Z')],
    ['of one old use, told of a week ago', used('2025-05-01T00:00:00.000Z', '2026-05-25T00:00:00.000Z')],
    ['of use that is unknown', { use: null }],
  ])('does not make anything %s', (_of, over) => expect(recommend(facts(over)).decision).toBe('certify'));

  it('says nothing against somebody new', () =>
    expect(recommend(facts({ provisionedAt: '2026-05-20T08:00:00.000Z', lastSignInAt: null }))).toEqual({
      decision: 'none',
      because: [
        'not signed in yet; the account is new (2026-05-20)',
        'whether it is used is unknown: no source says so',
        'given by the rule engineers@3 of okta',
      ],
    }));

  it('says what it rests on, in dates and numbers', () => {
    expect(
      recommend(facts({ ...used('2026-04-01T00:00:00.000Z'), peers: by3of4, source: byHand(olga) })).because,
    ).toEqual([
      'last signed in on 2026-05-30',
      'last used on 2026-04-01, more than 30 days ago',
      '3 of 4 others with the same department and title hold it',
      'given by hand, not by a rule',
    ]);
    expect(
      recommend(facts({ ...used(null), lastSignInAt: null, source: null, peers: { holding: 0, of: 0 } })).because,
    ).toEqual([
      'never signed in since the account came into being on 2025-01-07',
      'no use since 2025-01-01, from when on it is known, more than 30 days ago',
    ]);
  });

  it('never calls unknown use unused', () => {
    const { because } = recommend(facts({ use: null, lastSignInAt: '2025-01-01T00:00:00.000Z' }));
    expect(because.join()).toContain('unknown');
    expect(because.join()).not.toMatch(/unused|no use/);
  });

  it.each([
    ['for a time, on request', byElevation(seededId('e'))],
    ['by an import', { ...byHand(olga), kind: 'import' as const, actor: null }],
  ])('tells what was given %s', (words, source) =>
    expect(recommend(facts({ source })).because).toContain(`given ${words}`),
  );
});
