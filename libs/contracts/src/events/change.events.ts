import { z } from 'zod';
import { event, type PersonalField } from '../event-entry.js';
import { claimValue, instant, name, reason, uuid } from '../vocabulary.js';
import { decidedVia } from './review.events.js';

const REASON: PersonalField = { path: 'reason', subject: 'stream' };
const actor = z.string().max(128);

export const changeHeld = event(
  'heldChange',
  'ChangeHeld',
  'a change waits until somebody else approves of it',
  z.strictObject({
    change: uuid,
    area: z.enum(['connections', 'rules', 'policies', 'privilegedRoles']),
    kind: z.enum(['connection', 'role', 'policy']),
    target: name,
    /** Version of the target when it was asked for; null for something new. */
    ofVersion: z.int().nonnegative().nullable(),
    changed: z.array(z.string().max(80)).max(100),
    /** The command in canonical JSON, secrets replaced by fingerprints, and each person whom it names by `{"person": n}`. */
    command: z.string().max(1_000_000),
    /** Whom the command names, by userName or e-mail address: each is the data of that person, not of the change. */
    people: z.array(claimValue).max(500),
    requestedBy: actor,
    approvalsNeeded: z.int().min(1).max(5),
    validUntil: instant,
    reason: reason.nullable(),
  }),
  [{ path: 'command', subject: 'stream' }, { path: 'people[]', subject: 'principal' }, REASON],
);

export const changeApproved = event(
  'heldChange',
  'ChangeApproved',
  'somebody other than who asked approves of a change',
  z.strictObject({
    change: uuid,
    by: actor,
    via: decidedVia,
    complete: z.boolean(),
    reason: reason.nullable(),
  }),
  [REASON],
);

export const changeRefused = event(
  'heldChange',
  'ChangeRefused',
  'a change is refused, taken back, or nobody answered in time',
  z.strictObject({
    change: uuid,
    by: actor,
    via: decidedVia,
    code: z.enum(['refused', 'withdrawn', 'lapsed', 'outdated']),
    reason: reason.nullable(),
  }),
  [REASON],
);

export const changeApplied = event(
  'heldChange',
  'ChangeApplied',
  'a change that was approved of has been made',
  z.strictObject({ change: uuid, events: z.array(uuid).max(20) }),
);

export const emergencyChangeRecorded = event(
  'heldChange',
  'EmergencyChangeRecorded',
  'a change that should have waited was made at once; it is reviewed afterwards',
  z.strictObject({
    change: uuid,
    area: z.enum(['connections', 'rules', 'policies', 'privilegedRoles']),
    kind: z.enum(['connection', 'role', 'policy']),
    target: name,
    changed: z.array(z.string().max(80)).max(100),
    by: actor,
    events: z.array(uuid).max(20),
    reason,
  }),
  [REASON],
);
