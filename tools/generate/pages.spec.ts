import { configurationPage } from './configuration.page.mjs';
import { errorsPage } from './errors.page.mjs';
import { eventsPage } from './events.page.mjs';
import { firstDifference } from './first-difference.mjs';
import { fieldsOf } from './schema-fields.mjs';

const ID = { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' };
const text = (maxLength: number) => ({ type: 'string', maxLength });

describe('fields in words', () => {
  const typeOf = (schema: object) => fieldsOf({ properties: { it: schema } })[0]?.type;

  it.each<[object, string]>([
    [ID, 'id'],
    [text(1000), 'text (≤ 1,000)'],
    [{ type: 'string' }, 'text'],
    [{ type: 'string', format: 'uuid', pattern: 'x' }, 'uuid'],
    [{ type: 'string', format: 'uri', maxLength: 9 }, 'URL (≤ 9)'],
    [{ ...text(32), title: 'duration' }, 'duration'],
    [{ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }, 'whole number from 1'],
    [{ type: 'number', minimum: 0, maximum: 100 }, 'number from 0 to 100'],
    [{ type: 'boolean' }, 'true or false'],
    [{ enum: ['a', 'b'] }, '`a` · `b`'],
    [{ type: 'array', items: text(5), minItems: 1, maxItems: 3 }, 'list (1–3) of text (≤ 5)'],
    [{ type: 'array', items: ID }, 'list of id'],
    [{ type: 'object', propertyNames: ID, additionalProperties: text(5) }, 'map of id to text (≤ 5)'],
    [
      { type: 'object', propertyNames: ID, additionalProperties: { anyOf: [text(5), { type: 'null' }] } },
      'map of id to text (≤ 5) or null',
    ],
    [{ anyOf: [{ const: 'always' }, { type: 'object', properties: { group: ID } }] }, '`always` or { group }'],
  ])('%j', (schema, words) => expect(typeOf(schema)).toBe(words));

  it('name the parts of lists and objects by their paths', () => {
    const schema = {
      required: ['grants'],
      properties: {
        grants: {
          type: 'array',
          items: { type: 'object', properties: { until: { anyOf: [text(9), { type: 'null' }] } } },
        },
      },
    };
    expect(fieldsOf(schema).map(({ path, required, nullable }) => [path, required, nullable])).toEqual([
      ['grants', true, false],
      ['grants[].until', false, true],
    ]);
  });

  it('of one of several forms say which form has them', () => {
    const form = (kind: object, field: string) => ({
      type: 'object',
      required: ['kind'],
      properties: { kind, [field]: ID },
    });
    const forms = { oneOf: [form({ const: 'pear' }, 'stalk'), form({ enum: ['fig', 'date'] }, 'stone')] };
    const paths = (schema: object) => fieldsOf({ properties: { fruit: schema } }).map(({ path }) => path);
    expect(paths({ type: 'array', items: forms })).toEqual([
      'fruit',
      'fruit(pear)[].kind',
      'fruit(pear)[].stalk',
      'fruit(fig…)[].kind',
      'fruit(fig…)[].stone',
    ]);
    expect(paths(forms)).toContain('fruit(pear).stalk');
    expect(typeOf(forms)).toBe('{ kind, stalk } or { kind, stone }');
    expect(() => paths({ oneOf: [{ type: 'object', properties: { stalk: ID } }] })).toThrow('has no key that tells');
  });

  it('refuse what they have no words for', () =>
    expect(() => typeOf({ type: 'null' })).toThrow('it: a schema of type null has no words yet.'));
});

describe('a page', () => {
  it('of events says which fields are personal and under whose key, parts included', () => {
    const profile = { type: 'object', properties: { email: text(9) } };
    const entry = {
      type: 'UserMoved',
      category: 'account',
      schemaVersion: 2,
      recordedWhen: 'a person moves',
      personal: [{ path: 'profile', subject: 'account' }],
    };
    const shown = eventsPage([{ ...entry, schema: {} }], () => ({ properties: { account: ID, profile } }));
    expect(shown).toContain('Recorded when a person moves. Streams `account-…`, schema version 2.');
    expect(shown).toContain('| `account` | id |  |');
    expect(shown).toContain('| `profile.email` | text (≤ 9) | of the account |');
  });

  it('of configuration keys leaves none without a description', () =>
    expect(() => configurationPage({ properties: { tenants: text(9) } })).toThrow(
      'Configuration keys without a description: tenants.',
    ));

  it('of errors keeps bars and line breaks from breaking its table', () => {
    const shown = errorsPage([{ code: 'a', status: 400, meaning: 'First. Second.', texts: ['one | two\n  three'] }]);
    expect(shown).toContain('| `a` | 400 | First. | “one \\| two three” |');
  });
});

it('the first difference of two texts is shown from both', () => {
  expect(firstDifference('a\nb\nc', 'a\nx\nc')).toBe('line 2\n- b\n+ x');
  expect(firstDifference('', 'a')).toBe('line 1\n- \n+ a');
  expect(firstDifference('a\nb', 'a')).toBe('line 2\n- b\n+ ');
});
