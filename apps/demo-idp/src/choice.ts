import { FormFieldError } from './demo-idp.errors.js';
import { type Misbehaviour, misbehaviours } from './misbehaviours.js';
import { type Person, samplePeople } from './people.js';

/** Longest text of an ordinary field, characters. */
const MAX_FIELD_CHARACTERS = 256;
/** Longest SAMLRequest parameter, characters; reading it has its own, equal limit. */
const MAX_REQUEST_CHARACTERS = 16_384;
/** Longest RelayState, characters. The binding allows 80; some applications send more. */
const MAX_RELAY_STATE_CHARACTERS = 1_024;
/** Most groups that may be chosen. */
const MAX_GROUPS = 100;

/** Fields of a query or a form, as the parser left them. */
export type Fields = Readonly<Record<string, unknown>>;

/** Who asks: a service provider's request, or the visitor who starts here (then `serviceProvider` is its entity id). */
export interface Origin {
  readonly samlRequest: string | undefined;
  readonly relayState: string | undefined;
  readonly serviceProvider: string | undefined;
}

/** What the visitor chose on the page. */
export interface Choice {
  readonly person: Person;
  readonly misbehaviour: Misbehaviour;
  /** Show the answer instead of sending it at once. */
  readonly preview: boolean;
}

/** @throws {FormFieldError} */
export function readOrigin(fields: Fields): Origin {
  return {
    samlRequest: textField(fields, 'SAMLRequest', MAX_REQUEST_CHARACTERS),
    relayState: textField(fields, 'RelayState', MAX_RELAY_STATE_CHARACTERS),
    serviceProvider: textField(fields, 'serviceProvider', MAX_FIELD_CHARACTERS),
  };
}

/**
 * Reads the choice; empty text leaves the person's own value, and `changeGroups` says that `groups` is meant, since a form
 * cannot tell no ticks from no boxes.
 * @throws {FormFieldError}
 */
export function readChoice(fields: Fields): Choice {
  const person = oneOf(samplePeople, 'person', textField(fields, 'person'));
  const email = textField(fields, 'email')?.trim();
  const lastName = textField(fields, 'lastName')?.trim();
  return {
    person: {
      ...person,
      ...(email && { email }),
      ...(lastName && { lastName }),
      ...(textField(fields, 'changeGroups') && { groups: listField(fields, 'groups') }),
    },
    misbehaviour: oneOf(misbehaviours, 'misbehaviour', textField(fields, 'misbehaviour') ?? 'none'),
    preview: textField(fields, 'preview') !== undefined,
  };
}

function textField(fields: Fields, name: string, max = MAX_FIELD_CHARACTERS): string | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new FormFieldError(name, 'was given more than once');
  if (value.length > max) throw new FormFieldError(name, `is longer than ${max} characters`);
  return value;
}

function listField(fields: Fields, name: string): readonly string[] {
  const values = [fields[name] ?? []].flat();
  if (values.length > MAX_GROUPS) throw new FormFieldError(name, `has more than ${MAX_GROUPS} values`);
  return values.map((value) => textField({ [name]: value }, name) ?? '');
}

function oneOf<T extends { readonly id: string }>(choices: readonly T[], name: string, id: string | undefined): T {
  const found = choices.find((choice) => choice.id === id);
  if (!found) throw new FormFieldError(name, 'is none of the choices');
  return found;
}
