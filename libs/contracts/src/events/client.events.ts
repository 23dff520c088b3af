import { z } from 'zod';
import { event, type PersonalField } from '../event-entry.js';
import { GRANTS_PER_EVENT_MAX, instant, name, reason, uuid } from '../vocabulary.js';

/** Whatever a person writes may be about a person. */
const REASON: PersonalField = { path: 'reason', subject: 'stream' };

const url = z.url().max(2048);
const managedBy = z.enum(['config', 'api']);

/** An application that signs people in through Gatebook, defaults filled in. */
export const clientSettings = z.strictObject({
  /** What people read on pages. */
  name: z.string().min(1).max(200),
  tokenEndpointAuthMethod: z.enum(['client_secret_basic', 'client_secret_post', 'none']),
  /** HMAC of the secret under the installation's keyring; null for a public client. */
  secretHash: z
    .string()
    .regex(/^hmac:[0-9a-f]{64}$/)
    .nullable(),
  /** Compared character by character. */
  redirectUris: z.array(url).min(1).max(20),
  postLogoutRedirectUris: z.array(url).max(20),
  backchannelLogoutUri: url.nullable(),
  /** The application whose roles the client sees. */
  rolesOf: name,
  /** Connections through which people come in to it. */
  connections: z.array(name).min(1).max(100),
  /** Whether people without any role of the application are let in. */
  admitWithoutRole: z.boolean(),
  /** Any of them will do; empty: however people signed in. */
  requireAuthenticationContext: z.array(z.string().min(1).max(1024)).max(20),
  /** Whether the client gets refresh tokens. */
  refresh: z.boolean(),
});

const configured = z.strictObject({
  client: name,
  settings: clientSettings,
  enabled: z.boolean(),
  managedBy,
  reason: reason.nullable(),
});

export const clientRegistered = event(
  'client',
  'ClientRegistered',
  'an application is made known that signs people in through Gatebook',
  configured,
  [REASON],
);

export const clientChanged = event(
  'client',
  'ClientChanged',
  'the settings of an application change; its version rises by one',
  z.strictObject({
    client: name,
    settings: clientSettings,
    /** Names of the settings that changed. */
    changed: z.array(z.string().max(80)).min(1).max(50),
    managedBy,
    reason: reason.nullable(),
  }),
  [REASON],
);

const switched = z.strictObject({ client: name, reason: reason.nullable() });

export const clientEnabled = event('client', 'ClientEnabled', 'an application may sign people in again', switched, [
  REASON,
]);

export const clientDisabled = event(
  'client',
  'ClientDisabled',
  'an application signs nobody in any more, and what it was given is void',
  switched,
  [REASON],
);

export const clientRemoved = event(
  'client',
  'ClientRemoved',
  'an application is removed for good; its id stays taken',
  switched,
  [REASON],
);

export const applicationSignedIn = event(
  'applicationSignIn',
  'ApplicationSignedIn',
  'a person comes in to an application; what it is told of their access is what these grants give',
  z.strictObject({
    account: uuid,
    client: name,
    clientVersion: z.int().positive(),
    application: name,
    connection: name,
    /** Id of the `SignedIn` event behind the session. */
    signIn: uuid.nullable(),
    /** Revision of the account as of which it was admitted. */
    accountRevision: z.int().nonnegative(),
    roles: z.array(name).max(GRANTS_PER_EVENT_MAX),
    grants: z.array(uuid).max(GRANTS_PER_EVENT_MAX),
    /** Whether somebody was there to see a page, or the application asked in the background. */
    silent: z.boolean(),
  }),
);

export const applicationSignInRefused = event(
  'applicationSignInRefusal',
  'ApplicationSignInRefused',
  'a person who is signed in is not let in to an application',
  z.strictObject({
    account: uuid,
    client: name,
    clientVersion: z.int().positive(),
    application: name,
    connection: name,
    signIn: uuid.nullable(),
    code: z.string().max(64),
  }),
);

export const applicationSessionsEnded = event(
  'applicationSessionEnd',
  'ApplicationSessionsEnded',
  'a person’s sessions with an application end because they lost access or an identity, signed out, the application was switched off or asks for more, or a code or token was used twice',
  z.strictObject({
    account: uuid,
    client: name,
    application: name,
    /** Id of the event that ended them; for `reused`, of the reuse, which is no event of its own. */
    cause: uuid,
    code: z.enum([
      'access-revoked',
      'deactivated',
      'identity-unlinked',
      'signed-out',
      'client-disabled',
      'client-changed',
      'connection-disabled',
      'reused',
    ]),
    /** How many sessions with the application were open. */
    sessions: z.int().nonnegative(),
    signalAt: instant,
    effectAt: instant,
    /** From the event to the end of the last of them. */
    sinceSignalMs: z.int().nonnegative(),
  }),
);

/** The shape above as a type. */
export type ClientSettings = z.infer<typeof clientSettings>;
