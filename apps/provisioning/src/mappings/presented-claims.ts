import type { PresentedIdentity } from '#libs/domain';
import { InvalidRequestError } from '#libs/platform';

/** Most claims, and most values of one. */
const CLAIMS_MAX = 500;
const VALUES_MAX = 5_000;

/** Longest name and longest value, in characters. */
const NAME_LENGTH_MAX = 512;
const VALUE_LENGTH_MAX = 8_192;

/** How deep claims may lie in claims. */
const NESTING_MAX = 5;

/**
 * Reads claims that somebody wrote down as a provider's would be read: nested ones get dotted names, values are trimmed texts. The subject is
 * `nameId` or `sub`; `acr` and `amr` say how the person signed in.
 * @throws {InvalidRequestError} for what no provider could state
 */
export function presentedClaims(stated: Readonly<Record<string, unknown>>): PresentedIdentity {
  const claims = new Map<string, readonly string[]>();
  flatten(stated, '', 1, claims);
  const subject = claims.get('nameId')?.[0] ?? claims.get('sub')?.[0];
  if (!subject) throw wrong('must name the subject, as sub or nameId');
  return {
    subject: { value: subject, format: null },
    claims,
    authentication: { context: claims.get('acr')?.[0] ?? null, methods: claims.get('amr') ?? [] },
    groupsOverage: claims.has('_claim_names.groups') || claims.get('hasgroups')?.[0] === 'true',
  };
}

function flatten(value: object, prefix: string, depth: number, into: Map<string, readonly string[]>): void {
  if (depth > NESTING_MAX) throw wrong(`must not be nested deeper than ${NESTING_MAX} levels`);
  for (const [key, item] of Object.entries(value)) {
    const name = `${prefix}${key}`;
    if (name.length > NAME_LENGTH_MAX || into.size >= CLAIMS_MAX)
      throw wrong(`must be at most ${CLAIMS_MAX} claims, with names of at most ${NAME_LENGTH_MAX} characters`);
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) flatten(item, `${name}.`, depth + 1, into);
    else if (item !== null) into.set(name, (Array.isArray(item) ? item : [item]).map(textOf));
    if ((into.get(name)?.length ?? 0) > VALUES_MAX) throw wrong(`must have at most ${VALUES_MAX} values each`);
  }
}

function textOf(value: unknown): string {
  if (!['string', 'number', 'boolean'].includes(typeof value))
    throw wrong('must hold texts, numbers and switches only');
  const text = String(value).trim();
  if (text.length > VALUE_LENGTH_MAX || !text.isWellFormed() || text.includes('\u0000'))
    throw wrong(`must hold Unicode texts of at most ${VALUE_LENGTH_MAX} characters`);
  return text;
}

const wrong = (problem: string) => new InvalidRequestError([{ field: 'claims', problem }]);
