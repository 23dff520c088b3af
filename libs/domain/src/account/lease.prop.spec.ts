import fc from 'fast-check';
import type { AccountEvent } from '#libs/contracts';
import type { RecordedEvent } from '#libs/kernel';
import { type Asked, ada, connection, HISTORY_BEGINS, metadataOf, recordedAfter, rule, signIn } from '#libs/testing';
import type { AccountCommand, SignIn } from './account.commands.js';
import { accountDecider } from './account.decider.js';
import { rolesHeld } from './account.state.js';
import { LEASE_STEPS } from './lease.js';

/** A lease against its definition: whoever signs in, and how often, holds the role for about one lease after the last sign-in, to the millisecond. */

const LEASE_MS = 30 * 86_400_000;
const okta = connection('okta', [rule('engineers', 'engineers', ['crm.reader'])], { jit: { lease: 'P30D' } });

function signedInAt(gaps: readonly number[]) {
  const history: RecordedEvent[] = [];
  let state = accountDecider.initialState;
  let now = Date.parse(HISTORY_BEGINS);
  for (const gap of gaps) {
    now += gap;
    const { type, data, by } = signIn(ada, okta, { groups: ['engineers'] }) as Asked<SignIn>;
    const metadata = metadataOf('sign-in', 'acme', new Date(now).toISOString(), by);
    const events = recordedAfter(
      history,
      accountDecider.decide({ type, data, metadata } as AccountCommand, state),
      metadata,
    );
    history.push(...events);
    state = events.reduce(accountDecider.evolve, state);
  }
  const holdsAt = (ms: number) => rolesHeld(state, new Date(now + ms).toISOString()).length > 0;
  return { history: history as (RecordedEvent & AccountEvent)[], holdsAt, state };
}

const gaps = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 2 * 86_400_000 }), fc.integer({ min: 0, max: 2 * LEASE_MS })),
  {
    minLength: 1,
    maxLength: 25,
  },
);

describe('whatever the sign-ins, a role under a lease', () => {
  it('is held for at least 29/30 of the lease after the last one, and never longer than the lease', () =>
    fc.assert(
      fc.property(gaps, (some) => {
        const { holdsAt } = signedInAt(some);
        expect(holdsAt(LEASE_MS - LEASE_MS / LEASE_STEPS)).toBe(true);
        expect(holdsAt(LEASE_MS)).toBe(false);
      }),
    ));

  it('ends exactly at the end on record', () =>
    fc.assert(
      fc.property(gaps, (some) => {
        const { state } = signedInAt(some);
        const ends = [...state.grants.values()].map(({ until }) => until ?? '');
        const last = ends.sort().at(-1) as string;
        expect(rolesHeld(state, new Date(Date.parse(last) - 1).toISOString())).toEqual(['crm.reader']);
        expect(rolesHeld(state, last)).toEqual([]);
      }),
    ));

  it('makes a stream grow with time and not with sign-ins', () =>
    fc.assert(
      fc.property(gaps, (some) => {
        const { history } = signedInAt(some);
        const elapsed = some.reduce((sum, gap) => sum + gap, 0);
        const moves = history.filter(({ type }) => type === 'GrantsConfirmed').length;
        expect(moves).toBeLessThanOrEqual(elapsed / (LEASE_MS / LEASE_STEPS));
      }),
    ));
});
