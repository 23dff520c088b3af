import { z } from 'zod';
import { event, type PersonalField } from '../event-entry.js';
import { name, reason } from '../vocabulary.js';

/** Whatever a person writes may be about a person. */
const REASON: PersonalField = { path: 'reason', subject: 'stream' };

const duration = z.string().max(32);
const domain = z.string().max(253);

/** When a rule matches: for everyone, or for members of a group. */
export const ruleCondition = z.union([z.literal('always'), z.strictObject({ group: z.string().min(1).max(512) })]);

/** A rule at its version: whoever it matches holds these roles. */
export const mappingRule = z.strictObject({
  id: name,
  version: z.int().positive(),
  when: ruleCondition,
  grant: z.array(name).min(1).max(100),
});

/** Everything an administrator can say about a connection, defaults filled in. */
export const connectionSettings = z.strictObject({
  protocol: z.enum(['saml']),
  directory: name,
  domains: z.array(domain).max(200),
  jit: z.strictObject({
    create: z.boolean(),
    update: z.enum(['never', 'fillEmpty', 'everySignIn']),
    required: z.array(z.string().max(64)).max(50),
    allowedDomains: z.array(domain).max(200),
  }),
  linking: z.enum(['none', 'externalId', 'verifiedEmail', 'userName']),
  subject: z.union([
    z.literal('nameId'),
    z.strictObject({ attribute: z.string().min(1).max(512), caseInsensitive: z.boolean() }),
  ]),
  trustEmail: z.boolean(),
  saml: z.strictObject({
    idpEntityId: z.string().min(1).max(1024),
    ssoUrl: z.url().max(2048),
    certificates: z.array(z.string().max(16_384)).min(1).max(3),
    spEntityId: z.string().max(1024).nullable(),
    allowIdpInitiated: z.boolean(),
    requireSigned: z.enum(['either', 'assertion', 'response', 'both']),
    clockSkew: duration,
  }),
  /** Profile attribute → name of the claim; `nameId` is the subject's name identifier. */
  attributes: z.record(z.string().max(64), z.string().min(1).max(512)),
  groups: z.strictObject({
    attribute: z.string().min(1).max(512),
    whenMissing: z.enum(['unknown', 'none']),
    names: z.record(z.string().max(512), z.string().max(512)),
  }),
  rules: z.array(mappingRule).max(500),
});

const managedBy = z.enum(['config', 'api']);

export const connectionRegistered = event(
  'connection',
  'ConnectionRegistered',
  'a source of identities is made known',
  z.strictObject({
    connection: name,
    settings: connectionSettings,
    enabled: z.boolean(),
    managedBy,
    reason: reason.nullable(),
  }),
  [REASON],
);

export const connectionChanged = event(
  'connection',
  'ConnectionChanged',
  'settings of a connection change; its version rises by one',
  z.strictObject({
    connection: name,
    settings: connectionSettings,
    changed: z.array(z.string().max(80)).max(50),
    managedBy,
    reason: reason.nullable(),
  }),
  [REASON],
);

export const connectionEnabled = event(
  'connection',
  'ConnectionEnabled',
  'a connection begins to admit people',
  z.strictObject({ connection: name, reason: reason.nullable() }),
  [REASON],
);

export const connectionDisabled = event(
  'connection',
  'ConnectionDisabled',
  'a connection stops to admit people; its sessions end and its grants stay',
  z.strictObject({ connection: name, reason: reason.nullable() }),
  [REASON],
);

export const connectionRemoved = event(
  'connection',
  'ConnectionRemoved',
  'a connection is gone for good; its grants are revoked',
  z.strictObject({ connection: name, reason: reason.nullable() }),
  [REASON],
);

/** The shapes above as types. */
export type ConnectionSettings = z.infer<typeof connectionSettings>;
export type MappingRule = z.infer<typeof mappingRule>;
export type RuleCondition = z.infer<typeof ruleCondition>;
