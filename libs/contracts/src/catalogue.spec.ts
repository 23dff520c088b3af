import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { catalogue, catalogueOf, EVENT_ENTRIES, type EventEntry, event } from './index.js';

const SAMPLES = join(__dirname, 'samples');
const entries = EVENT_ENTRIES.map((entry) => [entry.type, entry] as const);
const versions = EVENT_ENTRIES.flatMap(({ type, schemaVersion }) =>
  Array.from({ length: schemaVersion }, (_, index) => [type, index + 1] as const),
);
const sampleFile = (type: string, version: number) => join(SAMPLES, `${type}.v${version}.json`);
const sample = (type: string, version = catalogue.entry(type)?.schemaVersion ?? 1) =>
  JSON.parse(readFileSync(sampleFile(type, version), 'utf8'));
/** All samples of a version: data of several kinds has one of each, such as `PolicyDefined.v1.sod.json`. */
const samplesOf = (type: string, version = catalogue.entry(type)?.schemaVersion ?? 1) =>
  readdirSync(SAMPLES)
    .filter((file) => file.startsWith(`${type}.v${version}.`))
    .map((file) => JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')));

describe('the event catalogue', () => {
  it('knows each type once', () => {
    expect(new Set(EVENT_ENTRIES.map(({ type }) => type)).size).toBe(EVENT_ENTRIES.length);
    const [first] = EVENT_ENTRIES;
    expect(() => catalogueOf([first, first] as EventEntry[])).toThrow(
      'Two entries of the event catalogue share a type.',
    );
  });

  it('has no sample of an event that it does not know', () =>
    expect(
      readdirSync(SAMPLES).filter(
        (file) =>
          !versions.some(([type, version]) => new RegExp(`^${type}\\.v${version}(\\.[a-z]+)?\\.json$`).test(file)),
      ),
    ).toEqual([]));

  it('says of an unknown type that it is unknown', () => {
    expect(catalogue.entry('UserFrozen')).toBeUndefined();
    expect(catalogue.problems('UserFrozen', {})).toEqual(['unknown event type UserFrozen']);
  });
});

describe.each(entries)('%s', (type, entry) => {
  it('is in the past tense, in a category in camelCase, and says when it is recorded', () => {
    expect(type).toMatch(/^([A-Z][a-z]+)+$/);
    expect(type).toMatch(/(ed|[Hh]eld|Sent|Read)(In|Out|Off|Upon)?$/);
    expect(entry.category).toMatch(/^[a-z]+([A-Z][a-z]+)*$/);
    expect(entry.recordedWhen).toMatch(/^[a-z].{15,}[^.]$/);
  });

  it('knows every field: neither a missing nor a further one passes', () => {
    const whole = sample(type);
    for (const field of Object.keys(whole)) {
      const { [field]: _missing, ...rest } = whole;
      expect(catalogue.problems(type, rest)).toEqual([expect.stringContaining(`${field}:`)]);
    }
    expect(catalogue.problems(type, { ...whole, further: 1 })).toEqual(['(data): unrecognized_keys']);
    expect(catalogue.problems(type, null)).toEqual(['(data): invalid_type']);
  });

  it('marks as personal only fields that it has', () => {
    const schema = z.toJSONSchema(entry.schema) as Schema;
    for (const { path } of entry.personal) expect([path, hasPath(schema, path)]).toEqual([path, true]);
  });

  it('bounds every text and list', () => expect(unbounded(z.toJSONSchema(entry.schema) as Schema)).toEqual([]));
});

describe('a frozen sample', () => {
  it.each(versions)('of %s at version %i is read by this software', (type, version) => {
    expect(existsSync(sampleFile(type, version))).toBe(true);
    for (const each of samplesOf(type, version))
      expect(catalogue.problems(type, catalogue.upcast(type, each, version))).toEqual([]);
  });

  it.each(entries)('of %s shows each of its personal fields', (type, entry) => {
    for (const { path } of entry.personal)
      expect([path, samplesOf(type).flatMap((each) => reached(each, path))]).not.toEqual([path, []]);
  });
});

describe('problems of data', () => {
  it('name the field and never its value', () => {
    const withSecret = { ...sample('IdentityLinked'), how: 'by secret', connection: 'Ada Okafor' };
    expect(catalogue.problems('IdentityLinked', withSecret)).toEqual([
      'connection: invalid_format',
      'how: invalid_value',
    ]);
  });

  it('are found deep inside', () => {
    const assigned = sample('RolesAssigned');
    assigned.grants[1].until = 'tomorrow';
    expect(catalogue.problems('RolesAssigned', assigned)).toEqual(['grants.1.until: invalid_format']);
  });
});

describe('upcasters', () => {
  const twice = (data: unknown) => ({ name: (data as { title: string }).title });
  const thrice = (data: unknown) => ({ ...(data as object), size: null });
  const grown = catalogueOf([
    event(
      'test',
      'ThingChanged',
      'a thing changes in a test',
      z.strictObject({ name: z.string(), size: z.int().nullable() }),
      [],
      [twice, thrice],
    ),
  ]);
  const upcast = (data: unknown, version: number) => grown.upcast('ThingChanged', data, version);

  it('make the version: one more than there are upcasters', () =>
    expect(grown.entry('ThingChanged')?.schemaVersion).toBe(3));

  it.each<[number, object]>([
    [1, { title: 'a' }],
    [2, { name: 'a' }],
    [3, { name: 'a', size: null }],
  ])('lift version %i to the newest', (version, data) => {
    expect(upcast(data, version)).toEqual({ name: 'a', size: null });
    expect(grown.problems('ThingChanged', upcast(data, version))).toEqual([]);
  });

  it('leave the newest version as it is', () => {
    const newest = { name: 'a', size: 1 };
    expect(upcast(newest, 3)).toBe(newest);
  });

  it('are needed: old data does not fit the newest schema by itself', () =>
    expect(grown.problems('ThingChanged', { title: 'a' })).not.toEqual([]));

  it('refuse a version from the future, and one that never was', () => {
    expect(() => upcast({}, 4)).toThrow('ThingChanged is at schema version 4, newer than this software knows.');
    expect(() => upcast({}, 0)).toThrow(RangeError);
    expect(() => upcast({}, 1.5)).toThrow(RangeError);
  });
});

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** Whether a schema has a field at a path such as `links[].subject`. */
function hasPath(schema: Schema, path: string): boolean {
  const [step = '', ...rest] = path.split('.');
  const name = step.replace('[]', '');
  const field = schema.properties?.[name];
  const inner = step.endsWith('[]') ? field?.items : field;
  const here = inner !== undefined && (rest.length === 0 || hasPath(inner, rest.join('.')));
  return here || choicesIn(schema).some((choice) => hasPath(choice, path));
}

const choicesIn = ({ anyOf = [], oneOf = [] }: Schema): readonly Schema[] => [...anyOf, ...oneOf];

/** What a sample holds at a path, all elements of lists; null counts as nothing. */
function reached(data: unknown, path: string): unknown[] {
  const [step = '', ...rest] = path.split('.');
  const field = (data as Record<string, unknown>)[step.replace('[]', '')];
  const values = (step.endsWith('[]') ? ((field ?? []) as unknown[]) : [field]).filter(
    (value) => value !== null && value !== undefined,
  );
  return rest.length === 0 ? values : values.flatMap((value) => reached(value, rest.join('.')));
}

/** Paths of texts without a longest length and of lists without a largest size; a pattern or a closed set bounds a text as well. */
function unbounded(schema: Schema, path = ''): string[] {
  if (schema.const !== undefined || schema.enum) return [];
  const inner = [
    ...choicesIn(schema).map((choice) => [path, choice] as const),
    ...Object.entries(schema.properties ?? {}).map(([name, field]) => [`${path}.${name}`, field] as const),
    ...(schema.items ? [[`${path}[]`, schema.items] as const] : []),
    ...(typeof schema.additionalProperties === 'object' ? [[`${path}.*`, schema.additionalProperties] as const] : []),
  ];
  const open =
    (schema.type === 'string' && schema.maxLength === undefined && schema.pattern === undefined) ||
    (schema.type === 'array' && schema.maxItems === undefined);
  return [...(open ? [path] : []), ...inner.flatMap(([at, part]) => unbounded(part, at))];
}
