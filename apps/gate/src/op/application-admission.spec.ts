/** What an application asks of the sign-in itself: it is met by what the source says, never by its silence, and nobody is led in a circle. */
import type { Catalog } from '#libs/catalog';
import type { LiveSession } from '#libs/identity';
import { ApplicationAdmission } from './application-admission.js';
import type { ApplicationPeople, UsableClient } from './application-people.js';

const NOW = new Date('2026-03-01T08:00:00.000Z');
const secondsAfterNow = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const asked = { after: NOW, sentAt: NOW };

const client = {
  tenant: 'acme',
  id: 'crm',
  settings: { connections: ['okta'], requireAuthenticationContext: [], admitWithoutRole: false },
} as unknown as UsableClient;

function admissionBy(protocol: string): ApplicationAdmission {
  const settings = { protocol, authenticationContexts: {} };
  const connection = () => ({ tenant: 'acme', enabled: true, status: 'present', settings });
  const people = { read: async () => ({ access: { active: true, roles: ['crm.reader'] } }) };
  const catalog = { lastRead: () => ({ connection }) };
  return new ApplicationAdmission(people as unknown as ApplicationPeople, catalog as unknown as Catalog);
}

/** A session that began after the person was sent to sign in; `instant` is when they proved who they are, as the source says. */
const session = (instant: Date | null, createdAt = secondsAfterNow(30)) =>
  ({
    ...{ tenant: 'acme', account: 'a', connection: 'okta', revision: 1, signIn: null, createdAt },
    authentication: { context: null, methods: [], instant: instant?.toISOString() ?? null },
  }) as unknown as LiveSession;

describe('a fresh sign-in', () => {
  const outcome = async (protocol: string, instant: Date | null) => {
    const admission = await admissionBy(protocol).decide(client, session(instant), asked);
    return admission.kind === 'refused' ? admission.code : admission.kind;
  };

  it.each(['oidc', 'saml'])('by %s is one that the source dates, and silence is none', async (protocol) => {
    expect(await outcome(protocol, secondsAfterNow(20))).toBe('admitted');
    expect(await outcome(protocol, secondsAfterNow(-59))).toBe('admitted');
    expect(await outcome(protocol, secondsAfterNow(-61))).toBe('fresh-sign-in-required');
    expect(await outcome(protocol, null)).toBe('fresh-sign-in-required');
  });

  it('by OAuth 2.0, which has no word for it, is any that comes of having asked', async () => {
    expect(await outcome('oauth2', null)).toBe('admitted');
    const before = await admissionBy('oauth2').decide(client, session(null, secondsAfterNow(-1)), asked);
    expect(before.kind).toBe('sign-in');
  });

  it('is asked for once where a session does not say when: then the answer is no', async () => {
    const admission = admissionBy('oidc');
    const recent = { after: secondsAfterNow(-60), sentAt: null };
    expect(await admission.decide(client, session(null), recent)).toMatchObject({ kind: 'sign-in', anew: true });
    expect(await admission.decide(client, session(null), asked)).toMatchObject({ kind: 'refused' });
  });

  it('is no concern where none is asked for', async () => {
    const admission = await admissionBy('oidc').decide(client, session(null), { after: null, sentAt: null });
    expect(admission.kind).toBe('admitted');
  });
});
