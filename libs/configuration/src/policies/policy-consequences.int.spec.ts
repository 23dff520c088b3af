/** What a policy would do to today's people is told before it does it: the truth is in the accounts' own streams. */
import { Catalog } from '#libs/catalog';
import { databaseMigrations, migrate } from '#libs/database';
import {
  ada,
  arrayEventStore,
  assigned,
  bo,
  byHand,
  clearCodec,
  clearReader,
  deactivated,
  type Fact,
  historyOf,
  olga,
  onEveryDatabase,
  provisioned,
  revoked,
  roleDefined,
  seededId,
  storedInClear,
  type TestDatabase,
} from '#libs/testing';
import type { PlannedChange } from '../plan-configuration.js';
import { StandingGrants } from '../standing-grants/standing-grants.js';
import { configurationMigrations } from '../standing-grants/standing-grants.table.js';
import { policyWarnings } from './policy-consequences.js';

jest.setTimeout(60_000);

const NOW = '2026-03-02T12:00:00.000Z';
const preventive = { kind: 'sod', roles: [['pay.create'], ['pay.approve']], mode: 'preventive', owner: null } as const;
type Sod = Omit<typeof preventive, 'mode'> & { readonly mode: 'detective' | 'preventive' };

const policyFact = (type: string, data: object): Fact => ({
  category: 'policy',
  tenant: 'acme',
  id: 'maker-checker',
  event: () => ({ type, data: { policy: 'maker-checker', reason: null, ...data } }),
});
const defined = (settings: Sod, enabled = true) =>
  policyFact('PolicyDefined', { settings, enabled, managedBy: 'config' });
const exception = (account: string, until: string): Fact => ({
  category: 'sodException',
  tenant: 'acme',
  id: seededId('exception'),
  event: () => ({
    type: 'SodExceptionGranted',
    data: {
      exception: seededId('exception'),
      policy: 'maker-checker',
      account,
      sets: [['pay.create'], ['pay.approve']],
      owner: 'ciso@acme.example',
      control: 'monthly look',
      until,
      by: null,
      reason: 'small team',
    },
  }),
});
const change = (settings: Sod, enabled = true): PlannedChange => ({
  action: 'change',
  kind: 'policy',
  tenant: 'acme',
  id: 'maker-checker',
  changed: ['mode'],
  stream: 'policy-acme+maker-checker',
  command: {
    type: 'ConfigurePolicy',
    data: { policy: 'maker-checker', settings: settings as never, enabled, managedBy: 'config', reason: null },
  },
});
const retired = (role: string): PlannedChange => ({
  action: 'remove',
  kind: 'role',
  tenant: 'acme',
  id: role,
  changed: [],
  stream: `role-acme+${role}`,
  command: { type: 'RetireRole', data: { managedBy: 'config', reason: null } },
});

const both = [
  provisioned(ada),
  assigned(ada, 'pay.create', byHand(olga)),
  assigned(ada, 'pay.approve', byHand(olga)),
  provisioned(bo),
  assigned(bo, 'pay.create', byHand(olga)),
];

onEveryDatabase((open) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await open();
    await migrate(test.database, [...databaseMigrations, ...configurationMigrations]);
  });
  afterAll(() => test.drop());
  // each test has a history of its own
  beforeEach(() => test.database.query('truncate provisioning.standing_grants, provisioning.checkpoints'));

  const warningsOf = async (facts: readonly Fact[], ...changes: readonly PlannedChange[]) => {
    const stored = storedInClear(historyOf(...facts));
    const store = arrayEventStore(stored);
    const standing = new StandingGrants({ database: test.database, store, codec: clearReader });
    await standing.catchUp();
    const view = await new Catalog(store, clearCodec).current();
    return policyWarnings({ standing, path: { store, codec: clearCodec } }, changes, view, NOW);
  };

  it('a policy that keeps roles apart which somebody holds together is to be confirmed, with who that is', async () =>
    expect(await warningsOf(both, change(preventive))).toEqual([
      `Policy maker-checker would keep roles apart that 1 account holds together today (pay.approve, pay.create). They keep them, as violations, and nobody else gets them together: ${ada.account}.`,
    ]));

  it.each<[string, readonly Fact[], PlannedChange]>([
    ['the policy only looks', both, change({ ...preventive, mode: 'detective' })],
    ['the policy is off', both, change(preventive, false)],
    ['the policy keeps them apart already', [defined(preventive), ...both], change(preventive)],
    ['one of the roles has ended', [...both, revoked(ada, 'pay.approve')], change(preventive)],
    ['the account is suspended', [...both, deactivated(ada)], change(preventive)],
    ['there is an exception', [...both, exception(ada.account, '2026-06-01T00:00:00.000Z')], change(preventive)],
  ])('but not when %s', async (_what, facts, planned) => expect(await warningsOf(facts, planned)).toEqual([]));

  it.each<[string, Fact]>([
    ['was only looking', defined({ ...preventive, mode: 'detective' })],
    ['was off', defined(preventive, false)],
    ['kept other roles apart', defined({ ...preventive, roles: [['pay.create'], ['crm.reader']] } as never)],
  ])('a policy that %s is looked at as if it were new', async (_what, before) =>
    expect(await warningsOf([before, ...both], change(preventive))).toEqual([
      expect.stringContaining('1 account holds'),
    ]),
  );

  it('an exception that is over excepts nobody', async () =>
    expect(await warningsOf([...both, exception(ada.account, NOW)], change(preventive))).toHaveLength(1));

  it('a role that is retired while a policy names it is told; the policy stays', async () => {
    const known = [roleDefined('pay.create'), roleDefined('pay.approve'), defined(preventive)];
    expect(await warningsOf(known, retired('pay.create'), retired('crm.reader'))).toEqual([
      expect.stringContaining('Role pay.create is retired, and policy maker-checker of tenant acme names it'),
    ]);
    const removed: PlannedChange = {
      ...change(preventive),
      action: 'remove',
      command: { type: 'RemovePolicy', data: { managedBy: 'config', reason: null } },
    };
    expect(await warningsOf(known, removed, retired('pay.create'))).toEqual([]);
  });
});
