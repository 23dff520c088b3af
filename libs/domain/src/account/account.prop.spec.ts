/**
 * Random lives of one account: commands of every kind, in any order, some from servers whose clocks disagree. Whatever is accepted
 * is recorded and folded; then the promises of the account are checked on the whole history. A failure prints its seed and path.
 */
import fc from 'fast-check';
import type { AccessRevoked, AccountEvent } from '#libs/contracts';
import { fold, type RecordedEvent } from '#libs/kernel';
import { type AcceptedCommand, accountLife, livedAccount } from '#libs/testing';
import { dueKey, rolesDue } from '../connection/rules.js';
import { conflictsOf } from '../sod/sod-rules.js';
import type { SignIn } from './account.commands.js';
import { accountDecider } from './account.decider.js';
import { type AccountState, type Grant, isOpen, rolesHeld, standingGrants } from './account.state.js';
import { withholdsAt } from './withholding.js';

const RUNS = { numRuns: 120 };

describe('any life of an account', () => {
  it('folds, and to the same from wherever the fold goes on', () =>
    fc.assert(
      fc.property(accountLife, fc.nat(), (steps, cut) => {
        const { history, state } = livedAccount(steps);
        const at = cut % (history.length + 1);
        const part = fold(accountDecider, history.slice(0, at));
        const asItWas = structuredClone(part);
        expect(history.slice(at).reduce(accountDecider.evolve, part)).toEqual(state);
        expect(part).toEqual(asItWas);
        expect(fold(accountDecider, JSON.parse(JSON.stringify(history)))).toEqual(state);
      }),
      RUNS,
    ));

  it('ends no grant before it began, and none twice', () =>
    checked(({ before, events }) => {
      for (const { data } of events.filter((event) => event.type === 'AccessRevoked') as RecordedRevocation[]) {
        for (const { id } of data.grants) expect((before.grants.get(id)?.from ?? '9') <= data.effectiveAt).toBe(true);
      }
    }));

  it('makes each grant id once', () =>
    fc.assert(
      fc.property(accountLife, (steps) => {
        const ids = livedAccount(steps)
          .accepted.flatMap(({ events }) => events.flatMap(grantsGiven))
          .map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      RUNS,
    ));

  it('ends for good in a merge: nothing is recorded after it', () =>
    checked(({ before, events }) => {
      if (before.mergedInto !== null) expect(events).toEqual([]);
    }));

  it('lets no grant that has run out come back', () =>
    checked(({ before, after, command }) => {
      const over = (grant: Grant) => grant.until !== null && grant.until <= command.metadata.now;
      for (const grant of [...before.grants.values()].filter(over)) {
        const now = after.grants.get(grant.id);
        expect(now === undefined || over(now)).toBe(true);
      }
    }));

  it('has no grant by a rule beyond a decision that withholds its role', () =>
    checked(({ after, command }) => {
      for (const [role, { from }] of after.withheld) {
        const byRule = [...after.grants.values()].filter(
          (grant) => grant.role === role && grant.source.kind === 'rule',
        );
        for (const { until } of byRule) expect(until !== null && until <= (from ?? command.metadata.now)).toBe(true);
      }
    }));

  it('has no grant of an elevation without an end', () =>
    checked(({ after }) => {
      for (const { source, until } of after.grants.values())
        expect(source.kind !== 'elevation' || until !== null).toBe(true);
    }));

  it('counts no grant past its end, and none while suspended', () =>
    checked(({ after, command }) => {
      const at = command.metadata.now;
      const open = [...after.grants.values()].filter((grant) => isOpen(grant, at)).map(({ role }) => role);
      expect(new Set(rolesHeld(after, at))).toEqual(new Set(after.status === 'active' ? open : []));
    }));
});

describe('any sign-in', () => {
  it('repeated at once changes nothing', () =>
    checked(({ command, after }) => {
      if (command.type === 'SignIn') expect(accountDecider.decide(command, after)).toEqual([]);
    }));

  it('with known groups leaves from its connection what is due and not withheld', () =>
    checkedSignIns((signIn, { after }) => {
      if (!signIn.data.identity.groups.known) return;
      const { now } = signIn.metadata;
      const withheld = (role: string) =>
        [...after.withheld].some(([of, each]) => of === role && withholdsAt(each, now));
      const due = [...dueOf(signIn).values()].filter(({ role }) => !withheld(role)).map(dueKey);
      const kept = (after.keptBack.get(signIn.data.connection.id)?.conflicts ?? []).flatMap(({ keptBack }) => keptBack);
      const keptKeys = new Set(kept.map(dueKey));
      const held = heldFrom(after, signIn);
      expect(held).toEqual(due.filter((key) => held.includes(key) || !keptKeys.has(key)).sort());
    }));

  it('with unknown groups takes nothing, and only writes down what has run out', () =>
    checkedSignIns((signIn, { events }) => {
      const codes = events.flatMap((event) => (event.type === 'AccessRevoked' ? [event.data.code] : []));
      if (!signIn.data.identity.groups.known)
        expect(codes.filter((code) => code !== 'lease-expired' && code !== 'expired')).toEqual([]);
    }));

  it('leaves what other sources gave', () =>
    checkedSignIns((signIn, { before, after }) => {
      const others = (state: AccountState) =>
        standingGrants(state, signIn.metadata.now).filter((grant) => !isFrom(grant.source, signIn));
      expect(others(after)).toEqual(others(before));
    }));

  it('gives no role that is withheld', () =>
    checkedSignIns((_, { after, events }) => {
      for (const { role, until } of events.flatMap(grantsGiven)) {
        const withheld = after.withheld.get(role);
        expect(withheld === undefined || (until !== null && withheld.from !== null && until <= withheld.from)).toBe(
          true,
        );
      }
    }));

  it('brings no two roles together that must not be held together', () =>
    checkedSignIns(({ data, metadata }, { before, after }) => {
      const roles = (state: AccountState) => standingGrants(state, metadata.now).map(({ role }) => role);
      const pairs = (state: AccountState) =>
        conflictsOf(roles(state), data.sod)
          .flatMap(({ held }) => held.flat())
          .sort();
      expect(pairs(before)).toEqual(expect.arrayContaining(pairs(after)));
    }));

  it('takes before it gives', () =>
    checkedSignIns((_, { events }) => {
      const types = events.map(({ type }) => type);
      expect(types.lastIndexOf('AccessRevoked')).toBeLessThan(
        types.includes('RolesAssigned') ? types.indexOf('RolesAssigned') : Infinity,
      );
    }));
});

it('lives as they are generated here come across every command accepted and refused', () => {
  const seen = new Set<string>();
  const note = ({ command }: { command: { type: string } }, how: string) => seen.add(`${command.type} ${how}`);
  for (const steps of fc.sample(accountLife, { numRuns: 300, seed: 1 })) {
    const { accepted, refused } = livedAccount(steps);
    for (const each of accepted) note(each, 'accepted');
    for (const each of refused) note(each, 'refused');
  }
  const types = [
    'SignIn',
    'AssignRole',
    'RevokeGrant',
    'LiftWithholding',
    'Deactivate',
    'Reactivate',
    'LinkIdentity',
    'UnlinkIdentity',
    'AbsorbAccount',
    'MergeInto',
    'ReduceGrants',
    'GrantElevation',
    'ExtendElevation',
  ];
  const wanted = types.flatMap((type) => [`${type} accepted`, `${type} refused`]);
  expect(wanted.filter((each) => !seen.has(each))).toEqual([]);
});

type RecordedRevocation = RecordedEvent & AccessRevoked;

function checked(check: (step: AcceptedCommand) => void): void {
  fc.assert(
    fc.property(accountLife, (steps) => {
      for (const step of livedAccount(steps).accepted) check(step);
    }),
    RUNS,
  );
}

function checkedSignIns(check: (signIn: SignIn, step: AcceptedCommand) => void): void {
  checked((step) => {
    if (step.command.type === 'SignIn') check(step.command, step);
  });
}

const grantsGiven = (event: RecordedEvent & AccountEvent) => (event.type === 'RolesAssigned' ? event.data.grants : []);
const isFrom = (source: { kind: string; connection: string | null }, { data }: SignIn) =>
  source.kind === 'rule' && source.connection === data.connection.id;

function dueOf({ data }: SignIn) {
  return rolesDue(data.connection.settings.rules, data.identity.judgements, data.liveRoles);
}

function heldFrom(state: AccountState, signIn: SignIn): string[] {
  return standingGrants(state, signIn.metadata.now)
    .filter((grant) => isFrom(grant.source, signIn))
    .map(({ role, source }) => dueKey({ rule: source.rule, role }))
    .sort();
}
