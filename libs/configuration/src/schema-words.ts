import type { z } from 'zod';

/** What a key must hold, as the writer of a file would call it. */
const NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** Units of sizes; a number has none. */
const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

/** Says what is wrong with a value, for the person who wrote the file; undefined leaves the schema's own words. */
export function schemaWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${NAMES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'invalid_union':
      return choicesOf(issue);
    case 'too_small':
      return issue.minimum === 1 && issue.origin in UNITS
        ? 'must not be empty'
        : `must ${sizeOf(issue.origin)} at least ${issue.minimum}${UNITS[issue.origin] ?? ''}`;
    case 'too_big':
      return `must ${sizeOf(issue.origin)} at most ${issue.maximum}${UNITS[issue.origin] ?? ''}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'must be an address such as https://idp.example/sso' : undefined;
    default:
      return undefined;
  }
}

const sizeOf = (origin: string): string => (origin in UNITS ? 'have' : 'be');

/** Which of several forms is meant is said by one key. */
function choicesOf(issue: z.core.$ZodRawIssue): string | undefined {
  const { discriminator, options } = issue as {
    readonly discriminator?: string;
    readonly options?: readonly unknown[];
  };
  return discriminator && options ? `must be one of ${options.join(', ')}` : undefined;
}
