import { z } from 'zod';
import { event, type PersonalField } from '../event-entry.js';
import { claimValue, name, reason } from '../vocabulary.js';

/** Whatever a person writes may be about a person. */
const REASON: PersonalField = { path: 'reason', subject: 'stream' };

/** An entitlement in the catalogue. */
export const roleSettings = z.strictObject({
  application: name,
  name: z.string().min(1).max(200),
  privileged: z.boolean(),
  risk: z.enum(['low', 'medium', 'high']),
  /** Longest life of a grant by hand or elevation, ISO-8601; null for no limit. */
  maxDuration: z.string().max(32).nullable(),
});

const managedBy = z.enum(['config', 'api']);
/** A principal: userName or verified e-mail, resolved when used. */
const owner = claimValue.nullable();

export const roleDefined = event(
  'role',
  'RoleDefined',
  'a role enters the catalogue',
  z.strictObject({ role: name, settings: roleSettings, owner, managedBy, reason: reason.nullable() }),
  [{ path: 'owner', subject: 'principal' }, REASON],
);

export const roleChanged = event(
  'role',
  'RoleChanged',
  'a role of the catalogue changes',
  z.strictObject({ role: name, settings: roleSettings, owner, managedBy, reason: reason.nullable() }),
  [{ path: 'owner', subject: 'principal' }, REASON],
);

export const roleRetired = event(
  'role',
  'RoleRetired',
  'a role leaves the catalogue; its grants are revoked',
  z.strictObject({ role: name, reason: reason.nullable() }),
  [REASON],
);

/** The shape above as a type. */
export type RoleSettings = z.infer<typeof roleSettings>;
