import {
  ada,
  assigned,
  byHand,
  deactivated,
  deciding,
  type Fact,
  historyOf,
  olga,
  profileUpdated,
  provisioned,
  reactivated,
  revoked,
  through,
  withheld,
} from '#libs/testing';
import { accountDecider } from './account.decider.js';
import { NO_ACCOUNT, openGrants, rolesHeld } from './account.state.js';

const account = deciding(accountDecider);
const NOON = '2026-03-02T12:00:00.000Z';
const held = (...facts: Fact[]) => rolesHeld(account.given(provisioned(ada), ...facts).state, NOON);

describe('the roles that count', () => {
  it('are none for somebody who has no account', () => expect(rolesHeld(NO_ACCOUNT, NOON)).toEqual([]));

  it('are those of open grants, each once however many grants give it', () =>
    expect(held(assigned(ada, 'crm.reader'), assigned(ada, 'crm.reader', byHand(olga), { nth: 2 }))).toEqual([
      'crm.reader',
    ]));

  it('stay while one grant of several is open', () =>
    expect(
      held(
        assigned(ada, 'crm.reader'),
        assigned(ada, 'crm.reader', byHand(olga), { nth: 2 }),
        revoked(ada, 'crm.reader'),
      ),
    ).toEqual(['crm.reader']));

  it('begin inclusive and end exclusive', () => {
    const grant = assigned(ada, 'crm.admin', byHand(olga), { from: '2026-03-02T10:00:00.000Z', until: NOON });
    const { state } = account.given(provisioned(ada), grant);
    const at = (instant: string) => openGrants(state, instant).length;
    expect(['2026-03-02T09:59:59.999Z', '2026-03-02T10:00:00.000Z', '2026-03-02T11:59:59.999Z', NOON].map(at)).toEqual([
      0, 1, 1, 0,
    ]);
  });

  it('are none while the account is deactivated, and come back with it', () => {
    expect(held(assigned(ada, 'crm.reader'), deactivated(ada))).toEqual([]);
    expect(held(assigned(ada, 'crm.reader'), deactivated(ada), reactivated(ada))).toEqual(['crm.reader']);
  });

  it('are none from the moment at which the account ends', () => {
    const { state } = account.given(provisioned(ada, { expiresAt: NOON }), assigned(ada, 'crm.reader'));
    expect(rolesHeld(state, '2026-03-02T11:59:59.999Z')).toEqual(['crm.reader']);
    expect(rolesHeld(state, NOON)).toEqual([]);
  });
});

describe('the fold of an account', () => {
  it('remembers who stated each attribute', () => {
    const { state } = account.given(provisioned(ada), profileUpdated(ada, { department: 'Research' }, through('hr')));
    expect(Object.fromEntries(state.attributeSources)).toEqual({
      userName: 'okta',
      displayName: 'okta',
      givenName: 'okta',
      familyName: 'okta',
      email: 'okta',
      manager: 'okta',
      department: 'hr',
    });
  });

  it('remembers who deactivated it, and since when', () => {
    const { state } = account.given(provisioned(ada), deactivated(ada, through('hr')));
    expect([state.status, state.deactivatedBy, state.deactivatedAt]).toEqual([
      'deactivated',
      'hr',
      '2026-03-02T08:01:00.000Z',
    ]);
  });

  it('keeps the latest of two decisions about a role', () => {
    const { state } = account.given(
      provisioned(ada),
      withheld(ada, 'crm.admin', ['okta/a@1']),
      withheld(ada, 'crm.admin', ['okta/a@2']),
    );
    expect(state.withheld.get('crm.admin')?.rules).toEqual(['okta/a@2']);
  });

  it('goes on where an erased person’s fields read as text', () => {
    const [whole, grant] = historyOf(provisioned(ada), assigned(ada, 'crm.reader'));
    const erased = [
      { ...whole, data: { ...(whole?.data as object), profile: '[erased]' } },
      { ...grant, data: { ...(grant?.data as object), because: '[erased]' } },
    ];
    const state = erased.reduce((before, event) => accountDecider.evolve(before, event as never), NO_ACCOUNT);
    expect([...state.grants.values()].map(({ role, matched }) => ({ role, matched }))).toEqual([
      { role: 'crm.reader', matched: [] },
    ]);
  });

  it('stops at a fact that it does not know: a skipped one would be a hole', () => {
    const [event] = historyOf(provisioned(ada));
    const unknown = { ...event, type: 'UserFrozen' } as never;
    expect(() => accountDecider.evolve(NO_ACCOUNT, unknown)).toThrow('An account cannot fold UserFrozen.');
  });
});
