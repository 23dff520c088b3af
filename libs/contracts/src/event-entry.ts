import { z } from 'zod';

/**
 * Whose key encrypts a personal field: the account named in the event's `account`, the account whose stream it is,
 * that account where there is one and else the stream, the day's key for strangers who were refused, or the person that the field itself names
 * (people in configuration).
 */
export type SubjectSource = 'account' | 'stream' | 'accountOrStream' | 'day' | 'principal';

/** A personal field of an event: a dot path into its data, `[]` for every element of a list. */
export interface PersonalField {
  readonly path: string;
  readonly subject: SubjectSource;
}

/** Turns the data of one schema version into the data of the next. Pure; total on every version ever recorded. */
export type Upcaster = (data: unknown) => unknown;

/** Everything the product knows about one type of event. */
export interface EventEntry {
  readonly type: string;
  /** camelCase category of the streams that carry it. */
  readonly category: string;
  /** Newest schema version; what is appended always has it. */
  readonly schemaVersion: number;
  /** One sentence: when it is recorded. */
  readonly recordedWhen: string;
  readonly schema: z.ZodType;
  readonly personal: readonly PersonalField[];
  /** `upcasters[n]` turns version n + 1 into version n + 2. */
  readonly upcasters: readonly Upcaster[];
}

/** Declares one type of event at version 1 + number of its upcasters. */
export function event<Schema extends z.ZodType>(
  category: string,
  type: string,
  recordedWhen: string,
  schema: Schema,
  personal: readonly PersonalField[] = [],
  upcasters: readonly Upcaster[] = [],
): EventEntry & { readonly schema: Schema } {
  return { category, type, recordedWhen, schema, personal, upcasters, schemaVersion: upcasters.length + 1 };
}
