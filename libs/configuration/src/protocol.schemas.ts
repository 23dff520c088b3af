import { z } from 'zod';
import { clockSkew, domain, duration, secret, text, url } from './schema-parts.js';

/** Every algorithm with two keys: who can check a signature must not be able to make one. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const pem = text(16_384);
const contexts = z.array(text(1024)).max(10).default([]);
const algorithms = z
  .array(z.enum(ALGORITHMS))
  .min(1)
  .max(ALGORITHMS.length)
  .default([...ALGORITHMS])
  .describe('Algorithms that tokens may be signed with; never `none`, never a shared secret.');

const metadata = z
  .strictObject({
    url: url.describe('Where the metadata is; https, unless the operator allows the host.'),
    pinnedCertificate: pem
      .nullable()
      .default(null)
      .describe('The certificate that must have signed the metadata; null: https alone vouches for it.'),
    refreshEvery: duration.default('P1D').describe('How often it is read again.'),
  })
  .nullable()
  .default(null)
  .describe('Metadata that is read again and again. `metadataUrl` alone is short for it.');

/** SAML 2.0: how the identity provider is reached and recognised. */
export const saml = z
  .strictObject({
    idpEntityId: text(1024)
      .nullable()
      .default(null)
      .describe(
        'Entity id of the identity provider, exactly as it writes it; with metadata, which one of several is meant.',
      ),
    ssoUrl: url.nullable().default(null).describe('Where people are sent to sign in; unless metadata says it.'),
    certificates: z
      .array(pem)
      .max(6)
      .default([])
      .describe(
        'Certificates that may sign: the old, the current, the next; unless metadata says them. PEM text or a `file:` reference.',
      ),
    metadata,
    metadataFile: text(8_388_608)
      .nullable()
      .default(null)
      .describe(
        'Metadata from a file beside the configuration, read when it is applied: instead of entity id, addresses and certificates.',
      ),
    spEntityId: text(1024)
      .nullable()
      .default(null)
      .describe('What the identity provider calls Gatebook; null for `GATEBOOK_PUBLIC_URL/saml/CONNECTION/metadata`.'),
    allowIdpInitiated: z
      .boolean()
      .default(false)
      .describe('Whether a sign-in may start at the identity provider; it then needs a signed response.'),
    requireSigned: z
      .enum(['either', 'assertion', 'response', 'both'])
      .default('either')
      .describe('What must bear a signature.'),
    clockSkew,
    requestBinding: z.enum(['redirect', 'post']).default('redirect').describe('How requests travel.'),
    signRequests: z
      .boolean()
      .default(false)
      .describe('Whether requests are signed, with a key that the metadata shows.'),
    forceAuthn: z.boolean().default(false).describe('Whether people must sign in anew at the identity provider.'),
    requestedAuthnContext: contexts.describe('Which ways of signing in are asked for; one of them will do.'),
    encryption: z
      .enum(['refuse', 'accept', 'require'])
      .default('refuse')
      .describe('Whether assertions may, or must, be encrypted, to a key that the metadata shows.'),
    allowCbc: z
      .boolean()
      .default(false)
      .describe('Whether encryption without integrity (CBC) is read; only for providers that cannot do better.'),
    sloUrl: url.nullable().default(null).describe('Where sign-outs are sent; null for no single logout.'),
    sloBinding: z.enum(['redirect', 'post']).default('redirect').describe('How sign-outs travel.'),
  })
  .nullable()
  .default(null)
  .describe('SAML 2.0: how the identity provider is reached and recognised.');

const graph = z
  .strictObject({
    clientId: text(512).describe('Id of the application that may read groups.'),
    clientSecret: secret,
  })
  .nullable()
  .default(null)
  .describe('Reads the groups that did not fit into the token from Microsoft Graph; null leaves them unknown.');

