import { createHash } from 'node:crypto';
import type { SignedIn, SignInRefused } from '#libs/contracts';
import type { Fact } from './facts.js';
import type { Person } from './people.js';
import { seededId } from './seeded-id.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const proofOf = (connection: string, assertionId: string): SignedIn['data']['proof'] => ({
  issuer: `http://idp.example/${connection}`,
  assertionId,
  certificateSha256: sha256(`certificate of ${connection}`),
  assertionSha256: sha256(assertionId),
  authnInstant: '2026-03-02T07:59:58Z',
  authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
  amr: [],
  nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  sessionIndex: null,
  initiatedBy: 'sp',
});

/** Id of the `SignedIn` event of a person's n-th sign-in. */
export const signInId = (person: Person, nth = 1): string => seededId('signed-in', person.account, nth);

/** A verified assertion admits a person through a connection. */
export function signedIn(
  person: Person,
  connection = 'okta',
  { nth = 1, groups = ['engineers'], version = 1 }: { nth?: number; groups?: readonly string[]; version?: number } = {},
): Fact {
  const eventId = signInId(person, nth);
  return {
    category: 'signIn',
    tenant: person.tenant,
    id: seededId('sign-in stream', person.account, nth),
    eventId,
    actor: { kind: 'connection', id: connection },
    event: () => ({
      type: 'SignedIn',
      data: {
        account: person.account,
        connection,
        connectionVersion: version,
        protocol: 'saml',
        directory: person.directory,
        subject: person.profile.userName,
        proof: proofOf(connection, `_${eventId}`),
        sessionNotOnOrAfter: null,
        claims: [{ name: 'groups', values: [...groups] }],
        groups: 'known',
        judgements: [],
        client: { address: '192.0.2.10', userAgent: 'Browser of a test' },
        softwareVersion: '0.1.0',
      } satisfies SignedIn['data'],
    }),
  };
}

/** A sign-in is turned away; with `nth`, the account would not have the person's n-th sign-in after all. */
export function signInRefused(
  person: Person,
  code: string,
  { connection = 'okta', nth, seed = 1 }: { connection?: string; nth?: number; seed?: number } = {},
): Fact {
  const id = seededId('refusal', person.account, code, seed);
  return {
    category: 'signInRefusal',
    tenant: person.tenant,
    id,
    actor: { kind: 'connection', id: connection },
    event: (at) => ({
      type: 'SignInRefused',
      data: {
        connection,
        connectionVersion: 1,
        code,
        rule: null,
        verified: true,
        count: 1,
        account: person.account,
        evidence: nth === undefined ? null : signInId(person, nth),
        proof: proofOf(connection, `_${id}`),
        subject: person.profile.userName,
        claims: null,
        client: null,
        from: at,
        to: at,
        softwareVersion: '0.1.0',
      } satisfies SignInRefused['data'],
    }),
  };
}
