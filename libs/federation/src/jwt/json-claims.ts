import { demand } from '../oidc/oidc-refused.error.js';
import {
  ATTRIBUTES_MAX,
  claimText,
  NAME_BYTES_MAX,
  VALUE_BYTES_MAX,
  VALUES_PER_ATTRIBUTE_MAX,
} from '../saml/attributes.js';
import type { Claims } from '../saml/claims.js';
import { Refusal } from '../saml/saml-refused.error.js';

/** How deep objects in claims may be nested; `resource_access.crm.roles` has 2. */
export const CLAIM_DEPTH_MAX = 8;

/** What concerns the token, not the person, or points elsewhere (aggregated claims, OpenID Connect Core §5.6.2). */
const NOT_ABOUT_THE_PERSON = new Set(
  'aud exp nbf iat jti nonce azp at_hash c_hash s_hash auth_time rh uti aio events _claim_names _claim_sources'.split(
    ' ',
  ),
);

/**
 * Lays JSON out as claims, under the limits that hold for SAML attributes.
 * - A nested object's members have dotted names: `{"realm_access": {"roles": […]}}` is `realm_access.roles`.
 * - Texts are trimmed, empty ones do not count; numbers and booleans become texts; `null` means "not sent" (OpenID Connect Core §5.3.2).
 *   A list without values stays, with no values: "none" is an answer.
 * - A list that holds structures, or a number beyond ±2^53, is left out as if it had not been sent: its values are unknown, not none.
 * - Every name is an ordinary name, `__proto__` too.
 * @throws {OidcRefusedError} `malformed-claim` for what is no text, for more, longer or deeper claims than the limits allow, and for two
 *   claims with one name
 */
export function claimsOfJson(json: Readonly<Record<string, unknown>>): Claims {
  const claims = new Map<string, readonly string[]>();
  const about = Object.entries(json).filter(([name]) => !NOT_ABOUT_THE_PERSON.has(name));
  addClaims(claims, about, '', 1);
  return claims;
}

function addClaims(
  claims: Map<string, readonly string[]>,
  members: [string, unknown][],
  prefix: string,
  depth: number,
) {
  demand(depth <= CLAIM_DEPTH_MAX, 'malformed-claim', `Claims are nested deeper than ${CLAIM_DEPTH_MAX} levels.`);
  for (const [member, value] of members) {
    const name = prefix + text(member, NAME_BYTES_MAX);
    demand(Buffer.byteLength(name) <= NAME_BYTES_MAX, 'malformed-claim', 'The name of a claim is too long.');
    if (isObject(value)) addClaims(claims, Object.entries(value), `${name}.`, depth + 1);
    else addClaim(claims, name, valuesOf(value));
  }
}

function addClaim(claims: Map<string, readonly string[]>, name: string, values: readonly string[] | undefined): void {
  if (!values) return;
  demand(!claims.has(name), 'malformed-claim', 'Two claims have the same name once nested names are joined with dots.');
  demand(claims.size < ATTRIBUTES_MAX, 'malformed-claim', `There are more than ${ATTRIBUTES_MAX} claims.`);
  claims.set(name, values);
}

function valuesOf(value: unknown): readonly string[] | undefined {
  if (value === null) return undefined;
  const values = Array.isArray(value) ? value.filter((item) => item !== null) : [value];
  const few = values.length <= VALUES_PER_ATTRIBUTE_MAX;
  demand(few, 'malformed-claim', `A claim has more than ${VALUES_PER_ATTRIBUTE_MAX} values.`);
  const texts = values.map(scalarText);
  return texts.every((item) => item !== undefined) ? texts.filter((item) => item !== '') : undefined;
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return text(value, VALUE_BYTES_MAX);
  if (typeof value === 'boolean') return String(value);
  const exact = typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return exact ? String(value) : undefined;
}

function text(value: string, bytesMax: number): string {
  try {
    return claimText(value, bytesMax);
  } catch (cause) {
    demand(!(cause instanceof Refusal), 'malformed-claim', cause instanceof Error ? cause.message : '');
    throw cause;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
