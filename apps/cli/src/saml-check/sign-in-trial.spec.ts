/** A trial goes as far as a sign-in would, stops where it would, and shows what it knew by then. */
import { SamlRefusedError, type VerifiedAssertion } from '#libs/federation';
import { connectionSettingsWith } from '#libs/testing';
import type { KnownConnection } from './known-connection.js';
import { trySignIn } from './sign-in-trial.js';
import { trialText } from './trial-text.js';

const captured = { samlResponse: '', pendingRequestId: '_1', now: new Date('2026-03-02T08:00:00Z') };

const assertion = (attributes: Readonly<Record<string, readonly string[]>>): VerifiedAssertion => ({
  assertionId: '_a',
  responseId: '_r',
  issuer: 'http://idp.example',
  nameIdFormat: null,
  sessionIndex: null,
  authnInstant: null,
  authnContext: null,
  certificateSha256: '0'.repeat(64),
  assertionSha256: '0'.repeat(64),
  initiatedBy: 'sp',
  nameId: { value: 'ada@acme.example', format: null },
  attributes: new Map(Object.entries(attributes)),
  friendlyNames: new Map(),
  sessionNotOnOrAfter: null,
  notOnOrAfter: '2026-03-02T08:05:00.000Z',
});

const verifierThatFinds = (found: VerifiedAssertion) => ({ verify: async () => found });

const settings = {
  ...connectionSettingsWith([]),
  attributes: { userName: 'nameId', email: 'email' },
  groups: { attribute: 'groups', whenMissing: 'unknown' as const, names: {} },
  jit: { create: true, update: 'everySignIn' as const, required: ['email'], allowedDomains: [] },
  rules: [{ id: 'admins', version: 2, when: { group: 'admins' }, grant: ['crm.admin', 'crm.retired'] }],
};

const connection = (over: Partial<KnownConnection> = {}): KnownConnection => ({
  enabled: true,
  settings,
  saml: {} as KnownConnection['saml'],
  liveRoles: new Set(['crm.admin']),
  ...over,
});

const admin = assertion({ email: ['ada@acme.example'], groups: ['admins'] });

describe('a trial of a sign-in', () => {
  it('shows the profile and the roles that are due, retired ones left out', async () => {
    const trial = await trySignIn(verifierThatFinds(admin), connection(), captured);
    expect(trial).toMatchObject({
      refusal: null,
      identity: { subject: 'ada@acme.example', profile: { email: 'ada@acme.example' }, groups: ['admins'] },
      roles: [{ role: 'crm.admin', rule: 'admins@2' }],
    });
    expect(trialText(trial)).toContain('Role       crm.admin, by rule admins@2');
  });

  it('says that unknown groups take nothing away', async () => {
    const trial = await trySignIn(verifierThatFinds(assertion({ email: ['a@b.example'] })), connection(), captured);
    expect(trial.identity?.groups).toBeNull();
    expect(trialText(trial)).toContain('unknown: no role would be taken away');
  });

  it.each([
    ['missing-attribute', assertion({ groups: [] }), {}],
    ['connection-disabled', admin, { enabled: false }],
    [
      'foreign-domain',
      admin,
      { settings: { ...settings, jit: { ...settings.jit, allowedDomains: ['other.example'] } } },
    ],
  ])('is refused with %s, and still shows the claims', async (code, found, over) => {
    const trial = await trySignIn(verifierThatFinds(found), connection(over), captured);
    expect(trial.refusal?.code).toBe(code);
    expect(trial.roles).toEqual([]);
    expect(trial.claims).not.toEqual([]);
  });

  it('shows nothing of a response that was not verified', async () => {
    const refused = new SamlRefusedError({
      code: 'invalid-signature',
      message: 'The signature is wrong.',
      evidence: null,
    });
    const verifier = { verify: () => Promise.reject(refused) };
    const trial = await trySignIn(verifier, connection(), captured);
    expect(trial).toMatchObject({ assertion: null, claims: [], identity: null });
    expect(trialText(trial)).toBe('Refused: invalid-signature. The signature is wrong.');
  });
});
