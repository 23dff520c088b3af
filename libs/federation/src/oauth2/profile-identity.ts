import { createHash } from 'node:crypto';
import { tokenIdOf } from '../jwt/compact-token.js';
import { claimsOfJson } from '../jwt/json-claims.js';
import { demand } from '../oidc/oidc-refused.error.js';
import { NAME_BYTES_MAX } from '../saml/attributes.js';
import { type Claims, NAME_ID_CLAIM } from '../saml/claims.js';
import type { VerifiedIdentity } from '../verified-identity.js';
import { issuerOf, type OAuth2Settings } from './oauth2-settings.js';

/** The longest that a code should be good for (RFC 6749 §4.1.2). */
const CODE_AGE_MAX_MS = 10 * 60_000;
/** More than anybody has at one provider. */
export const EMAILS_MAX = 200;

/** What was read with one access token. */
export interface ReadProfile {
  readonly profile: Readonly<Record<string, unknown>>;
  /** The profile as it came. */
  readonly text: string;
  /** Answer of `emailsUrl`; null where there is none. */
  readonly emails: unknown;
  /** The code that was redeemed: used up, but unique. */
  readonly code: string;
}

/**
 * Lays a profile out as an identity. Nothing in it is signed: that it is the provider's is known from the connection to it.
 * The claims `email` and `email_verified` always say what the settings mean by them, whatever the profile has under these names.
 * @throws {OidcRefusedError} `missing-subject`, `malformed-claim`
 */
export function profileIdentity(
  { profile, text, emails, code }: ReadProfile,
  settings: OAuth2Settings,
  now: Date,
): VerifiedIdentity {
  const said = claimsOfJson(profile);
  const [value = '', ...others] = said.get(settings.subject) ?? [];
  const single = value !== '' && others.length === 0 && Buffer.byteLength(value) <= NAME_BYTES_MAX;
  demand(
    single,
    'unnamed-subject',
    `The profile has no single value under ${settings.subject}. Compare it with the connection.`,
  );
  const [email, verified] = settings.emailsUrl === null ? emailInProfile(said, settings) : primaryEmail(emails);
  const claims = new Map([
    ...said,
    ['email', email],
    ['email_verified', [String(verified)]],
    [NAME_ID_CLAIM, [value]],
  ] as [string, readonly string[]][]);
  return {
    protocol: 'oauth2',
    subject: { value, format: settings.subject },
    claims,
    evidence: {
      issuer: issuerOf(settings),
      assertionId: tokenIdOf(`code ${code}`),
      keySha256: null,
      assertionSha256: createHash('sha256').update(text, 'utf8').digest('hex'),
      authnInstant: null,
      authnContext: null,
      amr: [],
      nameIdFormat: null,
      sessionIndex: null,
      initiatedBy: 'sp',
    },
    groupsOverage: false,
    sessionNotOnOrAfter: null,
    notOnOrAfter: new Date(now.getTime() + CODE_AGE_MAX_MS).toISOString(),
  };
}

type Email = readonly [values: readonly string[], verified: boolean];

function emailInProfile(said: Claims, { email, emailVerified }: OAuth2Settings): Email {
  const values = (email !== null && said.get(email)) || [];
  const verified = emailVerified !== null && said.get(emailVerified)?.join() === 'true';
  return [values, verified && values.length === 1];
}

/** The one address that is primary and verified. Another verified one may be somebody's who left it to be claimed. */
function primaryEmail(emails: unknown): Email {
  const list: unknown[] = Array.isArray(emails) ? emails : [];
  demand(list.length <= EMAILS_MAX, 'malformed-claim', `The provider lists more than ${EMAILS_MAX} e-mail addresses.`);
  const primary = list.filter(
    (entry): entry is { email: string } =>
      typeof entry === 'object' &&
      entry !== null &&
      Reflect.get(entry, 'primary') === true &&
      Reflect.get(entry, 'verified') === true &&
      typeof Reflect.get(entry, 'email') === 'string',
  );
  const [only, ...others] = primary;
  const values = only && others.length === 0 ? (claimsOfJson({ email: only.email }).get('email') ?? []) : [];
  return [values, values.length === 1];
}
