import { z } from 'zod';
import { event, type PersonalField } from '../event-entry.js';
import { POLICY_COMPARED, POLICY_PRINCIPALS, policySettings } from '../policy-settings.js';
import { name, reason } from '../vocabulary.js';

/** Whatever a person writes may be about a person. */
const REASON: PersonalField = { path: 'reason', subject: 'stream' };
/** Whom the settings name, and the texts that a condition compares with, which may be somebody's. */
const SETTINGS: PersonalField[] = [
  ...POLICY_PRINCIPALS.map((path) => ({ path: `settings.${path}`, subject: 'principal' as const })),
  ...POLICY_COMPARED.map((path) => ({ path: `settings.${path}`, subject: 'stream' as const })),
];
const managedBy = z.enum(['config', 'api']);

export const policyDefined = event(
  'policy',
  'PolicyDefined',
  'a policy comes into force, or waits to be switched on',
  z.strictObject({
    policy: name,
    settings: policySettings,
    enabled: z.boolean(),
    managedBy,
    reason: reason.nullable(),
  }),
  [...SETTINGS, REASON],
);

export const policyChanged = event(
  'policy',
  'PolicyChanged',
  'the settings of a policy change; its version rises by one',
  z.strictObject({
    policy: name,
    settings: policySettings,
    /** Names of the settings that changed. */
    changed: z.array(z.string().max(80)).min(1).max(50),
    managedBy,
    reason: reason.nullable(),
  }),
  [...SETTINGS, REASON],
);

const switched = z.strictObject({ policy: name, reason: reason.nullable() });

export const policyEnabled = event('policy', 'PolicyEnabled', 'a policy is in force again', switched, [REASON]);

export const policyDisabled = event('policy', 'PolicyDisabled', 'a policy is not in force any more', switched, [
  REASON,
]);

export const policyRemoved = event(
  'policy',
  'PolicyRemoved',
  'a policy is removed for good; its id may be used again',
  switched,
  [REASON],
);
