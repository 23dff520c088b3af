import fc from 'fast-check';
import { ada, by, historyOf, profileUpdated, provisioned } from '#libs/testing';
import { type EarlierAnswer, mayCarryForward } from './carry-forward.js';
import { type Certified, fingerprintOf, whatChanged } from './fingerprint.js';

const NOW = '2026-06-01T08:00:00.000Z';
const terms = { carryForward: { validFor: 'P90D' }, control: null };
const item = { policy: 'quarterly', privileged: false, fingerprint: 'a' };
const answer = (over: Partial<EarlierAnswer> = {}): EarlierAnswer => ({
  outcome: 'certified',
  fingerprint: 'a',
  decidedAt: '2026-04-01T08:00:00.000Z',
  policy: 'quarterly',
  flags: [],
  ...over,
});

describe('a decision of before', () => {
  it('is carried forward while it is good', () => expect(mayCarryForward(terms, item, answer(), NOW)).toBe(true));

  it('is carried forward between reviews that follow no policy', () =>
    expect(mayCarryForward(terms, { ...item, policy: null }, answer({ policy: null }), NOW)).toBe(true));

  it('is good until its time is over, exclusive', () => {
    const decidedAt = '2026-03-03T08:00:00.000Z';
    expect(mayCarryForward(terms, item, answer({ decidedAt }), '2026-06-01T07:59:59.999Z')).toBe(true);
    expect(mayCarryForward(terms, item, answer({ decidedAt }), NOW)).toBe(false);
  });

  it.each<[string, Parameters<typeof mayCarryForward>]>([
    ['the policy does not say so', [{ ...terms, carryForward: null }, item, answer(), NOW]],
    ['the review is evidence for a control', [{ ...terms, control: 'SOC 2 CC6.2' }, item, answer(), NOW]],
    ['the role is privileged', [terms, { ...item, privileged: true }, answer(), NOW]],
    ['something has changed', [terms, item, answer({ fingerprint: 'b' }), NOW]],
    ['nobody ever decided', [terms, item, null, NOW]],
    ['nobody answered', [terms, item, answer({ outcome: 'expired' }), NOW]],
    ['it was carried forward itself', [terms, item, answer({ outcome: 'carriedForward' }), NOW]],
    ['it was about the grant of who answered', [terms, item, answer({ flags: ['ownGrant'] }), NOW]],
    ['it was answered by who gave the grant', [terms, item, answer({ flags: ['approvedByReviewer'] }), NOW]],
    ['another policy asked', [terms, item, answer({ policy: 'monthly' }), NOW]],
    ['somebody asked without a policy', [terms, item, answer({ policy: null }), NOW]],
    ['it was a reduction', [terms, item, answer({ outcome: 'reduced' }), NOW]],
  ])('is not when %s', (_why, given) => expect(mayCarryForward(...given)).toBe(false));
});

describe('a fingerprint', () => {
  const certified: Certified = {
    role: 'crm.admin',
    grant: { id: 'g', source: by('okta', 'admins') },
    profile: ada.profile,
  };

  it.each<[string, Partial<Certified>]>([
    ['the grant', { grant: { id: 'h', source: by('okta', 'admins') } }],
    ['the rule', { grant: { id: 'g', source: by('okta', 'leads') } }],
    ["the rule's version", { grant: { id: 'g', source: by('okta', 'admins', { rule: 2 }) } }],
    ['the connection', { grant: { id: 'g', source: by('entra', 'admins') } }],
    ['the role', { role: 'crm.reader' }],
    ['the department', { profile: { ...ada.profile, department: 'Finance' } }],
    ['the title', { profile: { ...ada.profile, title: 'Lead' } }],
    ['the manager', { profile: { ...ada.profile, manager: null } }],
    ['the employee type', { profile: { ...ada.profile, employeeType: 'contractor' } }],
    ['everything that was known', { profile: '[erased]' }],
  ])('changes with %s', (_what, over) =>
    expect(fingerprintOf({ ...certified, ...over })).not.toBe(fingerprintOf(certified)),
  );

  it.each<[string, Partial<Certified>]>([
    ['the name', { profile: { ...ada.profile, displayName: 'Ada O.', familyName: 'O' } }],
    ['another version of the connection', { grant: { id: 'g', source: by('okta', 'admins', { connection: 9 }) } }],
  ])('does not change with %s', (_what, over) =>
    expect(fingerprintOf({ ...certified, ...over })).toBe(fingerprintOf(certified)),
  );

  it('of a role that was kept back knows no grant', () =>
    expect(fingerprintOf({ ...certified, grant: null })).toBe(
      '["crm.admin",null,null,null,null,"Engineering",null,"olga@acme.example",null]',
    ));

  it('is the same for two people only if nothing tells them apart that counts', () => {
    const text = fc.option(fc.string({ maxLength: 3 }));
    const attributes = fc.record({ department: text, title: text, manager: text, employeeType: text });
    fc.assert(
      fc.property(attributes, attributes, (one, other) => {
        const print = (over: typeof one) => fingerprintOf({ ...certified, profile: { ...ada.profile, ...over } });
        expect(print(one) === print(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

it('what an event changes of what was certified is said by name', () => {
  const [birth, change, other] = historyOf(
    provisioned(ada),
    profileUpdated(ada, { title: 'Lead', department: 'Finance', costCenter: '7' }),
    profileUpdated(ada, { costCenter: '8' }),
  );
  expect([birth, change, other].map((event) => whatChanged(event as never))).toEqual([[], ['department', 'title'], []]);
});
