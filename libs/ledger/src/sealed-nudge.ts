import { Nudge } from '#libs/event-store';

const nudges = new WeakMap<object, Nudge>();

/**
 * The nudge that wakes those who tail the sealed log of this database in this process. It belongs to the open database, so whoever seals
 * and whoever reads find each other without being wired together.
 */
export function sealedNudge(database: object): Nudge {
  const nudge = nudges.get(database) ?? new Nudge();
  nudges.set(database, nudge);
  return nudge;
}
