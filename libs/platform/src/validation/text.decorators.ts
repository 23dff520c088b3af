import { applyDecorators } from '@nestjs/common';
import { registerDecorator } from 'class-validator';
import { NAME_PATTERN } from '#libs/contracts';

/** Longest reason, in UTF-16 units, as the event catalogue has it. */
export const REASON_LENGTH_MAX = 1_000;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What a text field accepts. Lengths are in UTF-16 units. */
export interface TextBounds {
  /** Default 1. */
  readonly min?: number;
  readonly max: number;
  /** Accepts line breaks and tabs. Default false. */
  readonly multiline?: boolean;
}

/**
 * Makes a rule for a field out of a predicate. `message` continues a sentence that begins with the field's name.
 * `code` is the code of the whole answer when nothing else is wrong.
 */
export function fieldRule(
  name: string,
  test: (value: unknown) => boolean,
  message: string,
  code?: string,
): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message, context: code ? { code } : undefined },
      validator: { validate: test },
    });
}

/** An id that people choose: tenant, connection, role, directory, rule. */
export const IsId = (): PropertyDecorator =>
  fieldRule(
    'isId',
    (value) => typeof value === 'string' && NAME_PATTERN.test(value),
    'must be 1 to 63 of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit',
  );

/** An id that Gatebook made: a uuid in lower case. */
export const IsUuid = (): PropertyDecorator =>
  fieldRule('isUuid', (value) => typeof value === 'string' && UUID.test(value), 'must be a uuid in lower case');

/** A text of bounded length without control characters, U+0000 or lone surrogates. */
export const IsText = ({ min = 1, max, multiline = false }: TextBounds): PropertyDecorator =>
  fieldRule(
    'isText',
    (value) => typeof value === 'string' && value.length >= min && value.length <= max && isClean(value, multiline),
    `must be a text of ${min} to ${max} characters without control characters`,
  );

/** Why somebody does something: required with every write, kept with the event. */
export const IsReason = (): PropertyDecorator =>
  applyDecorators(
    fieldRule(
      'isReason',
      (value) =>
        typeof value === 'string' && value.trim() !== '' && value.length <= REASON_LENGTH_MAX && isClean(value, true),
      `must say why, in 1 to ${REASON_LENGTH_MAX} characters without control characters`,
    ),
  );

/** Tells whether a text holds no control characters (C0, DEL, C1) and is well-formed Unicode. */
export function isClean(text: string, multiline = false): boolean {
  const checked = multiline ? text.replace(/[\n\r\t]/g, '') : text;
  return text.isWellFormed() && !/\p{Cc}/u.test(checked);
}