/** OpenID Connect: how the provider is reached and recognised. */
export const oidc = z
  .strictObject({
    issuer: text(1024)
      .regex(/^https?:\/\/[^\s?#]+$/, 'must be an address such as https://idp.example')
      .describe('Exactly as the provider writes it; with `{tenantid}` for a provider of many tenants.'),
    clientId: text(512).describe('What the provider calls Gatebook.'),
    clientSecret: secret
      .nullable()
      .default(null)
      .describe('The client’s secret: an `env:` or `file:` reference; only in the vault, nowhere else in clear.'),
    tokenEndpointAuthMethod: z
      .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
      .default('client_secret_basic')
      .describe('How Gatebook proves itself to the provider.'),
    scopes: z
      .array(text(128))
      .min(1)
      .max(30)
      .default(['openid', 'profile', 'email'])
      .describe('What is asked for; `openid` among them.'),
    userinfo: z.boolean().default(false).describe('Whether claims are completed from the userinfo endpoint.'),
    tenants: z
      .array(text(64))
      .max(100)
      .default([])
      .describe('Of a provider of many tenants (`tid`), those whose people may come in.'),
    hostedDomains: z
      .array(domain)
      .max(100)
      .default([])
      .describe('Of Google, the organisations (`hd`) whose people may come in; empty asks for none.'),
    identifyBy: z
      .enum(['sub', 'oid'])
      .default('sub')
      .describe('What tells one person from another: `sub`, or `oid` for Microsoft Entra ID (with `tid`).'),
    acrValues: contexts.describe('Which ways of signing in are asked for.'),
    prompt: z
      .enum(['login', 'select_account'])
      .nullable()
      .default(null)
      .describe('Whether people must sign in anew, or choose their account.'),
    maxAge: duration.nullable().default(null).describe('How long ago people may have signed in at the provider.'),
    algorithms,
    clockSkew,
    graph,
  })
  .nullable()
  .default(null)
  .describe('OpenID Connect: how the provider is reached and recognised.');

/** OAuth 2.0 without an ID token: where the profile is, and what in it is what. */
export const oauth2 = z
  .strictObject({
    authorizationUrl: url.describe('Where people are sent to sign in.'),
    tokenUrl: url.describe('Where the code is exchanged.'),
    profileUrl: url.describe('Where the profile is read.'),
    emailsUrl: url
      .nullable()
      .default(null)
      .describe('A list of addresses with `verified` and `primary`, as GitHub has it.'),
    issuer: text(1024)
      .nullable()
      .default(null)
      .describe('What the provider calls itself in its answers (RFC 9207), where it does.'),
    clientId: text(512).describe('What the provider calls Gatebook.'),
    clientSecret: secret
      .nullable()
      .default(null)
      .describe('The client’s secret: an `env:` or `file:` reference; only in the vault, nowhere else in clear.'),
    scopes: z.array(text(128)).max(30).default([]).describe('What is asked for.'),
    subject: text(512).describe('The claim of the profile that identifies a person for ever, such as `id`.'),
    email: text(512).nullable().default(null).describe('The claim with the e-mail address.'),
    emailVerified: text(512)
      .nullable()
      .default(null)
      .describe('The claim that says whether the address is verified; null: it is not.'),
  })
  .nullable()
  .default(null)
  .describe('OAuth 2.0 without an ID token: where the profile is, and what in it is what.');

/** Assertions by a trusted issuer (RFC 7523). */
export const jwt = z
  .strictObject({
    issuer: text(1024).describe('Who signs (`iss`), exactly.'),
    jwksUri: url.describe('Where the issuer’s keys are.'),
    audiences: z.array(text(1024)).min(1).max(20).describe('What `aud` may be, exactly.'),
    algorithms,
    maxAge: duration.default('PT5M').describe('How old an assertion may be.'),
    clockSkew,
  })
  .nullable()
  .default(null)
  .describe('Assertions by a trusted issuer (RFC 7523).');

/** Notices that the source sends by itself. */
export const signals = z
  .strictObject({
    issuer: text(1024).nullable().default(null).describe('Who signs security event tokens (RFC 8935), exactly.'),
    jwksUri: url.nullable().default(null).describe('Where their keys are.'),
    audiences: z.array(text(1024)).max(20).default([]).describe('What their `aud` may be.'),
    bearer: secret.nullable().default(null).describe('What `Authorization: Bearer` a push must bear as well.'),
    onAccountDisabled: z
      .enum(['deactivate', 'endSessions'])
      .default('endSessions')
      .describe('What follows when the source says that an account was disabled or purged.'),
    eventHook: secret
      .nullable()
      .default(null)
      .describe('What `Authorization` an Okta event hook must bear: hints, which end sessions and never do more.'),
  })
  .nullable()
  .default(null)
  .describe('Notices that the source sends by itself.');
