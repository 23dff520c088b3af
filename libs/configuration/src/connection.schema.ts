import { z } from 'zod';
import { admission, attributes, groups, rule } from './mapping.schema.js';
import { jwt, oauth2, oidc, saml, signals } from './protocol.schemas.js';
import { attributeName, domain, duration, id, text } from './schema-parts.js';

/** Longest picture as a data address, in characters: 32 kB and their base64. */
const LOGO_LENGTH_MAX = 45_000;

const jit = z
  .strictObject({
    create: z.boolean().default(false).describe('Whether a person who has no account gets one at the first sign-in.'),
    update: z
      .enum(['never', 'fillEmpty', 'everySignIn'])
      .default('everySignIn')
      .describe('What a sign-in does to a profile that is there.'),
    required: z.array(attributeName).max(50).default([]).describe('Attributes without which nobody comes in.'),
    allowedDomains: z
      .array(domain)
      .max(200)
      .optional()
      .describe('E-mail domains that may come in; left out, those in `domains`; empty, any.'),
    lease: duration
      .nullable()
      .default(null)
      .describe(
        'How long a grant of the rules lasts that no later sign-in confirms, such as `P30D`; null: until a sign-in takes it back.',
      ),
  })
  .prefault({})
  .describe('Just-in-time provisioning.');

const logo = z
  .string()
  .max(LOGO_LENGTH_MAX)
  .regex(
    /^data:image\/(png|svg\+xml|webp);base64,[A-Za-z0-9+/]+={0,2}$/,
    'must be a PNG, SVG or WebP picture: a `file:` reference, or a data: address in base64',
  )
  .nullable()
  .default(null)
  .describe('A picture for the sign-in page: a `file:` reference to a PNG, SVG or WebP of at most 32 kB.')
  .meta({ title: 'picture' });

/** A trusted source of identities, as people write it down. */
export const connection = z.strictObject({
  id: id.describe('Unique in the whole installation; stands in addresses. The id of a removed connection stays taken.'),
  protocol: z
    .enum(['saml', 'oidc', 'oauth2', 'jwt'])
    .describe('How the source speaks; the key of this name says the rest.'),
  preset: id
    .nullable()
    .default(null)
    .describe(
      'Fills in what is not said here, for a well-known provider, such as `okta-saml`; see the pages in `docs/connect`.',
    ),
  displayName: text(100).nullable().default(null).describe('What people read on the sign-in page; null for the id.'),
  logo,
  directory: id.describe('The directory of this tenant that accounts are made in.'),
  enabled: z.boolean().default(true).describe('Whether the connection admits people.'),
  domains: z
    .array(domain)
    .max(200)
    .default([])
    .describe('E-mail domains that the connection owns: they lead people to it, and bound what it may vouch for.'),
  domainOwnership: z
    .enum(['operator', 'dns'])
    .default('operator')
    .describe(
      'Who says that the domains are the connection’s: `operator` (this file), or a record in the DNS that is looked up.',
    ),
  jit,
  linking: z
    .enum(['none', 'externalId', 'verifiedEmail', 'userName'])
    .default('none')
    .describe('By what a new subject may be joined to an account that exists.'),
  subject: z
    .union(
      [z.literal('nameId'), z.strictObject({ attribute: text(512), caseInsensitive: z.boolean().default(false) })],
      'must be nameId, or { attribute: NAME, caseInsensitive?: true }',
    )
    .default('nameId')
    .describe('What tells one person of the source from another, for ever.'),
  trustEmail: z
    .boolean()
    .default(false)
    .describe('Whether an address that the source states inside `domains` counts as verified.'),
  saml,
  oidc,
  oauth2,
  jwt,
  signals,
  admission,
  authenticationContexts: z
    .record(text(64), z.array(text(1024)).min(1).max(20))
    .default({})
    .describe('Alias → what the source calls it: `mfa: [...]` is what `mfa` stands for in conditions.'),
  attributes,
  groups,
  rules: z
    .array(rule)
    .max(500)
    .default([])
    .describe('Which roles people get, and what else follows from who they are.'),
});
