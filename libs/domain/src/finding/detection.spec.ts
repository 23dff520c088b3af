/** When something stands out: each boundary to the millisecond. */
import type { Profile } from '#libs/contracts';
import { type ConformanceFacts, requirementsUnmet } from './conformance.js';
import { isDormant } from './dormant.js';
import { burstFrom, endsQuietTime, hourOf, isBurst, isPastFirstDays, isSettled } from './insights.js';
import { isStillLost } from './orphan.js';
import { groupsUnknownTooLong, UNKNOWN_FOR_MAX_MS } from './unknown-groups.js';
import { unusedSince, useTold } from './unused.js';

const DAY = 86_400_000;
const BEGIN = '2026-01-01T08:00:00.000Z';
const JUST_BEFORE_90_DAYS = '2026-04-01T07:59:59.999Z';
const AT_90_DAYS = '2026-04-01T08:00:00.000Z';

describe('a dormant account', () => {
  const quiet = (kind = 'person') => ({ kind, quietSince: BEGIN });

  it('is one that was quiet for the whole time', () => {
    expect(isDormant(quiet(), 90 * DAY, JUST_BEFORE_90_DAYS)).toBe(false);
    expect(isDormant(quiet(), 90 * DAY, AT_90_DAYS)).toBe(true);
  });

  it('is never one for emergencies', () => expect(isDormant(quiet('breakGlass'), 90 * DAY, AT_90_DAYS)).toBe(false));
});

describe('a source', () => {
  const present = { status: 'present', enabled: true } as const;
  const disabled = { status: 'present', enabled: false } as const;
  const removed = { status: 'removed', enabled: false } as const;

  it.each([
    ['source-gone', removed, true],
    ['source-gone', null, true],
    ['source-gone', disabled, false],
    ['source-disabled', disabled, true],
    ['source-disabled', present, false],
    ['source-disabled', removed, false],
    ['source-silent', present, true],
    ['source-silent', disabled, false],
  ] as const)('is %s: %j → %s', (code, source, lost) => expect(isStillLost(code, source)).toBe(lost));
});

describe('groups', () => {
  const run = (signIns: number) => ({ signIns, since: BEGIN });

  it('are unknown for too long at the fifth sign-in in a row', () => {
    expect(groupsUnknownTooLong(run(4), UNKNOWN_FOR_MAX_MS, BEGIN)).toBe(false);
    expect(groupsUnknownTooLong(run(5), UNKNOWN_FOR_MAX_MS, BEGIN)).toBe(true);
  });

  it('are unknown for too long after 14 days', () => {
    expect(groupsUnknownTooLong(run(1), UNKNOWN_FOR_MAX_MS, '2026-01-15T07:59:59.999Z')).toBe(false);
    expect(groupsUnknownTooLong(run(1), UNKNOWN_FOR_MAX_MS, '2026-01-15T08:00:00.000Z')).toBe(true);
  });

  it('are not unknown where they were told at the last sign-in', () =>
    expect(groupsUnknownTooLong(run(0), UNKNOWN_FOR_MAX_MS, AT_90_DAYS)).toBe(false));
});

describe('a grant', () => {
  const told = (until: string, since = '2025-01-01T00:00:00.000Z') => ({ since, until });
  const use = { grantedAt: BEGIN, lastUsedAt: null, told: told(AT_90_DAYS) };

  it('is unused from when it was given, or last used', () => {
    expect(unusedSince({ ...use, told: told(JUST_BEFORE_90_DAYS) }, 90 * DAY)).toBeNull();
    expect(unusedSince(use, 90 * DAY)).toBe(BEGIN);
    expect(unusedSince({ ...use, lastUsedAt: '2026-01-02T00:00:00.000Z' }, 90 * DAY)).toBeNull();
  });

  it('does not count what was used before it was given', () =>
    expect(unusedSince({ ...use, lastUsedAt: '2025-12-01T00:00:00.000Z' }, 90 * DAY)).toBe(BEGIN));

  it('is never called unused where nobody tells of use, or nobody has told for long enough', () => {
    expect(unusedSince({ ...use, told: null }, 90 * DAY)).toBeNull();
    expect(unusedSince({ ...use, told: told(AT_90_DAYS, '2026-03-30T00:00:00.000Z') }, 90 * DAY)).toBeNull();
  });

  it('is not judged by one use of long ago that was told of a moment ago', () => {
    const first = { grantedAt: '2024-01-01T00:00:00.000Z', lastUsedAt: '2025-03-01T00:00:00.000Z' };
    expect(unusedSince({ ...first, told: told(AT_90_DAYS, AT_90_DAYS) }, 90 * DAY)).toBeNull();
  });
});

describe('use', () => {
  const source = (since: string, until: string) => ({
    since: `${since}T00:00:00.000Z`,
    until: `${until}T00:00:00.000Z`,
  });
  const NOW = '2026-06-01T00:00:00.000Z';

  it('is known as far as every source speaks', () => {
    expect(useTold([], NOW)).toBeNull();
    expect(useTold([source('2026-01-01', '2026-05-20'), source('2026-02-01', '2026-05-30')], NOW)).toEqual(
      source('2026-02-01', '2026-05-20'),
    );
    expect(useTold([source('2026-01-01', '2026-06-02')], NOW)).toEqual(source('2026-01-01', '2026-06-01'));
  });

  it('is unknown once one of them has fallen silent, until nobody remembers it', () => {
    const speaking = source('2024-01-01', '2026-06-01');
    expect(useTold([speaking, source('2024-01-01', '2026-04-27')], NOW)).not.toBeNull();
    expect(useTold([speaking, source('2024-01-01', '2026-04-26')], NOW)).toBeNull();
    expect(useTold([speaking, source('2024-01-01', '2025-04-28')], NOW)).toBeNull();
    expect(useTold([speaking, source('2024-01-01', '2025-04-27')], NOW)).toEqual(speaking);
  });
});

