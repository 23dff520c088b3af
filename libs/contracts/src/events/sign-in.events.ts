import { z } from 'zod';
import { event, type Upcaster } from '../event-entry.js';
import { claims, claimValue, client, instant, name, sha256, uuid } from '../vocabulary.js';

/** What cannot be added later: which assertion, signed by whom, verified with what. */
const proof = z.strictObject({
  issuer: z.string().max(1024),
  assertionId: z.string().max(512),
  /** SHA-256 of the DER certificate, or of the key (RFC 7638), that verified the signature; null where nothing is signed (OAuth 2.0). */
  certificateSha256: sha256.nullable(),
  /** SHA-256 of the verified bytes. */
  assertionSha256: sha256,
  authnInstant: z.string().max(64).nullable(),
  /** `AuthnContextClassRef`, or `acr`. */
  authnContext: z.string().max(1024).nullable(),
  /** Methods of authentication (RFC 8176), where the source names them. */
  amr: z.array(z.string().max(128)).max(20),
  nameIdFormat: z.string().max(512).nullable(),
  sessionIndex: z.string().max(512).nullable(),
  initiatedBy: z.enum(['sp', 'idp']),
});

/** How one rule was judged, in words that say which part of it decided. */
const judgement = z.strictObject({
  rule: name,
  version: z.int().positive(),
  matched: z.boolean(),
  why: z.string().max(500),
});

type Recorded = Readonly<Record<string, unknown>>;

/** Before there were other protocols than SAML, nobody asked for methods of authentication, and rules were not judged one by one. */
const withMethods = (proof: Recorded | null): Recorded | null => proof && { ...proof, amr: [] };
const liftSignedIn: Upcaster = (data) => {
  const { proof, ...rest } = data as { readonly proof: Recorded };
  return { ...rest, proof: withMethods(proof), judgements: [] };
};
const liftRefused: Upcaster = (data) => {
  const { proof, ...rest } = data as { readonly proof: Recorded | null };
  return { ...rest, proof: withMethods(proof), rule: null };
};

export const signedIn = event(
  'signIn',
  'SignedIn',
  'a verified assertion admits a person; the evidence for whatever it changes on the account',
  z.strictObject({
    account: uuid,
    connection: name,
    connectionVersion: z.int().positive(),
    protocol: z.enum(['saml', 'oidc', 'oauth2', 'jwt']),
    directory: name,
    subject: claimValue,
    proof,
    sessionNotOnOrAfter: z.string().max(64).nullable(),
    claims,
    /** Whether the source said anything about groups; unknown takes no role away. */
    groups: z.enum(['known', 'unknown']),
    /** Every rule of the connection, and why it matched or did not. Empty in events recorded before this was kept. */
    judgements: z.array(judgement).max(500),
    client,
    softwareVersion: z.string().max(64),
  }),
  [
    { path: 'subject', subject: 'account' },
    { path: 'claims', subject: 'account' },
    { path: 'judgements[].why', subject: 'account' },
    { path: 'client', subject: 'account' },
  ],
  [liftSignedIn],
);

export const signInRefused = event(
  'signInRefusal',
  'SignInRefused',
  'a sign-in is turned away: nothing verified, not admitted, or the account would not have it',
  z.strictObject({
    connection: name.nullable(),
    connectionVersion: z.int().positive().nullable(),
    code: z.string().max(64),
    /** The rule of admission that turned the person away, as `rule@version` or its id. */
    rule: z.string().max(80).nullable(),
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
  [liftRefused],
);

export const signedOut = event(
  'signOut',
  'SignedOut',
  'a person ends their session',
  z.strictObject({ account: uuid, connection: name, signIn: uuid.nullable() }),
);

/** What sources notify us of. */
export const signalKind = z.enum([
  'backchannel-logout',
  'saml-logout',
  'session-revoked',
  'credential-change',
  'account-disabled',
  'account-enabled',
  'account-purged',
  'identifier-changed',
  'event-hook',
]);

export const signalReceived = event(
  'signal',
  'SignalReceived',
  'a source says by itself that a session ended or an account changed; recorded before it takes effect',
  z.strictObject({
    connection: name,
    connectionVersion: z.int().positive(),
    kind: signalKind,
    issuer: z.string().max(1024),
    /** Id of the token or message. */
    signalId: z.string().max(512),
    /** Null where the notice was not signed: a hint. */
    keySha256: sha256.nullable(),
    subject: claimValue.nullable(),
    sessionIndex: z.string().max(512).nullable(),
    account: uuid.nullable(),
    /** When it happened, as the source says. */
    occurredAt: instant,
    receivedAt: instant,
  }),
  [{ path: 'subject', subject: 'account' }],
);

export const sessionsEnded = event(
  'signal',
  'SessionsEnded',
  'sessions of an account end because of a notice from its source',
  z.strictObject({
    account: uuid,
    connection: name,
    /** Id of the `SignalReceived` event. */
    signal: uuid,
    sessions: z.int().nonnegative(),
    /** Ids of the `SignedIn` events behind those sessions, where the notice named sessions; null: whatever the account has by the connection ends. */
    signIns: z.array(uuid).max(1000).nullable(),
    effectAt: instant,
    /** From what the source calls the time of the event to the effect, and from the arrival of the notice to it. */
    sinceOccurredMs: z.int().nonnegative(),
    sinceReceivedMs: z.int().nonnegative(),
  }),
);
