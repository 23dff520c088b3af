import { GENERATED, page, table } from './markdown.mjs';
import { fieldsOf } from './schema-fields.mjs';

const KEYS = {
  account: 'of the account',
  stream: 'of the account whose stream it is',
  accountOrStream: 'of the account concerned, where there is one',
  day: 'of the day, for strangers',
  principal: 'of the person named',
};

const INTRODUCTION = `Everything that Gatebook can record, and the only source of what anybody may do: access is a fold of these facts.

- A type never changes its name and its data never change their meaning. A new shape has a new schema version, and what was recorded before is lifted to it when it is read.
- Every field is always there; one that may be empty is \`null\`. An event with a field missing, a field too many, or a value beyond its limit is not recorded.
- Personal fields are encrypted before they are stored, under the key that the table names, and stay so in the store, on the way to readers and in backups. Without that key they read \`[erased]\`; without the scope \`personal:read\` the API shows \`[withheld]\`.
- A stream is called \`category-tenant+id\`. The envelope around the data (id, position, time, actor, cause) is described in the OpenAPI document.
- A number behind ≤ is the most that is accepted: characters of a text, elements of a list.
- An *instant* is ISO-8601 in UTC with milliseconds. An *id* matches \`[a-z0-9][a-z0-9._-]{0,62}\`.`;

/** The catalogue of events as a page: when each is recorded, in which streams, and what it says. */
export function eventsPage(entries, toJsonSchema) {
  const categories = [...new Set(entries.map(({ category }) => category))];
  const contents = categories.map((category) => {
    const types = entries
      .filter((entry) => entry.category === category)
      .map(({ type }) => `[${type}](#${type.toLowerCase()})`);
    return `- \`${category}\`: ${types.join(' · ')}`;
  });
  return page(
    GENERATED,
    '# Events',
    INTRODUCTION,
    contents.join('\n'),
    ...categories
      .flatMap((category) => entries.filter((entry) => entry.category === category))
      .map((entry) => chapter(entry, toJsonSchema)),
  );
}

function chapter({ type, category, schemaVersion, recordedWhen, schema, personal }, toJsonSchema) {
  const rows = fieldsOf(toJsonSchema(schema)).map((field) => [
    `\`${field.path}\``,
    field.nullable ? `${field.type}, or null` : field.type,
    keyOf(field.path, personal),
  ]);
  return page(
    `## ${type}`,
    `Recorded when ${recordedWhen}. Streams \`${category}-…\`, schema version ${schemaVersion}.`,
    table(['Field', 'Type', 'Personal, under the key'], rows),
  ).trimEnd();
}

/** Marks name fields whatever the form of their object, and the elements of a list of texts by `[]`. */
function keyOf(field, personal) {
  const path = field.replaceAll(/\([^)]*\)/g, '');
  const mark = personal.find(
    (each) =>
      path === each.path ||
      `${path}[]` === each.path ||
      path.startsWith(`${each.path}.`) ||
      path.startsWith(`${each.path}[]`),
  );
  return mark ? KEYS[mark.subject] : '';
}
