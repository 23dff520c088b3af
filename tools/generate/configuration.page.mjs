import { GENERATED, page, table } from './markdown.mjs';
import { code, fieldsOf } from './schema-fields.mjs';

const INTRODUCTION = `A configuration is a YAML file (JSON is YAML too) that says what an installation should be: tenants and, under each, directories, roles, connections, clients and policies. [\`config/example.yaml\`](../config/example.yaml) is a whole one, with comments.

- \`npx gatebook apply FILE --dry-run\` prints the difference to what is; without the flag it is applied. Applying the same file again changes nothing. With \`GATEBOOK_CONFIG\` a server applies the file at start when it has changed.
- What comes from the file is managed by it: the API answers 409 \`managed-by-config\` to a change, unless the change detaches the thing.
- What the file no longer names is disabled. Only \`--prune\` removes it, for good: the id of a removed connection stays taken, and a removed role ends its grants.
- A removal, a change of how people are recognised (a connection's directory or \`subject\`, a dropped directory), a policy that would keep roles apart which people hold together (it names them), and a change that would end more of a connection’s grants than \`guard.maxLossPercent\`, needs \`--confirm HASH\` with the hash that the dry run printed.
- A key that is not listed here is an error. Every error names its line; nothing is applied while there is one.
- A text that begins with \`file:\` stands for a file of at most 65,536 bytes below the folder of the configuration (metadata: 8 MB; a logo: 32 kB), one that begins with \`env:\` for an environment variable whose name begins with \`GATEBOOK_SECRET_\`. Both work in the operator’s own file only, not through the API.

Ids match \`[a-z0-9][a-z0-9._-]{0,62}\`. Attribute names are a letter followed by up to 63 letters, digits, dots, dashes or underscores. Domain names are in lower case. Durations are ISO-8601, in weeks, days, hours, minutes and seconds: \`P30D\`, \`PT8H\`, \`PT60S\`. A number behind ≤ is the most that is accepted: characters of a text, elements of a list. A file has at most 5,000,000 characters.`;

const TITLES = new Map([
  ['', 'The file'],
  ['tenants[]', 'A tenant'],
  ['tenants[].directories[]', 'A directory'],
  ['tenants[].roles[]', 'A role'],
  ['tenants[].connections[]', 'A connection'],
  ['tenants[].connections[].rules[]', 'A rule'],
  ['tenants[].connections[].admission.allow[]', 'A rule of admission: whom a connection lets in'],
  ['tenants[].connections[].admission.refuse[]', 'A rule of admission: whom a connection turns away'],
  ['tenants[].clients[]', 'A client: an application that signs people in through Gatebook'],
  ['tenants[].applications[]', 'An application that somebody answers for'],
  ['tenants[].policies(review)[]', 'A policy of reviews: when, about what, by whom and until when access is reviewed'],
  ['tenants[].policies(review)[].stages[]', 'A stage of a review'],
  ['tenants[].policies(sod)[]', 'A policy of segregation of duties: roles that one account must not hold together'],
  ['tenants[].policies(elevation)[]', 'A policy of elevations: roles that people may have for a time, on request'],
  ['tenants[].policies(dormant…)[]', 'A policy that watches: accounts and grants that stand out'],
  ['tenants[].reports[]', 'A report that the clock asks for'],
  ['tenants[].policies(conformance)[]', 'A policy of conformance: conditions on events'],
]);

/**
 * The reference of all configuration keys.
 * @throws {Error} when a key has no description, or a list of things has no chapter
 */
export function configurationPage(schema) {
  const fields = fieldsOf(schema);
  const chapters = [...new Set(fields.map(({ path }) => listOf(path)))];
  return page(
    GENERATED,
    '# Configuration',
    INTRODUCTION,
    ...chapters.map((list) =>
      chapter(
        list,
        fields.filter(({ path }) => listOf(path) === list),
      ),
    ),
  );
}

/** The innermost list that a field belongs to: each list of things has a chapter. */
const listOf = (path) => path.slice(0, path.lastIndexOf('[].') + 2).replace(/^.$/, '');

/** A list of things of several forms has a chapter for each: `policies(review)[]` are those of the form `review`. */
function eachOf(list) {
  const [, before, form, after] = /^(.*)\(([^)]+)\)\[\](.*)$/.exec(list) ?? [];
  if (form === undefined) return `Each of \`${list}\`.`;
  const kinds = form.endsWith('…') ? 'the kinds below' : `kind \`${form}\``;
  return `Each of \`${before}[]${after}\` of ${kinds}.`;
}

function chapter(list, fields) {
  const title = TITLES.get(list);
  if (title === undefined) throw new Error(`The configuration page has no chapter for ${list}.`);
  const undescribed = fields.filter(({ description }) => description === '').map(({ path }) => path);
  if (undescribed.length > 0) throw new Error(`Configuration keys without a description: ${undescribed.join(', ')}.`);
  const rows = fields.map((field) => [
    `\`${list ? field.path.slice(list.length + 1) : field.path}\``,
    field.description,
    field.group ? '' : field.nullable ? `${field.type}, or null` : field.type,
    defaultOf(field),
  ]);
  return page(
    `## ${title}`,
    list && eachOf(list),
    table(['Key', 'What it is for', 'Value', 'Default'], rows),
  ).trimEnd();
}

function defaultOf(field) {
  if (field.required) return '**required**';
  return field.group || field.default === undefined ? '' : code(field.default);
}
