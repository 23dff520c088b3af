import type { EventEntry } from './event-entry.js';
import * as account from './events/account.events.js';
import * as change from './events/change.events.js';
import * as client from './events/client.events.js';
import * as connection from './events/connection.events.js';
import * as elevation from './events/elevation.events.js';
import * as finding from './events/finding.events.js';
import * as installation from './events/installation.events.js';
import * as notice from './events/notice.events.js';
import * as policy from './events/policy.events.js';
import * as report from './events/report.events.js';
import * as review from './events/review.events.js';
import * as role from './events/role.events.js';
import * as signIn from './events/sign-in.events.js';

const isEntry = (value: unknown): value is EventEntry =>
  typeof value === 'object' && value !== null && 'recordedWhen' in value;

/** Every type of event there is, in the order in which the documentation lists them. */
export const EVENT_ENTRIES: readonly EventEntry[] = [
  account,
  signIn,
  connection,
  role,
  client,
  policy,
  review,
  elevation,
  finding,
  change,
  notice,
  report,
  installation,
].flatMap((module) => Object.values(module).filter(isEntry));

/** Looks up what is known about types of events. */
export interface Catalogue {
  entry(type: string): EventEntry | undefined;
  /** Problems of data against the newest schema, as paths and messages without values; empty when it fits. */
  problems(type: string, data: unknown): readonly string[];
  /** Lifts data as recorded at `fromVersion` to the newest version. @throws {RangeError} for a version that does not exist, or not yet */
  upcast(type: string, data: unknown, fromVersion: number): unknown;
}

/** Makes a catalogue of entries. @throws {TypeError} when two entries share a type */
export function catalogueOf(entries: readonly EventEntry[]): Catalogue {
  const byType = new Map(entries.map((entry) => [entry.type, entry]));
  if (byType.size !== entries.length) throw new TypeError('Two entries of the event catalogue share a type.');
  return {
    entry: (type) => byType.get(type),
    problems(type, data) {
      const result = byType.get(type)?.schema.safeParse(data);
      if (!result) return [`unknown event type ${type}`];
      return result.success
        ? []
        : result.error.issues.map((issue) => `${issue.path.join('.') || '(data)'}: ${issue.code}`);
    },
    upcast(type, data, fromVersion) {
      const upcasters = byType.get(type)?.upcasters ?? [];
      if (fromVersion > upcasters.length + 1)
        throw new RangeError(`${type} is at schema version ${fromVersion}, newer than this software knows.`);
      if (!Number.isInteger(fromVersion) || fromVersion < 1)
        throw new RangeError(`${type} is at schema version ${fromVersion}: versions are whole numbers from 1.`);
      return upcasters.slice(fromVersion - 1).reduce<unknown>((older, upcast) => upcast(older), data);
    },
  };
}

/** The product's own catalogue. */
export const catalogue: Catalogue = catalogueOf(EVENT_ENTRIES);
