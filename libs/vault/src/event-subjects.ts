import type { PersonalField, SubjectSource } from '#libs/contracts';
import type { EventInClear } from '#libs/event-store';
import { type Json, parseStreamName } from '#libs/kernel';
import type { Keyring } from './keyring.js';
import { daySubject } from './subject-keys.js';
import { EventRejectedError } from './vault.errors.js';

/** Says whose key encrypts a value of an event. */
export type SubjectFinder = (source: SubjectSource, value: Json) => string;

/**
 * Finds the subjects of one event: the account that its data names, the id in its stream's name, that account or, where it names none, that id, the day of its record, or,
 * for people in configuration, the look-up value of the text that names them, so that one person has one key under every spelling in case.
 */
export function subjectFinder(event: EventInClear, data: Json, keyring: Keyring): SubjectFinder {
  const { tenant, id } = parseStreamName(event.stream);
  return (source, value) => {
    switch (source) {
      case 'account':
        return textOf(accountIn(data), event.type, 'account');
      case 'stream':
        return id;
      case 'accountOrStream':
        return accountIn(data) === null ? id : textOf(accountIn(data), event.type, 'account');
      case 'day':
        return daySubject(event.recordedAt);
      case 'principal':
        return principalSubject(keyring, tenant, textOf(value, event.type, 'principal'));
    }
  };
}

/** Subject of a person whom configuration names by userName or e-mail. */
export function principalSubject(keyring: Keyring, tenant: string, principal: string): string {
  return `principal:${keyring.lookupHmac('principal', tenant, principal.trim().toLowerCase())}`;
}

/** Which source the catalogue names for a concrete path such as `links[0].subject`. */
export function sourceAt(personal: readonly PersonalField[], path: string): SubjectSource {
  const pattern = path.replaceAll(/\[\d+\]/g, '[]');
  return (personal.find((field) => field.path === pattern) as PersonalField).subject;
}

const accountIn = (data: Json) =>
  typeof data === 'object' && data !== null && 'account' in data ? (data as { account: Json }).account : null;

function textOf(value: Json, type: string, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new EventRejectedError(type, [`${what}: a personal field needs it to find its key`]);
}
