import { z } from 'zod';

/** Ids that people choose: tenants, connections, roles, rules, directories. */
export const NAME_PATTERN = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Texts of fixed form: chosen ids, made ids, instants (UTC with milliseconds), digests in hex. */
export const name = z.string().regex(NAME_PATTERN);
export const uuid = z.uuid();
export const instant = z.iso.datetime({ precision: 3 });
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Free text by a person: why something was done. */
export const reason = z.string().max(1000);
/** One claim value; longer ones are refused at the door. */
export const claimValue = z.string().max(8192);

/** Most values of one claim, as the verifiers admit them. */
const CLAIM_VALUES_MAX = 5000;
/** Most claims: 200 attributes, each under its name and its friendly name. */
const CLAIMS_MAX = 400;
/** One claim name; longer ones are refused at the door. */
const claimName = z.string().max(1024);
const claimValues = z.array(claimValue).max(CLAIM_VALUES_MAX);

/** Claims as a list of pairs: names come from outside and must never become keys of an object. */
export const claims = z.array(z.strictObject({ name: claimName, values: claimValues })).max(CLAIMS_MAX);

/** Most attributes of one account that one event can speak of: every mapped one, and the full name made of two of them. */
export const ATTRIBUTES_PER_EVENT_MAX = 128;

/** Most grants that one event gives or ends; more are written down as several events. */
export const GRANTS_PER_EVENT_MAX = 1000;

/** Where a request came from. */
export const client = z.strictObject({ address: z.string().max(64), userAgent: z.string().max(512) });

/** What is known about a person. Every field may be absent: `null`. */
export const profile = z.strictObject({
  userName: claimValue,
  displayName: claimValue.nullable(),
  givenName: claimValue.nullable(),
  familyName: claimValue.nullable(),
  email: claimValue.nullable(),
  externalId: claimValue.nullable(),
  employeeNumber: claimValue.nullable(),
  employeeType: claimValue.nullable(),
  title: claimValue.nullable(),
  department: claimValue.nullable(),
  costCenter: claimValue.nullable(),
  manager: claimValue.nullable(),
  /** Attributes that the operator's mapping names beyond the ones above. */
  attributes: z.record(z.string().max(64), claimValues),
});

/** Why an account holds a role: exactly one source. */
export const grantSource = z.strictObject({
  kind: z.enum(['rule', 'manual', 'elevation', 'import']),
  connection: name.nullable(),
  connectionVersion: z.int().positive().nullable(),
  rule: name.nullable(),
  ruleVersion: z.int().positive().nullable(),
  /** `kind:id` of who gave it by hand. */
  actor: z.string().max(128).nullable(),
});

/** A grant as it is given: `effectiveAt` inclusive, `until` exclusive, null for no end. */
export const grant = z.strictObject({
  id: uuid,
  role: name,
  source: grantSource,
  effectiveAt: instant,
  until: instant.nullable(),
});

/** Where an account or a change of it came from. */
export const accountSource = z.strictObject({
  kind: z.enum(['signIn', 'manual', 'signal']),
  connection: name.nullable(),
  connectionVersion: z.int().positive().nullable(),
  protocol: z.enum(['saml', 'oidc', 'oauth2', 'jwt', 'scim', 'ldap', 'csv', 'manual']),
  issuer: z.string().max(1024).nullable(),
});

/** The shapes above as types. */
export type Profile = z.infer<typeof profile>;
export type ClaimList = z.infer<typeof claims>;
export type GrantFact = z.infer<typeof grant>;
export type GrantSource = z.infer<typeof grantSource>;
export type AccountSource = z.infer<typeof accountSource>;
