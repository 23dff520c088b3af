/** Access at any instant, as known at any position, against its definition: a fold of the log that is cut there. */
import * as fc from 'fast-check';
import type { AccountEvent } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { onEveryDatabase, randomHistory } from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { accessReport } from './access.report.js';

const RUNS = { numRuns: 20, interruptAfterTimeLimit: 40_000 };
const BEGINS = Date.parse('2026-03-02T08:00:00.000Z');
const COMPARED = ['accountId', 'userName', 'role', 'privileged', 'endsAt', 'lastSignInAt', 'position'] as const;

jest.setTimeout(60_000);

/** Minutes after the beginning and positions: histories have an event a minute, and at most some sixty. */
const cuts = fc.array(fc.tuple(fc.nat(70), fc.nat(45)), { minLength: 4, maxLength: 4 });

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });

  it('is the fold of the log up to there, in the order in which grants were given, and reconciles', () =>
    fc.assert(
      fc.asyncProperty(randomHistory, cuts, async (events, pairs) => {
        await told.tell(events);
        for (const [minute, knownAt] of pairs)
          for (const tenant of ['acme', 'globex']) {
            const asOf = new Date(BEGINS + minute * 60_000).toISOString();
            const question = askedOf(events, { tenant, asOf, knownAt });
            const { rows } = await reportOf(accessReport, told.source, question);
            expect(rows.map((row) => COMPARED.map((name) => row[name]))).toEqual(folded(events, tenant, asOf, knownAt));
            expect(await reconciles(accessReport, told.source, question)).toEqual([]);
          }
      }),
      RUNS,
    ));

  it('stays what it was when more is recorded', () =>
    fc.assert(
      fc.asyncProperty(randomHistory, fc.nat(40), fc.nat(30), async (events, minute, knownAt) => {
        const asOf = new Date(BEGINS + minute * 60_000).toISOString();
        const question = askedOf(events, { asOf, knownAt });
        await told.tell(events.filter(({ position }) => position <= knownAt));
        const before = await reportOf(accessReport, told.source, question);
        await told.tell(events);
        const after = await reportOf(accessReport, told.source, question);
        expect({ cells: after.cells, counts: after.counts }).toEqual({ cells: before.cells, counts: before.counts });
      }),
      RUNS,
    ));
});

interface Held {
  readonly account: string;
  readonly role: string;
  readonly from: string;
  readonly position: number;
  to: string | null;
}

interface Somebody {
  active: boolean;
  readonly expiresAt: string | null;
  name: string;
  lastSignInAt: string | null;
}

/** Who held what, straight from the log. */
function folded(events: readonly SealedEvent[], tenant: string, asOf: string, knownAt: number): unknown[][] {
  const known = events.filter((event) => event.tenant === tenant && event.position <= knownAt);
  const then = known.filter(({ recordedAt }) => recordedAt <= asOf);
  const people = peopleIn(then, withdrawnIn(known));
  const privileged = privilegedIn(then);
  return [...grantsIn(known)]
    .filter(({ account, from, to }) => {
      const person = people.get(account);
      const counts = person?.active && (person.expiresAt === null || asOf < person.expiresAt);
      return counts && from <= asOf && (to === null || asOf < to);
    })
    .map(({ account, role, to, position }) => {
      const { name, lastSignInAt } = people.get(account) as Somebody;
      return [account, name, role, privileged.get(role), to, lastSignInAt, position];
    });
}

function grantsIn(events: readonly SealedEvent[]): Iterable<Held> {
  const grants = new Map<string, Held>();
  for (const { type, data, position } of events as (SealedEvent & AccountEvent)[]) {
    if (type === 'RolesAssigned')
      for (const { id, role, effectiveAt: from, until: to } of data.grants)
        grants.set(id, { account: data.account, role, from, position, to });
    if (type === 'GrantsConfirmed') for (const { id } of data.grants) (grants.get(id) as Held).to = data.until;
    if (type === 'GrantsReduced') for (const { id } of data.grants) shorten(grants.get(id) as Held, data.until);
    if (type === 'AccessRevoked') for (const { id } of data.grants) shorten(grants.get(id) as Held, data.effectiveAt);
  }
  return grants.values();
}

const shorten = (held: Held, end: string): void => {
  held.to = held.to !== null && held.to < end ? held.to : end;
};

const withdrawnIn = (events: readonly SealedEvent[]): ReadonlySet<string | null> =>
  new Set(
    events
      .filter(({ type }) => type === 'SignInRefused')
      .map(({ data }) => (data as { readonly evidence: string | null }).evidence),
  );

function peopleIn(events: readonly SealedEvent[], withdrawn: ReadonlySet<string | null>): Map<string, Somebody> {
  const people = new Map<string, Somebody>();
  for (const { id, type, data, recordedAt } of events as (SealedEvent & AccountEvent)[]) {
    if (type === 'UserProvisioned') {
      const { expiresAt, profile } = data;
      people.set(data.account, { active: true, expiresAt, name: profile.userName, lastSignInAt: null });
    }
    const person = people.get((data as { readonly account: string }).account);
    if (!person) continue;
    if (type === 'UserDeactivated') person.active = false;
    if (type === 'UserReactivated') person.active = true;
    if (type === 'ProfileUpdated') person.name = data.profile.userName;
    if ((type as string) === 'SignedIn' && !withdrawn.has(id)) person.lastSignInAt = recordedAt;
  }
  return people;
}

function privilegedIn(events: readonly SealedEvent[]): Map<string, boolean> {
  const roles = new Map<string, boolean>();
  for (const { stream, data } of events) {
    if (!stream.startsWith('role-')) continue;
    const { role, settings } = data as { readonly role: string; readonly settings: { readonly privileged: boolean } };
    roles.set(role, settings.privileged);
  }
  return roles;
}
