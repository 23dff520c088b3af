/**
 * No grant outlives a decision to revoke it. People come and go by the same rules with the same groups, administrators and elevations give,
 * reviews revoke and reduce, everything may be asked twice and some of it late: from a decision on, no rule gives the role any more.
 */
import fc from 'fast-check';
import type { RecordedEvent } from '#libs/kernel';
import {
  type Asked,
  ada,
  assignRole,
  connection,
  elevationGrant,
  endElevation,
  expireLeases,
  grantElevation,
  HISTORY_BEGINS,
  type LifeStep,
  livedAccount,
  reduceGrants,
  revokeByReview,
  rule,
  signIn,
  withholdRole,
} from '#libs/testing';
import type { AccountCommand } from './account.commands.js';
import { rolesHeld } from './account.state.js';

const HOUR_MS = 3_600_000;
const ROLES = ['crm.reader', 'crm.admin'];
const hour = (count: number) => new Date(Date.parse(HISTORY_BEGINS) + count * HOUR_MS).toISOString();
const rules = [
  rule('r1', 'engineers', ROLES),
  rule('r2', 'leads', ['crm.admin']),
  rule('r3', '', ROLES, 1, { when: 'always' }),
];
const through = (id: string, lease: string | null) =>
  connection(id, rules, {
    jit: { create: true, required: [], allowedDomains: [], lease },
    linking: 'userName',
    attributes: { userName: 'nameId' },
  });
const groups = ['engineers', 'leads'];

const role = fc.constantFrom(...ROLES);
const end = fc.integer({ min: 1, max: 300 }).map(hour);
const asks: fc.Arbitrary<LifeStep['ask']> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ id: fc.constantFrom('okta', 'okta', 'entra'), lease: fc.constantFrom(null, 'PT12H', 'P7D') })
      .map(
        ({ id, lease }) =>
          () =>
            signIn(ada, through(id, lease), { groups, found: 'userName', live: ROLES }),
      ),
  },
  { weight: 2, arbitrary: role.map((given) => () => assignRole(given, { overrideWithholding: true })) },
  {
    weight: 2,
    arbitrary: fc.record({ role, end, nth: fc.nat(2) }).map(
      ({ role: given, end: until, nth }) =>
        () =>
          grantElevation(given, until, { grant: elevationGrant(nth), overrideWithholding: true }),
    ),
  },
  { weight: 1, arbitrary: fc.constant(() => endElevation([0, 1, 2].map((nth) => elevationGrant(nth)))) },
  {
    weight: 3,
    arbitrary: fc.nat(5).map((nth): LifeStep['ask'] => ({ grants }) => {
      const ids = [...grants.keys()];
      return revokeByReview(ids[nth % Math.max(1, ids.length)] ?? elevationGrant(9));
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ role, end }).map(
      ({ role: reduced, end: until }) =>
        () =>
          reduceGrants(reduced, until),
    ),
  },
  { weight: 1, arbitrary: role.map((withheld) => () => withholdRole(withheld, ['okta/r1@1', 'okta/r3@1'])) },
  { weight: 1, arbitrary: fc.constant(() => expireLeases()) },
);
const begins: LifeStep = {
  ask: () => signIn(ada, through('okta', null), { groups, found: 'new', live: ROLES }),
  after: 0,
};
const life = fc
  .array(fc.record({ ask: asks, after: fc.integer({ min: -50, max: 20 * HOUR_MS }) }), {
    minLength: 5,
    maxLength: 30,
    size: 'max',
  })
  .map((steps) => [begins, ...steps]);

/** From when on rules must not give a role, by the decisions recorded so far. */
function decided(events: readonly RecordedEvent[], commandAt: string, before: ReadonlyMap<string, string>) {
  const all = new Map(before);
  for (const { type, data } of events) {
    if (type !== 'RoleWithheld') continue;
    const { role: withheld, from } = data as { readonly role: string; readonly from: string | null };
    const at = from ?? commandAt;
    const former = all.get(withheld);
    all.set(withheld, former !== undefined && former < at ? former : at);
  }
  return all;
}

it('by the same rules and groups, no grant by a rule goes beyond a decision of a review, whatever happens in between', () =>
  fc.assert(
    fc.property(life, (steps) => {
      let decisions: ReadonlyMap<string, string> = new Map();
      for (const { command, after, events } of livedAccount(steps).accepted) {
        decisions = decided(events, command.metadata.now, decisions);
        for (const [withheld, from] of decisions) {
          const beyond = [...after.grants.values()].filter(
            ({ role: of, source, until }) =>
              of === withheld && source.kind === 'rule' && (until === null || until > from),
          );
          expect(beyond).toEqual([]);
        }
      }
    }),
    { numRuns: 200 },
  ));

it('by the same rules and groups, nothing but somebody by hand ends a withholding', () =>
  fc.assert(
    fc.property(life, (steps) => {
      const types = livedAccount(steps).accepted.flatMap(({ events }) => events.map(({ type }) => type));
      expect(types).not.toContain('RoleWithholdingLifted');
    }),
    { numRuns: 200 },
  ));

it('after a decision to revoke, and without anything given by hand or elevation, the role is not held', () =>
  fc.assert(
    fc.property(life, role, (steps, taken) => {
      const byRulesAlone = steps.filter((_, index) => index === 0 || index % 2 === 1).map(({ after }) => after);
      const later: LifeStep[] = byRulesAlone.map((after) => ({ ask: begins.ask, after: Math.max(0, after) }));
      const revokes: LifeStep = {
        ask: ({ grants }) =>
          revokeByReview([...grants.values()].find((grant) => grant.role === taken)?.id ?? '') as Asked<AccountCommand>,
        after: 1,
      };
      expect(rolesHeld(livedAccount([begins]).state, HISTORY_BEGINS)).toContain(taken);
      const { state, history } = livedAccount([begins, revokes, ...later]);
      expect(rolesHeld(state, history.at(-1)?.recordedAt ?? '')).not.toContain(taken);
      expect(rolesHeld(state, hour(10_000))).not.toContain(taken);
    }),
    { numRuns: 50 },
  ));

it('lives as they are generated here come across every decision', () => {
  const seen = new Set<string>();
  for (const steps of fc.sample(life, { numRuns: 200, seed: 3 })) {
    for (const { command, events } of livedAccount(steps).accepted)
      for (const { type } of events) seen.add(`${command.type} ${type}`);
  }
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'RevokeGrant RoleWithheld',
      'ReduceGrants GrantsReduced',
      'ReduceGrants RoleWithheld',
      'WithholdRole RoleWithheld',
      'GrantElevation RolesAssigned',
      'EndElevation AccessRevoked',
      'SignIn RolesAssigned',
      'SignIn GrantsConfirmed',
      'ExpireLeases AccessRevoked',
    ]),
  );
});
