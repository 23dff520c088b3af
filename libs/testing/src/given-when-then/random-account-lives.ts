import fc from 'fast-check';
import type { AccountEvent, MappingRule, RuleCondition } from '#libs/contracts';
import { type AccountCommand, type AccountState, accountDecider, type SignIn } from '#libs/domain';
import { DomainError, type RecordedEvent } from '#libs/kernel';
import { HISTORY_BEGINS } from '../histories/chronicle.js';
import { ada, bo, olga } from '../histories/people.js';
import { through } from '../histories/sources.js';
import {
  absent,
  absorbAccount,
  assignRole,
  connection,
  deactivate,
  elevationGrant,
  endElevation,
  expireLeases,
  extendElevation,
  grantElevation,
  liftWithholding,
  linkIdentity,
  mergeInto,
  provisionByHand,
  reactivate,
  reduceGrants,
  reevaluateRules,
  revokeAllOf,
  revokeByReview,
  revokeGrant,
  signIn,
  sodRule,
  unlinkIdentity,
  withholdRole,
} from './account.words.js';
import { type Asked, metadataOf, recordedAfter } from './given-when-then.js';

const DAY_MS = 86_400_000;
const GROUPS = ['engineers', 'leads', 'crm-admins'];
const ROLES = ['crm.reader', 'crm.admin', 'wiki.reader'];

/** A step of a life: what is asked, seen from the state that it meets, and how long after the step before (sometimes earlier). */
export interface LifeStep {
  readonly ask: (state: AccountState) => Asked<AccountCommand>;
  readonly after: number;
}

/** An accepted command with the states around it. */
export interface AcceptedCommand {
  readonly command: AccountCommand;
  readonly before: AccountState;
  readonly after: AccountState;
  readonly events: readonly (RecordedEvent & AccountEvent)[];
}

const when: fc.Arbitrary<RuleCondition> = fc.oneof(
  fc.constant('always' as const),
  fc.record({ group: fc.constantFrom(...GROUPS) }),
  fc.constant({ attribute: 'department', equals: 'R' }),
  fc.record({ not: fc.record({ group: fc.constantFrom(...GROUPS) }) }),
);
const anyRule: fc.Arbitrary<Omit<MappingRule, 'id'>> = fc.record({
  version: fc.integer({ min: 1, max: 3 }),
  when,
  grant: fc.uniqueArray(fc.constantFrom(...ROLES), { minLength: 1 }),
  set: fc.constant({}),
  directory: fc.constant(null),
  refuse: fc.constant(false),
});
const rules = fc
  .array(anyRule, { maxLength: 3 })
  .map((each) => each.map((one, index) => ({ ...one, id: `r${index}` })));
const source = fc
  .record({
    id: fc.constantFrom('okta', 'entra'),
    rules,
    update: fc.constantFrom('never' as const, 'fillEmpty' as const, 'everySignIn' as const),
    lease: fc.constantFrom(null, null, 'P7D', 'PT1H'),
  })
  .map(({ id, rules, update, lease }) =>
    connection(id, rules, {
      jit: { create: true, update, required: [], allowedDomains: [], lease },
      attributes: { userName: 'nameId', department: 'department' },
    }),
  );
const groups = fc.oneof(fc.constant(absent as typeof absent), fc.subarray(GROUPS));
const live = fc.subarray(ROLES, { minLength: 1 });
const sod = fc.constantFrom(
  [],
  [],
  [sodRule('crm', ['crm.reader'], ['crm.admin'])],
  [sodRule('wiki', ['wiki.reader'], ['crm.reader', 'crm.admin'])],
);
const role = fc.constantFrom(...ROLES);
const hours = fc.integer({ min: 1, max: 60 * 24 });
/** Some hours after histories begin: often past already when it comes to it. */
const hour = (count: number) => new Date(Date.parse(HISTORY_BEGINS) + count * 3_600_000).toISOString();
const nthGrant = fc.integer({ min: 1, max: 3 });
const held = (state: AccountState, nth: number): string =>
  [ada.account, ...state.grants.keys()][nth % (state.grants.size + 1)] ?? '';

