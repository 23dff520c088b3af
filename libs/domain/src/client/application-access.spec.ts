import type { RecordedEvent } from '#libs/kernel';
import { type AccountState, type Grant, NO_ACCOUNT } from '../account/account.state.js';
import { accessToApplication, grantStillStands } from './application-access.js';

const NOON = '2026-03-01T12:00:00.000Z';
const ONE = '2026-03-01T13:00:00.000Z';
const TWO = '2026-03-01T14:00:00.000Z';
const crm = new Set(['crm.reader', 'crm.admin']);

const grant = (role: string, over: Partial<Grant> = {}): Grant => ({
  id: role,
  role,
  source: { kind: 'manual', connection: null, connectionVersion: null, rule: null, ruleVersion: null, actor: 'key:k' },
  from: '2026-01-01T00:00:00.000Z',
  until: null,
  matched: [],
  ...over,
});
const account = (grants: readonly Grant[], over: Partial<AccountState> = {}): AccountState => ({
  ...NO_ACCOUNT,
  exists: true,
  grants: new Map(grants.map((one, index) => [`${index}`, one])),
  ...over,
});

describe('access to an application', () => {
  it('is what open grants of its roles give, each role once', () => {
    const state = account([grant('crm.reader'), grant('crm.admin'), grant('crm.reader'), grant('wiki.editor')]);
    expect(accessToApplication(state, crm, NOON)).toMatchObject({
      active: true,
      roles: ['crm.admin', 'crm.reader'],
      until: null,
    });
  });

  it('ends with the first of its grants that ends, or with the account', () => {
    const state = account([grant('crm.reader', { until: TWO }), grant('crm.admin', { until: ONE })]);
    expect(accessToApplication(state, crm, NOON).until).toBe(ONE);
    expect(accessToApplication(state, crm, ONE)).toMatchObject({ roles: ['crm.reader'], until: TWO });
    expect(accessToApplication({ ...state, expiresAt: NOON }, crm, '2026-03-01T11:59:59.999Z').until).toBe(NOON);
  });

  it('is not shortened by what ends elsewhere', () =>
    expect(
      accessToApplication(account([grant('crm.reader'), grant('wiki.editor', { until: ONE })]), crm, NOON).until,
    ).toBeNull());

  it.each<[string, AccountState]>([
    ['there is no account', NO_ACCOUNT],
    ['it is suspended', account([grant('crm.reader')], { status: 'deactivated' })],
    ['it is past its end', account([grant('crm.reader')], { expiresAt: NOON })],
  ])('is none when %s', (_why, state) =>
    expect(accessToApplication(state, crm, NOON)).toMatchObject({ active: false, roles: [] }),
  );
});

describe('what an application was given', () => {
  const event = (revision: number, type: string, roles: readonly string[] = []) =>
    ({
      revision,
      type,
      id: `${revision}`,
      data: { grants: roles.map((role) => ({ id: role, role })) },
    }) as unknown as RecordedEvent;
  const since = (...history: RecordedEvent[]) => grantStillStands(history, { revision: 3, roles: crm });

  it('stands as of the last event that takes nothing from it', () => {
    expect(since()).toEqual({ stands: true, revision: 3 });
    expect(since(event(4, 'RolesAssigned', ['crm.admin']), event(5, 'AccessRevoked', ['wiki.editor']))).toEqual({
      stands: true,
      revision: 5,
    });
  });

  it('ends when any role of the application is taken, also among others', () =>
    expect(since(event(4, 'AccessRevoked', ['wiki.editor', 'crm.reader']))).toMatchObject({
      stands: false,
      code: 'access-revoked',
      cause: { revision: 4 },
    }));

  it.each(['UserDeactivated', 'AccountMerged'])('ends with %s, whatever comes after it', (type) =>
    expect(since(event(4, type), event(5, 'UserReactivated'))).toMatchObject({ stands: false, code: 'deactivated' }),
  );

  it('ends when an identity is separated: nobody knows which of the two came in', () =>
    expect(since(event(4, 'IdentityLinked'), event(5, 'IdentityUnlinked'))).toMatchObject({
      stands: false,
      code: 'identity-unlinked',
      cause: { revision: 5 },
    }));

  it('is not ended by what happened before, or by what caused it', () =>
    expect(since(event(2, 'UserDeactivated'), event(3, 'AccessRevoked', ['crm.reader']))).toEqual({
      stands: true,
      revision: 3,
    }));
});
