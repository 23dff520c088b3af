/** Reads a JSON Schema as a list of fields for people: a path, a type with its limits, a default, a description. */

const LABELS = new Map([
  ['^[a-z0-9][a-z0-9._-]{0,62}$', 'id'],
  ['^[0-9a-f]{64}$', 'SHA-256 (hex)'],
  ['^[A-Za-z][A-Za-z0-9._-]{0,63}$', 'attribute name'],
  ['^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$', 'domain name'],
]);
/** Objects with more fields are shown as `{ … }`: their fields follow anyway. */
const FIELDS_LISTED_MAX = 4;

const FORMATS = { uuid: 'uuid', 'date-time': 'instant' };

/**
 * One field. `group` says that it only holds other fields.
 * @typedef {{ path: string, type: string, required: boolean, nullable: boolean, default: unknown, description: string, group: boolean }} Field
 */

/**
 * Every field of an object, parents before their parts; `list[]` are the elements of a list. Where there are several forms, `(name)` says
 * which one has the field: what the form's own key holds.
 * @throws {Error} for a schema that it cannot put into words: better no page than a wrong one
 * @returns {Field[]}
 */
export function fieldsOf(schema, path = '') {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const at = path ? `${path}.${name}` : name;
    const { nullable, schema: bare } = withoutNull(property);
    const field = {
      path: at,
      type: typeOf(bare, at),
      required: schema.required?.includes(name) ?? false,
      nullable,
      default: property.default,
      description: property.description ?? '',
      group: bare.type === 'object' && bare.properties !== undefined,
    };
    return [field, ...partsOf(bare, at)];
  });
}

function partsOf(schema, path) {
  if (schema.oneOf) return schema.oneOf.flatMap((choice) => fieldsOf(choice, `${path}(${formOf(choice)})`));
  if (schema.type === 'array') return partsOfItems(withoutNull(schema.items).schema, `${path}[]`);
  return schema.properties ? fieldsOf(schema, path) : [];
}

function partsOfItems(items, path) {
  if (items.type === 'array') return partsOf(items, path);
  if (!items.oneOf) return fieldsOf(items, path);
  return items.oneOf.flatMap((choice) => fieldsOf(choice, `${path.slice(0, -2)}(${formOf(choice)})[]`));
}

/** What tells one form of an object from the others: its key that holds a fixed value, or one of a few. */
function formOf({ properties }) {
  const key = Object.values(properties).find((property) => property.const !== undefined);
  if (key) return key.const;
  const [first] = Object.values(properties).find((property) => property.enum)?.enum ?? [];
  if (first === undefined) throw new Error('One of several forms has no key that tells it from the others.');
  return `${first}…`;
}

function withoutNull(schema) {
  if (Array.isArray(schema.type)) {
    const [type, ...others] = schema.type.filter((one) => one !== 'null');
    if (others.length > 0) throw new Error(`A field of several types (${schema.type.join(', ')}) has no words yet.`);
    return { nullable: schema.type.includes('null'), schema: { ...schema, type } };
  }
  const choices = schema.anyOf?.filter(({ type }) => type !== 'null');
  if (!choices || choices.length === schema.anyOf.length) return { nullable: false, schema };
  const { anyOf: _all, ...rest } = schema;
  return { nullable: true, schema: choices.length === 1 ? { ...rest, ...choices[0] } : { ...rest, anyOf: choices } };
}

function typeOf(schema, path) {
  if (schema.title) return schema.title;
  if (schema.$ref) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(' · ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((choice) => typeOf(choice, path)))].join(' or ');
  const describe = TYPES[schema.type];
  if (!describe) throw new Error(`${path}: a schema of type ${schema.type} has no words yet.`);
  return describe(schema, path);
}

const TYPES = {
  string: textType,
  boolean: () => 'true or false',
  integer: ({ minimum, maximum }) => `whole number${range(minimum, maximum)}`,
  number: ({ minimum, maximum }) => `number${range(minimum, maximum)}`,
  array: ({ items, minItems, maxItems }, path) =>
    `list${limit(minItems, maxItems)} of ${typeOf(withoutNull(items).schema, path)}`,
  object: ({ properties, propertyNames, additionalProperties }, path) => {
    if (!properties) {
      const { nullable, schema } = withoutNull(additionalProperties);
      return `map of ${typeOf(propertyNames, path)} to ${typeOf(schema, path)}${nullable ? ' or null' : ''}`;
    }
    const names = Object.keys(properties);
    return names.length > FIELDS_LISTED_MAX ? '{ … }' : `{ ${names.join(', ')} }`;
  },
};

function textType({ format, pattern, maxLength }) {
  return FORMATS[format] ?? LABELS.get(pattern) ?? `${format === 'uri' ? 'URL' : 'text'}${limit(undefined, maxLength)}`;
}

function range(minimum, maximum) {
  const least = minimum > Number.MIN_SAFE_INTEGER ? ` from ${minimum}` : '';
  return maximum < Number.MAX_SAFE_INTEGER ? `${least} to ${maximum}` : least;
}

/** `(≤ 50)`, `(1–3)`, `(≥ 1)` or nothing. */
function limit(least = 0, most = undefined) {
  if (most === undefined) return least > 0 ? ` (≥ ${least})` : '';
  return least > 1 || (least === 1 && most > 1) ? ` (${least}–${number(most)})` : ` (≤ ${number(most)})`;
}

const number = (value) => value.toLocaleString('en-GB');

/** A value as code. */
export const code = (value) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