/** What reviews and elevations ask of an account. */
const governed: fc.Arbitrary<LifeStep['ask']> = fc.oneof(
  fc.nat(9).map((nth) => (state: AccountState) => revokeByReview(held(state, nth))),
  fc.record({ role, hours }).map(
    ({ role: reduced, hours: end }) =>
      () =>
        reduceGrants(reduced, hour(end)),
  ),
  fc.record({ nth: fc.nat(9), hours }).map(({ nth, hours: end }) => (state: AccountState) => {
    const grant = held(state, nth);
    return reduceGrants(state.grants.get(grant)?.role ?? 'crm.reader', hour(end), { grant });
  }),
  role.map((withheld) => () => withholdRole(withheld, ['okta/r0@1'])),
  fc.record({ role, hours, nth: nthGrant, sod, overrideWithholding: fc.boolean() }).map(
    ({ role: elevated, hours: end, nth, ...words }) =>
      () =>
        grantElevation(elevated, hour(end), { grant: elevationGrant(nth), ...words }),
  ),
  fc.record({ role, hours, nth: nthGrant, sod }).map(
    ({ role: elevated, hours: end, nth, ...words }) =>
      () =>
        extendElevation(elevated, hour(end), { grant: elevationGrant(nth), ...words }),
  ),
  fc.option(hours).map((end) => () => {
    const effectiveAt = end === null ? null : hour(end);
    return endElevation([elevationGrant(1), elevationGrant(2), elevationGrant(3)], { effectiveAt });
  }),
);

const asks: fc.Arbitrary<LifeStep['ask']> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        source,
        groups,
        live,
        sod,
        department: fc.constantFrom('R', 'S'),
        found: fc.constantFrom('link' as const, 'externalId' as const),
      })
      .map(
        ({ source: from, department, ...words }) =>
          () =>
            signIn(ada, from, {
              ...words,
              claims: { department: [department] },
              authority: { department: ['entra', 'okta'] },
            }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        role: fc.constantFrom(...ROLES),
        maxDurationMs: fc.option(fc.integer({ min: 1, max: DAY_MS })),
        overrideWithholding: fc.boolean(),
        sod,
      })
      .map(
        ({ role, ...words }) =>
          () =>
            assignRole(role, words),
      ),
  },
  {
    weight: 3,
    arbitrary: fc.record({ nth: fc.nat(9), withhold: fc.option(fc.boolean()) }).map(
      ({ nth, withhold }) =>
        (state: AccountState) =>
          revokeGrant(held(state, nth), { withhold }),
    ),
  },
  { weight: 4, arbitrary: governed },
  { weight: 1, arbitrary: role.map((withheld) => () => liftWithholding(withheld)) },
  { weight: 1, arbitrary: fc.constantFrom(through('okta'), through('entra')).map((from) => () => deactivate(from)) },
  { weight: 2, arbitrary: fc.constantFrom(through('okta'), through('entra')).map((from) => () => reactivate(from)) },
  { weight: 1, arbitrary: fc.constantFrom('x', 'y').map((subject) => () => linkIdentity('okta', subject)) },
  {
    weight: 1,
    arbitrary: fc.record({ source, groups, live }).map(
      ({ source: from, ...words }) =>
        () =>
          reevaluateRules(from, words),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc.record({ role: fc.constantFrom(...ROLES) }),
        fc.record({ connection: fc.constantFrom('okta', 'entra') }),
      )
      .map((of) => () => revokeAllOf(of)),
  },
  { weight: 1, arbitrary: fc.constant(() => provisionByHand(ada)) },
  { weight: 2, arbitrary: fc.constant(() => expireLeases()) },
  { weight: 1, arbitrary: fc.constantFrom('x', 'y').map((subject) => () => unlinkIdentity('okta', subject)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(olga, bo, ada).map(
      ({ account }) =>
        () =>
          absorbAccount(account, [{ connection: 'entra', subject: account }]),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(olga, ada).map(
      ({ account }) =>
        () =>
          mergeInto(account),
    ),
  },
);
const step = fc.record({
  ask: asks,
  after: fc.oneof(fc.integer({ min: 0, max: 3_600_000 }), fc.integer({ min: -50, max: 0 }), fc.constant(40 * DAY_MS)),
});
/** Lives of one account: commands of every kind, in any order, some from servers whose clocks disagree. */
export const accountLife: fc.Arbitrary<LifeStep[]> = fc.array(step, { minLength: 1, maxLength: 40, size: 'max' });

/** Lives a life: what is refused leaves no trace, what is accepted must fit the catalogue and fold. */
export function livedAccount(steps: readonly LifeStep[]) {
  const history: RecordedEvent[] = [];
  const accepted: AcceptedCommand[] = [];
  const refused: { command: AccountCommand }[] = [];
  let state = accountDecider.initialState;
  let clock = Date.parse(HISTORY_BEGINS);
  steps.forEach(({ ask, after: gap }, index) => {
    clock += gap;
    const { type, data, by } = ask(state) as Asked<SignIn>;
    const metadata = metadataOf(`step ${index}`, 'acme', new Date(clock).toISOString(), by);
    const command = { type, data, metadata } as AccountCommand;
    try {
      const events = recordedAfter(
        history,
        accountDecider.decide(command, state),
        metadata,
      ) as AcceptedCommand['events'][number][];
      const before = state;
      state = events.reduce(accountDecider.evolve, state);
      history.push(...events);
      accepted.push({ command, before, after: state, events });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refused.push({ command });
    }
  });
  return { history, state, accepted, refused };
}
