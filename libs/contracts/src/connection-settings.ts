import { z } from 'zod';
import { expression, mappingRule, ruleCondition } from './mapping-language.js';
import { name } from './vocabulary.js';

const duration = z.string().max(32);
const domain = z.string().max(253);
const text = (max: number) => z.string().min(1).max(max);
const url = z.url().max(2048);
const pem = z.string().max(16_384);
/** A secret is named by its HMAC under the installation's keyring; the value lies in the vault. */
const secret = z
  .string()
  .regex(/^hmac:[0-9a-f]{64}$/)
  .nullable();
const contexts = z.array(text(1024)).max(20);
const algorithms = z
  .array(z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']))
  .min(1)
  .max(11);

const saml = z.strictObject({
  /** Null until the metadata has been read. */
  idpEntityId: text(1024).nullable(),
  ssoUrl: url.nullable(),
  /** Empty until the metadata has been read. */
  certificates: z.array(pem).max(6),
  spEntityId: z.string().max(1024).nullable(),
  allowIdpInitiated: z.boolean(),
  requireSigned: z.enum(['either', 'assertion', 'response', 'both']),
  clockSkew: duration,
  requestBinding: z.enum(['redirect', 'post']),
  signRequests: z.boolean(),
  forceAuthn: z.boolean(),
  requestedAuthnContext: contexts,
  encryption: z.enum(['refuse', 'accept', 'require']),
  /** Whether encryption without integrity (CBC) is read at all. */
  allowCbc: z.boolean(),
  /** Null: no single logout. */
  sloUrl: url.nullable(),
  sloBinding: z.enum(['redirect', 'post']),
  /** Where entity id, addresses and certificates are read from again and again; null: they stand above. */
  metadata: z.strictObject({ url, pinnedCertificate: pem.nullable(), refreshEvery: duration }).nullable(),
});

const tokenEndpointAuthMethod = z.enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']);

const oidc = z.strictObject({
  /** With `{tenantid}` for a provider of many tenants; then `tenants` names those that may come in. */
  issuer: text(1024),
  clientId: text(512),
  clientSecret: secret,
  tokenEndpointAuthMethod,
  scopes: z.array(text(128)).min(1).max(30),
  userinfo: z.boolean(),
  tenants: z.array(text(64)).max(100),
  hostedDomains: z.array(domain).max(100),
  identifyBy: z.enum(['sub', 'oid']),
  acrValues: contexts,
  prompt: z.enum(['login', 'select_account']).nullable(),
  maxAge: duration.nullable(),
  algorithms,
  clockSkew: duration,
  /** Reads the groups that did not fit into the token from Microsoft Graph. */
  graph: z.strictObject({ clientId: text(512), clientSecret: secret }).nullable(),
});

const oauth2 = z.strictObject({
  authorizationUrl: url,
  tokenUrl: url,
  profileUrl: url,
  /** Lists addresses with `verified` and `primary`, as GitHub does. */
  emailsUrl: url.nullable(),
  issuer: text(1024).nullable(),
  clientId: text(512),
  clientSecret: secret,
  scopes: z.array(text(128)).max(30),
  /** Claims of the profile: a stable id; the address; whether it is verified. */
  subject: text(512),
  email: text(512).nullable(),
  emailVerified: text(512).nullable(),
});

const jwt = z.strictObject({
  issuer: text(1024),
  jwksUri: url,
  audiences: z.array(text(1024)).min(1).max(20),
  algorithms,
  maxAge: duration,
  clockSkew: duration,
});

/** Notices that the source sends by itself. */
const signals = z.strictObject({
  /** Security event tokens by push (RFC 8935). */
  issuer: text(1024).nullable(),
  jwksUri: url.nullable(),
  audiences: z.array(text(1024)).max(20),
  /** What `Authorization` a push must bear; null: the signature alone. */
  bearer: secret,
  /** What an account that the source has disabled or purged comes to here. */
  onAccountDisabled: z.enum(['deactivate', 'endSessions']),
  /** Okta event hooks are not signed: hints, which end sessions and never do more. */
  eventHook: secret,
});

const admissionRule = z.strictObject({ id: name, when: ruleCondition });

/** Everything an administrator can say about a connection, defaults filled in. Of the protocols' own blocks exactly one is there. */
export const connectionSettings = z.strictObject({
  protocol: z.enum(['saml', 'oidc', 'oauth2', 'jwt']),
  /** The preset that filled in what was not said; for the record. */
  preset: name.nullable(),
  /** What people read on the sign-in page; null: the id. */
  displayName: text(100).nullable(),
  /** A picture for it, as a data address. */
  logo: z.string().max(65_536).nullable(),
  directory: name,
  domains: z.array(domain).max(200),
  /** Who says that the domains are the connection's: the operator, or a DNS record that is looked up. */
  domainOwnership: z.enum(['operator', 'dns']),
  jit: z.strictObject({
    create: z.boolean(),
    update: z.enum(['never', 'fillEmpty', 'everySignIn']),
    required: z.array(z.string().max(64)).max(50),
    allowedDomains: z.array(domain).max(200),
    /** How long a grant lasts that no later sign-in confirms; null: until a sign-in takes it back. */
    lease: duration.nullable(),
  }),
  linking: z.enum(['none', 'externalId', 'verifiedEmail', 'userName']),
  /** `nameId` is the protocol's own: NameID, or `sub`. */
  subject: z.union([z.literal('nameId'), z.strictObject({ attribute: text(512), caseInsensitive: z.boolean() })]),
  trustEmail: z.boolean(),
  saml: saml.nullable(),
  oidc: oidc.nullable(),
  oauth2: oauth2.nullable(),
  jwt: jwt.nullable(),
  signals: signals.nullable(),
  admission: z.strictObject({
    /** Any of them will do; empty: no group is needed. */
    requireGroup: z.array(text(512)).max(50),
    /** Any of them will do. */
    requireAuthenticationContext: contexts,
    /** Where there are any, at least one must hold. */
    allow: z.array(admissionRule).max(100),
    refuse: z.array(admissionRule).max(100),
    invitationOnly: z.boolean(),
  }),
  /** Alias → what sources call it: `mfa` stands for any of these. */
  authenticationContexts: z.record(z.string().max(64), contexts),
  /** Profile attribute → where its value comes from; `nameId` is the subject's own name. */
  attributes: z.record(z.string().max(64), expression),
  groups: z.strictObject({
    attribute: text(512),
    whenMissing: z.enum(['unknown', 'none']),
    names: z.record(z.string().max(512), z.string().max(512)),
    /** Cuts one value into several. */
    split: z.string().min(1).max(8).nullable(),
    /** Removed at the beginning of every value, such as `/`. */
    strip: z.string().min(1).max(64).nullable(),
    /** `dn`: of a distinguished name only the first CN; `path`: of a path only what follows the last slash. */
    form: z.enum(['asIs', 'dn', 'path']),
  }),
  rules: z.array(mappingRule).max(500),
});

/** A domain that a connection has shown to be its own, or may speak for because the operator says so. */
export type ConnectionSettings = z.infer<typeof connectionSettings>;
export type SamlConnection = z.infer<typeof saml>;
export type OidcConnection = z.infer<typeof oidc>;
export type OAuth2Connection = z.infer<typeof oauth2>;
export type JwtConnection = z.infer<typeof jwt>;
export type SignalsConnection = z.infer<typeof signals>;

/** What a connection that was recorded before there were other protocols than SAML says today. */
export const SETTINGS_BEFORE_PROTOCOLS = {
  preset: null,
  displayName: null,
  logo: null,
  domainOwnership: 'operator',
  oidc: null,
  oauth2: null,
  jwt: null,
  signals: null,
  admission: { requireGroup: [], requireAuthenticationContext: [], allow: [], refuse: [], invitationOnly: false },
  authenticationContexts: {},
} as const;

type Recorded = Readonly<Record<string, unknown>>;

/** Lifts settings of schema version 1: only SAML, attributes by name, rules that give roles. */
export function withProtocols(settings: Recorded): Recorded {
  const { saml, jit, groups, rules } = settings as Readonly<Record<'saml' | 'jit' | 'groups', Recorded>> & {
    readonly rules: readonly Recorded[];
  };
  return {
    ...SETTINGS_BEFORE_PROTOCOLS,
    ...settings,
    jit: { ...jit, lease: null },
    saml: {
      ...saml,
      requestBinding: 'redirect',
      signRequests: false,
      forceAuthn: false,
      requestedAuthnContext: [],
      encryption: 'refuse',
      allowCbc: false,
      sloUrl: null,
      sloBinding: 'redirect',
      metadata: null,
    },
    groups: { ...groups, split: null, strip: null, form: 'asIs' },
    rules: rules.map((rule) => ({ ...rule, set: {}, directory: null, refuse: false })),
  };
}
