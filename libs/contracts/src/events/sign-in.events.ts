import { z } from 'zod';
import { event } from '../event-entry.js';
import { claims, claimValue, client, instant, name, sha256, uuid } from '../vocabulary.js';

/** What cannot be added later: which assertion, signed by whom, verified with what. */
const proof = z.strictObject({
  issuer: z.string().max(1024),
  assertionId: z.string().max(512),
  /** SHA-256 of the DER certificate, or of the key, that verified the signature. */
  certificateSha256: sha256,
  /** SHA-256 of the verified bytes. */
  assertionSha256: sha256,
  authnInstant: z.string().max(64).nullable(),
  authnContext: z.string().max(1024).nullable(),
  nameIdFormat: z.string().max(512).nullable(),
  sessionIndex: z.string().max(512).nullable(),
  initiatedBy: z.enum(['sp', 'idp']),
});

export const signedIn = event(
  'signIn',
  'SignedIn',
  'a verified assertion admits a person; the evidence for whatever it changes on the account',
  z.strictObject({
    account: uuid,
    connection: name,
    connectionVersion: z.int().positive(),
    protocol: z.enum(['saml']),
    directory: name,
    subject: claimValue,
    proof,
    sessionNotOnOrAfter: z.string().max(64).nullable(),
    claims,
    /** Whether the source said anything about groups; unknown takes no role away. */
    groups: z.enum(['known', 'unknown']),
    client,
    softwareVersion: z.string().max(64),
  }),
  [
    { path: 'subject', subject: 'account' },
    { path: 'claims', subject: 'account' },
    { path: 'client', subject: 'account' },
  ],
);

export const signInRefused = event(
  'signInRefusal',
  'SignInRefused',
  'a sign-in is turned away: nothing verified, not admitted, or the account would not have it',
  z.strictObject({
    connection: name.nullable(),
    connectionVersion: z.int().positive().nullable(),
    code: z.string().max(64),
    /** Whether the assertion carried a valid signature. */
    verified: z.boolean(),
    /** How many requests this event stands for: unverified ones beyond the first ten a minute are counted, not listed. */
    count: z.int().positive(),
    /** The account concerned, where one is known. */
    account: uuid.nullable(),
    /** Id of the `SignedIn` event that this refusal takes back; null otherwise. */
    evidence: uuid.nullable(),
    proof: proof.nullable(),
    subject: claimValue.nullable(),
    claims: claims.nullable(),
    client: client.nullable(),
    from: instant,
    to: instant,
    softwareVersion: z.string().max(64),
  }),
  [
    { path: 'subject', subject: 'day' },
    { path: 'claims', subject: 'day' },
    { path: 'client', subject: 'day' },
  ],
);

export const signedOut = event(
  'signOut',
  'SignedOut',
  'a person ends their session',
  z.strictObject({ account: uuid, connection: name, signIn: uuid.nullable() }),
);
