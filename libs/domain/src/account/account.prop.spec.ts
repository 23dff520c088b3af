/**
 * Random lives of one account: commands of every kind, in any order, some from servers whose clocks disagree. Whatever is accepted
 * is recorded and folded; then the promises of the account are checked on the whole history. A failure prints its seed and path.
 */
import fc from 'fast-check';
import type { AccountEvent, AccessRevoked, MappingRule, RolesAssigned } from '#libs/contracts';
import { DomainError, fold, type RecordedEvent } from '#libs/kernel';
import {
  absent,
  ada,
  type Asked,
  assignRole,
  by,
  connection,
  deactivate,
  HISTORY_BEGINS,
  liftWithholding,
  linkIdentity,
  metadataOf,
  provisionByHand,
  reactivate,
  recordedAfter,
  reevaluateRules,
  revokeAllOf,
  revokeGrant,
  signIn,
  through,
} from '#libs/testing';
import { dueKey, rolesDue } from '../connection/rules.js';
import type { AccountCommand, SignIn } from './account.commands.js';
import { accountDecider } from './account.decider.js';
import { type AccountState, isOpen, rolesHeld, standingGrants } from './account.state.js';

const RUNS = { numRuns: 120 };
const DAY_MS = 86_400_000;
const GROUPS = ['engineers', 'leads', 'crm-admins'];
const ROLES = ['crm.reader', 'crm.admin', 'wiki.reader'];

/** A step of a life: what is asked, seen from the state that it meets, and how long after the step before (sometimes earlier). */
interface Step {
  readonly ask: (state: AccountState) => Asked<AccountCommand>;
  readonly after: number;
}

/** An accepted command with the states around it. */
interface Accepted {
  readonly command: AccountCommand;
  readonly before: AccountState;
  readonly after: AccountState;
  readonly events: readonly (RecordedEvent & AccountEvent)[];
}

const rule: fc.Arbitrary<Omit<MappingRule, 'id'>> = fc.record({
  version: fc.integer({ min: 1, max: 3 }),
  when: fc.oneof(fc.constant('always' as const), fc.record({ group: fc.constantFrom(...GROUPS) })),
  grant: fc.uniqueArray(fc.constantFrom(...ROLES), { minLength: 1 }),
});
const rules = fc.array(rule, { maxLength: 3 }).map((each) => each.map((one, index) => ({ ...one, id: `r${index}` })));
const source = fc.record({
  id: fc.constantFrom('okta', 'entra'),
  rules,
  update: fc.constantFrom('never' as const, 'fillEmpty' as const, 'everySignIn' as const),
}).map(({ id, rules, update }) => connection(id, rules, {
  jit: { create: true, update, required: [], allowedDomains: [] },
  attributes: { userName: 'nameId', department: 'department' },
}));
const groups = fc.oneof(fc.constant(absent as typeof absent), fc.subarray(GROUPS));
const live = fc.subarray(ROLES, { minLength: 1 });

const asks: fc.Arbitrary<Step['ask']> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ source, groups, live, department: fc.constantFrom('R', 'S'), found: fc.constantFrom('link' as const, 'externalId' as const) }).map(
    ({ source: from, department, ...words }) => () => signIn(ada, from, { ...words, claims: { department: [department] }, authority: { department: ['entra', 'okta'] } }),
  ) },
  { weight: 2, arbitrary: fc.record({ role: fc.constantFrom(...ROLES), maxDurationMs: fc.option(fc.integer({ min: 1, max: DAY_MS })), overrideWithholding: fc.boolean() }).map(({ role, ...words }) => () => assignRole(role, words)) },
  { weight: 3, arbitrary: fc.record({ nth: fc.nat(9), withhold: fc.option(fc.boolean()) }).map(({ nth, withhold }) => (state: AccountState) => revokeGrant([...state.grants.keys()][nth] ?? ada.account, { withhold })) },
  { weight: 1, arbitrary: fc.constantFrom(...ROLES).map((role) => () => liftWithholding(role)) },
  { weight: 1, arbitrary: fc.constantFrom(through('okta'), through('entra')).map((from) => () => deactivate(from)) },
  { weight: 2, arbitrary: fc.constantFrom(through('okta'), through('entra')).map((from) => () => reactivate(from)) },
  { weight: 1, arbitrary: fc.constantFrom('x', 'y').map((subject) => () => linkIdentity('okta', subject)) },
  { weight: 1, arbitrary: fc.record({ source, groups, live }).map(({ source: from, ...words }) => () => reevaluateRules(from, words)) },
  { weight: 1, arbitrary: fc.oneof(fc.record({ role: fc.constantFrom(...ROLES) }), fc.record({ connection: fc.constantFrom('okta', 'entra') })).map((of) => () => revokeAllOf(of)) },
  { weight: 1, arbitrary: fc.constant(() => provisionByHand(ada)) },
);
const step = fc.record({ ask: asks, after: fc.oneof(fc.integer({ min: 0, max: 3_600_000 }), fc.integer({ min: -50, max: 0 }), fc.constant(40 * DAY_MS)) });
const life = fc.array(step, { minLength: 1, maxLength: 25 });

describe('any life of an account', () => {
  it('folds, and folds to the same from wherever the fold goes on', () =>
    fc.assert(
      fc.property(life, fc.nat(), (steps, cut) => {
        const { history, state } = live_(steps);
        const at = cut % (history.length + 1);
        const part = fold(accountDecider, history.slice(0, at));
        const copy = structuredClone(part);
        expect(history.slice(at).reduce(accountDecider.evolve, part)).toEqual(state);
        expect(part).toEqual(copy);
        expect(fold(accountDecider, JSON.parse(JSON.stringify(history)))).toEqual(state);
      }),
      RUNS,
    ));
});