describe('conformance', () => {
  const profile = { userName: 'ada', manager: null, department: '', attributes: { badge: ['7'], empty: [] } };
  const facts: ConformanceFacts = {
    data: {
      kind: 'person',
      source: { protocol: 'saml' },
      grants: [{ role: 'a' }, { role: 'b' }],
      emailVerified: true,
      expiresAt: null,
    },
    authentication: { context: 'urn:mfa', methods: ['pwd', 'otp'] },
    authenticationContexts: { mfa: ['urn:mfa'], card: ['sc'] },
    profile: profile as unknown as Profile,
  };
  const unmet = (requirement: Parameters<typeof requirementsUnmet>[0]['require'][number], over = {}) =>
    requirementsUnmet({ require: [requirement] }, { ...facts, ...over });

  it('asks how somebody signed in: by context, method or alias', () => {
    expect(unmet({ authenticationContext: 'urn:mfa' })).toEqual([]);
    expect(unmet({ authenticationContext: 'otp' })).toEqual([]);
    expect(unmet({ authenticationContext: 'mfa' })).toEqual([]);
    expect(unmet({ authenticationContext: 'card' })).toEqual(['authenticationContext card']);
  });

  it('does not take for strong what no sign-in led to', () =>
    expect(unmet({ authenticationContext: 'mfa' }, { authentication: null })).toEqual(['authenticationContext mfa']));

  it('asks what the profile says; an empty text says nothing', () => {
    expect(unmet({ attribute: 'userName', present: true })).toEqual([]);
    expect(unmet({ attribute: 'badge', present: true })).toEqual([]);
    for (const attribute of ['manager', 'department', 'empty', 'shoeSize', '__proto__', 'attributes'])
      expect(unmet({ attribute, present: true })).toEqual([`attribute ${attribute} present`]);
    expect(unmet({ attribute: 'manager', present: false })).toEqual([]);
    expect(unmet({ attribute: 'userName', present: false })).toEqual(['attribute userName absent']);
    expect(unmet({ attribute: 'userName', present: true }, { profile: null })).toEqual(['attribute userName present']);
  });

  it('asks what a field of the event says, in any element of a list', () => {
    expect(unmet({ field: 'source.protocol', equals: 'saml' })).toEqual([]);
    expect(unmet({ field: 'grants.role', equals: 'b' })).toEqual([]);
    expect(unmet({ field: 'emailVerified', equals: 'true' })).toEqual([]);
    expect(unmet({ field: 'grants.role', equals: 'c' })).toEqual(['field grants.role']);
    expect(unmet({ field: 'expiresAt', equals: 'null' })).toEqual(['field expiresAt']);
    expect(unmet({ field: 'constructor.name', equals: 'Object' })).toEqual(['field constructor.name']);
  });

  it('names every requirement that is not met, and no value', () =>
    expect(
      requirementsUnmet(
        {
          require: [
            { authenticationContext: 'card' },
            { attribute: 'userName', present: true },
            { field: 'kind', equals: 'service' },
          ],
        },
        facts,
      ),
    ).toEqual(['authenticationContext card', 'field kind']));
});

describe('an hour', () => {
  const hour = '2026-03-01T09:00:00.000Z';
  const old = { before: 0, knownSince: '2025-01-01T00:00:00.000Z' };

  it('begins at the full hour', () => expect(hourOf('2026-03-01T09:59:59.999Z')).toBe(hour));

  it('is a burst from twenty on, however quiet it usually is', () => {
    expect(isBurst({ ...old, count: 19 }, hour)).toBe(false);
    expect(isBurst({ ...old, count: 20 }, hour)).toBe(true);
  });

  it('is a burst from five times the usual on', () => {
    const busy = { ...old, before: 720 * 10 };
    expect(burstFrom(busy, hour)).toBe(50);
    expect(isBurst({ ...busy, count: 49 }, hour)).toBe(false);
    expect(isBurst({ ...busy, count: 50 }, hour)).toBe(true);
  });

  it('is compared with the time that is known, where that is shorter than 30 days', () => {
    const young = { before: 240, knownSince: '2026-02-28T09:00:00.000Z' };
    expect(burstFrom(young, hour)).toBe(50);
    expect(burstFrom({ before: 3, knownSince: hour }, hour)).toBe(20);
  });
});

describe('what is new through a connection', () => {
  const since = (knownSince: string, accounts = 0) => ({ knownSince, accounts });

  it('is news after seven days, or twenty accounts', () => {
    expect(isSettled(since(BEGIN), '2026-01-08T07:59:59.999Z')).toBe(false);
    expect(isSettled(since(BEGIN), '2026-01-08T08:00:00.000Z')).toBe(true);
    expect(isSettled(since(BEGIN, 19), BEGIN)).toBe(false);
    expect(isSettled(since(BEGIN, 20), BEGIN)).toBe(true);
  });

  it('is no burst of accounts in the first seven days, in which everybody comes', () => {
    expect(isPastFirstDays(since(BEGIN, 5_000), '2026-01-08T07:59:59.999Z')).toBe(false);
    expect(isPastFirstDays(since(BEGIN), '2026-01-08T08:00:00.000Z')).toBe(true);
  });
});

describe('a sign-in', () => {
  it('ends a quiet time of ninety days', () => {
    expect(endsQuietTime(BEGIN, JUST_BEFORE_90_DAYS)).toBe(false);
    expect(endsQuietTime(BEGIN, AT_90_DAYS)).toBe(true);
  });

  it('that is the first ends none', () => expect(endsQuietTime(null, AT_90_DAYS)).toBe(false));
});
