/**
 * Random lives of one account: commands of every kind, in any order, some from servers whose clocks disagree. Whatever is accepted
 * is recorded and folded; then the promises of the account are checked on the whole history. A failure prints its seed and path.
 */
import fc from 'fast-check';
import type { AccessRevoked, AccountEvent, MappingRule, RuleCondition } from '#libs/contracts';
import { DomainError, fold, type RecordedEvent } from '#libs/kernel';
import {
  type Asked,
  absent,
  absorbAccount,
  ada,
  assignRole,
  bo,
  connection,
  deactivate,
  expireLeases,
  HISTORY_BEGINS,
  liftWithholding,
  linkIdentity,
  mergeInto,
  metadataOf,
  olga,
  provisionByHand,
  reactivate,
  recordedAfter,
  reevaluateRules,
  revokeAllOf,
  revokeGrant,
  signIn,
  through,
  unlinkIdentity,
} from '#libs/testing';
import { dueKey, rolesDue } from '../connection/rules.js';
import type { AccountCommand, SignIn } from './account.commands.js';
import { accountDecider } from './account.decider.js';
import { type AccountState, type Grant, isOpen, rolesHeld, standingGrants } from './account.state.js';

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

const when: fc.Arbitrary<RuleCondition> = fc.oneof(
  fc.constant('always' as const),
  fc.record({ group: fc.constantFrom(...GROUPS) }),
  fc.constant({ attribute: 'department', equals: 'R' }),
  fc.record({ not: fc.record({ group: fc.constantFrom(...GROUPS) }) }),
);
const rule: fc.Arbitrary<Omit<MappingRule, 'id'>> = fc.record({
  version: fc.integer({ min: 1, max: 3 }),
  when,
  grant: fc.uniqueArray(fc.constantFrom(...ROLES), { minLength: 1 }),
  set: fc.constant({}),
  directory: fc.constant(null),
  refuse: fc.constant(false),
});
const rules = fc.array(rule, { maxLength: 3 }).map((each) => each.map((one, index) => ({ ...one, id: `r${index}` })));
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

const asks: fc.Arbitrary<Step['ask']> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        source,
        groups,
        live,
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
          revokeGrant([ada.account, ...state.grants.keys()][nth % (state.grants.size + 1)] ?? '', { withhold }),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...ROLES).map((role) => () => liftWithholding(role)) },
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
const life = fc.array(step, { minLength: 1, maxLength: 40, size: 'max' });

describe('any life of an account', () => {
  it('folds, and to the same from wherever the fold goes on', () =>
    fc.assert(
      fc.property(life, fc.nat(), (steps, cut) => {
        const { history, state } = lived(steps);
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
      fc.property(life, (steps) => {
        const ids = lived(steps)
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
      const due = [...dueOf(signIn).values()].filter(({ role }) => !after.withheld.has(role)).map(dueKey);
      expect(heldFrom(after, signIn)).toEqual(due.sort());
    }));

  it('with unknown groups takes nothing, and only writes down what has run out', () =>
    checkedSignIns((signIn, { events }) => {
      const codes = events.flatMap((event) => (event.type === 'AccessRevoked' ? [event.data.code] : []));
      if (!signIn.data.identity.groups.known) expect(codes.filter((code) => code !== 'lease-expired')).toEqual([]);
    }));

  it('leaves what other sources gave', () =>
    checkedSignIns((signIn, { before, after }) => {
      const others = (state: AccountState) =>
        standingGrants(state, signIn.metadata.now).filter((grant) => !isFrom(grant.source, signIn));
      expect(others(after)).toEqual(others(before));
    }));

  it('gives no role that is withheld', () =>
    checkedSignIns((_, { after, events }) => {
      for (const { role } of events.flatMap(grantsGiven)) expect(after.withheld.has(role)).toBe(false);
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
  for (const steps of fc.sample(life, { numRuns: 300, seed: 1 })) {
    const { accepted, refused } = lived(steps);
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
  ];
  const wanted = types.flatMap((type) => [`${type} accepted`, `${type} refused`]);
  expect(wanted.filter((each) => !seen.has(each))).toEqual([]);
});

type RecordedRevocation = RecordedEvent & AccessRevoked;

function checked(check: (step: Accepted) => void): void {
  fc.assert(
    fc.property(life, (steps) => {
      for (const step of lived(steps).accepted) check(step);
    }),
    RUNS,
  );
}

function checkedSignIns(check: (signIn: SignIn, step: Accepted) => void): void {
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

/** Lives a life: what is refused leaves no trace, what is accepted must fit the catalogue and fold. */
function lived(steps: readonly Step[]) {
  const history: RecordedEvent[] = [];
  const accepted: Accepted[] = [];
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
      ) as Accepted['events'][number][];
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
