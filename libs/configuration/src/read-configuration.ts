import type { z } from 'zod';
import type { ReviewPolicy } from '#libs/contracts';
import { type Configuration, type ConnectionConfiguration, configurationSchema } from './configuration.schema.js';
import { connection } from './connection.schema.js';
import { checkConnection, type Surroundings } from './connection-checks.js';
import { writtenOut } from './connection-shorthand.js';
import { crossReferences } from './cross-references.js';
import { noReferences } from './file-references.js';
import { type PolicyConfiguration, policy, type ReviewConfiguration, reviewTerms } from './policies/policy.schema.js';
import { checkPolicy, checkReviewTerms, type KnownToPolicies } from './policies/policy-checks.js';
import { policySettingsOf } from './policies/policy-settings-of.js';
import { schemaWords } from './schema-words.js';
import { type Path, type References, type Report, readValue, readYaml, type YamlText } from './yaml-text.js';

/**
 * Reads a configuration (YAML, or JSON, which is YAML). Unknown keys, bad values and references to things that the file does not define
 * are told together, at most 50, each with its line. Presets are written out.
 * @throws {ConfigurationInvalidError}
 */
export function readConfiguration(text: string, references: References): Configuration {
  const yaml = readYaml(text, references);
  const parsed = parse(configurationSchema, meant(yaml.value, yaml.report), yaml.report);
  if (parsed) crossReferences(parsed, yaml.report);
  yaml.refuseIfReported();
  return parsed as Configuration;
}

/**
 * Reads one element of `connections:` from a file of its own; a list of one is taken, too.
 * @param surroundings what it may refer to; null: whatever it says is there
 * @throws {ConfigurationInvalidError}
 */
export function readConnectionFile(
  text: string,
  references: References,
  surroundings: Surroundings | null,
): ConnectionConfiguration {
  const yaml = readYaml(text, references);
  const alone = Array.isArray(yaml.value) && yaml.value.length === 1;
  return connectionIn(alone ? { ...yaml, value: (yaml.value as unknown[])[0] } : yaml, surroundings);
}

/**
 * Reads one element of `connections:` that is at hand as values, such as a request's body.
 * @param written whether it was written out before: then its preset fills in nothing any more
 * @throws {ConfigurationInvalidError}
 */
export function readConnection(
  value: unknown,
  references: References,
  { surroundings, written = false }: { readonly surroundings: Surroundings; readonly written?: boolean },
): ConnectionConfiguration {
  return connectionIn(readValue(value, references), surroundings, written);
}

/**
 * Reads one element of `policies:` that is at hand as values, such as a request's body. Nothing on the host can be referred to.
 * @throws {ConfigurationInvalidError}
 */
export function readPolicy(value: unknown, known: KnownToPolicies): PolicyConfiguration {
  const { value: plain, report, refuseIfReported } = readValue(value, noReferences);
  const parsed = parse(policy, plain, report);
  if (parsed) checkPolicy(parsed, known, report);
  refuseIfReported();
  return parsed as PolicyConfiguration;
}

/**
 * Reads how a review is to be held that somebody opens: a review policy without id, kind and what opens it, defaults filled in.
 * @throws {ConfigurationInvalidError}
 */
export function readReviewTerms(value: unknown, known: KnownToPolicies): ReviewPolicy {
  const { value: plain, report, refuseIfReported } = readValue(value, noReferences);
  const parsed = parse(reviewTerms, plain, report);
  const whole: ReviewConfiguration | undefined = parsed && { ...parsed, ...OPENED_BY_HAND, triggers: [] };
  if (whole) checkReviewTerms(whole, known, report);
  refuseIfReported();
  return policySettingsOf(whole as ReviewConfiguration) as ReviewPolicy;
}

const OPENED_BY_HAND = { id: '', enabled: true, kind: 'review', schedule: null, timeZone: null } as const;

function connectionIn(
  { value, report, refuseIfReported }: YamlText,
  surroundings: Surroundings | null,
  written = false,
): ConnectionConfiguration {
  const parsed = parse(connection, writtenOut(value, report, { presets: !written }), report);
  if (parsed) checkConnection(parsed, surroundings, report);
  refuseIfReported();
  return parsed as ConnectionConfiguration;
}

/** @returns undefined when the value is not of the schema, which was reported then */
function parse<T>(schema: z.ZodType<T>, value: unknown, report: Report): T | undefined {
  const { data, error } = schema.safeParse(value, { error: schemaWords });
  for (const issue of error?.issues ?? []) reportIssue(issue, report);
  return data;
}

function reportIssue(
  issue: { readonly code: string; readonly path: Path; readonly message: string; readonly keys?: readonly string[] },
  report: Report,
): void {
  if (issue.code !== 'unrecognized_keys') report(issue.path, issue.message);
  else for (const key of issue.keys ?? []) report([...issue.path, key], 'is not a known key');
}

/** The document as it is meant: every connection written out. */
function meant(value: unknown, report: Report): unknown {
  return inEach(value, 'tenants', [], (tenant, path) =>
    inEach(tenant, 'connections', path, (connection, at) =>
      writtenOut(connection, (inside, problem) => report([...at, ...inside], problem)),
    ),
  );
}

/** Does something to each element of a list that a value has under a key, if there is such a list. */
function inEach(value: unknown, key: string, path: Path, change: (item: unknown, path: Path) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const list = (value as Readonly<Record<string, unknown>>)[key];
  if (!Array.isArray(list)) return value;
  return { ...value, [key]: list.map((item, index) => change(item, [...path, key, index])) };
}
