import type { MappingRule } from '#libs/contracts';
import { DomainError } from '#libs/kernel';
import { type ConnectionOverrides, connectionSettings, presented, rule } from '#libs/testing';
import { SignInRefusedError } from '../sign-in/sign-in-refused.error.js';
import { admit, mayCreateAccounts, strangerRefused } from './admission.js';
import { mapIdentity } from './identity-mapping.js';

type Words = Parameters<typeof presented>[0];

const settings = (admission: ConnectionOverrides['admission'], rules: MappingRule[] = []) =>
  connectionSettings({
    admission: admission ?? {},
    rules,
    attributes: { userName: 'nameId', employeeType: 'type' },
    authenticationContexts: { mfa: ['urn:mfa'] },
    jit: { required: [], allowedDomains: [] },
  });

/** `admitted`, or the code of the refusal with the rule that it names. */
function outcome(whole: ReturnType<typeof settings>, words: Words = {}): string {
  try {
    admit(whole, mapIdentity(whole, presented(words), []));
    return 'admitted';
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, rule: by } = error as SignInRefusedError;
    return by === null ? code : `${code} by ${by}`;
  }
}
const inGroups = (...groups: string[]): Words => ({ claims: { groups } });
const contractors = { attribute: 'employeeType', equals: 'contractor' };

describe('a connection that needs a group', () => {
  const whole = settings({ requireGroup: ['employees', 'board'] });

  it('admits members of any of them, and nobody else', () => {
    expect(outcome(whole, inGroups('x', 'board'))).toBe('admitted');
    expect(outcome(whole, inGroups('x'))).toBe('group-required');
    expect(outcome(whole, inGroups())).toBe('group-required');
  });

  it('admits nobody whose groups are unknown, and says that it is this', () => {
    expect(outcome(whole, {})).toBe('groups-unknown');
    expect(outcome(whole, { ...inGroups('board'), groupsOverage: true })).toBe('groups-unknown');
  });
});

describe('a connection that needs a way of signing in', () => {
  const whole = settings({ requireAuthenticationContext: ['mfa', 'hwk'] });

  it('admits by any of them, aliases included', () => {
    expect(outcome(whole, { authentication: { context: 'urn:mfa' } })).toBe('admitted');
    expect(outcome(whole, { authentication: { methods: ['pwd', 'hwk'] } })).toBe('admitted');
  });

  it('sends everybody else back to sign in more strongly', () => {
    expect(outcome(whole, { authentication: { context: 'urn:pwd', methods: ['pwd'] } })).toBe(
      'stronger-authentication-required',
    );
    expect(outcome(whole)).toBe('stronger-authentication-required');
  });
});

describe('a connection for people of certain domains', () => {
  const inside = (email_verified?: string[]): Words => ({
    claims: { email: ['ceo@acme.example'], ...(email_verified ? { email_verified } : {}) },
  });
  const whole = connectionSettings({
    attributes: { userName: 'nameId', email: 'email' },
    jit: { required: [], allowedDomains: ['acme.example'] },
    rules: [rule('staff', '', ['crm.reader'], 1, { when: { domain: 'acme.example' } })],
  });
  const isStaff = (words: Words) => mapIdentity(whole, presented(words), []).judgements[0];

  it.each([[['false']], [[]], [['true', 'false']]])(
    'does not admit by an address that the source calls unverified (%j), nor gives by it',
    (stated) => {
      expect(outcome(whole, inside(stated))).toBe('foreign-domain');
      expect(isStaff(inside(stated))).toMatchObject({ matched: false, undecided: false });
    },
  );

  it.each([[undefined], [['true']]])('does by one of which it says %j', (stated) => {
    expect(outcome(whole, inside(stated))).toBe('admitted');
    expect(isStaff(inside(stated))?.matched).toBe(true);
  });
});

describe('rules of admission', () => {
  it('turn away whom one refuses, and name it', () => {
    const whole = settings({ refuse: [{ id: 'no-contractors', when: contractors }] });
    expect(outcome(whole, { claims: { type: ['contractor'] } })).toBe('refused-by-rule by no-contractors');
    expect(outcome(whole, { claims: { type: ['employee'] } })).toBe('admitted');
    expect(outcome(whole)).toBe('admitted');
  });

  it('turn away whom they might refuse while groups are unknown', () => {
    const whole = settings({ refuse: [{ id: 'no-guests', when: { group: 'guests' } }] });
    expect(outcome(whole, inGroups('staff'))).toBe('admitted');
    expect(outcome(whole)).toBe('groups-unknown by no-guests');
  });

  it('admit, where there are any that allow, only whom one allows', () => {
    const whole = settings({
      allow: [
        { id: 'staff', when: { group: 'staff' } },
        { id: 'boss', when: { claim: 'nameId', equals: 'boss' } },
      ],
    });
    expect(outcome(whole, inGroups('staff'))).toBe('admitted');
    expect(outcome(whole, inGroups('x'))).toBe('not-allowed');
    expect(outcome(whole)).toBe('groups-unknown by staff');
    expect(outcome(whole, { subject: { value: 'boss', format: null } })).toBe('admitted');
  });

  it('refuse also whom one allows', () => {
    const when = { group: 'staff' };
    expect(outcome(settings({ allow: [{ id: 'a', when }], refuse: [{ id: 'b', when }] }), inGroups('staff'))).toBe(
      'refused-by-rule by b',
    );
  });
});

describe('a rule of the mapping that refuses', () => {
  const whole = settings({}, [
    rule('leavers', 'leavers', [], 4, { refuse: true }),
    rule('staff', 'staff', ['crm.reader']),
  ]);

  it('turns away whom it matches, named at its version', () => {
    expect(outcome(whole, inGroups('leavers', 'staff'))).toBe('refused-by-rule by leavers@4');
    expect(outcome(whole, inGroups('staff'))).toBe('admitted');
  });

  it('turns away whom it might match while groups are unknown', () =>
    expect(outcome(whole)).toBe('groups-unknown by leavers@4'));
});

describe('a connection by invitation only', () => {
  it('makes no accounts, and tells strangers so', () => {
    const whole = settings({ invitationOnly: true });
    expect(mayCreateAccounts(whole)).toBe(false);
    expect(strangerRefused(whole)).toMatchObject({ code: 'invitation-required' });
  });

  it('is another thing than one that makes no accounts at all', () => {
    const closed = connectionSettings({ jit: { create: false } });
    expect(mayCreateAccounts(closed)).toBe(false);
    expect(strangerRefused(closed)).toMatchObject({ code: 'jit-disabled' });
    expect(mayCreateAccounts(settings({}))).toBe(true);
  });
});
