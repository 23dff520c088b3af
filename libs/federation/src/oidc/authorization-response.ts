import { createHash, timingSafeEqual } from 'node:crypto';
import { demand } from './oidc-refused.error.js';

/** What the provider may send back through the browser, in characters. */
export const RESPONSE_LENGTH_MAX = 16 * 1024;
const ONCE = ['code', 'state', 'iss', 'error'];
/** RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6; anything else is a stranger's text and is not repeated. */
const ERRORS = new Set(
  `invalid_request unauthorized_client access_denied unsupported_response_type invalid_scope server_error temporarily_unavailable
  interaction_required login_required account_selection_required consent_required invalid_request_uri request_not_supported
  invalid_request_object request_uri_not_supported registration_not_supported unmet_authentication_requirements`.split(
    /\s+/,
  ),
);

/**
 * Checks what the browser brought back from the authorization endpoint, before anything is redeemed for it.
 * Threats: an answer to somebody else's request (state), and one that another provider made (`iss`, RFC 9207).
 * @param isIssuer says whether an `iss` parameter names the provider that was asked
 * @param mustNameIssuer whether the provider has said that it always sends `iss`
 * @returns the address for the library: the redirect URI with the parameters that came, and `iss` where it came
 * @throws {OidcRefusedError} `malformed-response`, `state-mismatch`, `wrong-issuer`, `provider-refused`
 */
export function readAuthorizationResponse(
  callbackUrl: URL,
  redirectUri: string,
  expectedState: string,
  { isIssuer, mustNameIssuer }: { isIssuer: (iss: string) => boolean; mustNameIssuer: boolean },
): { readonly url: URL; readonly issuer: string | null } {
  const given = callbackUrl.searchParams;
  demand(callbackUrl.search.length <= RESPONSE_LENGTH_MAX, 'too-large', 'The answer of the provider is too long.');
  const repeated = ONCE.some((name) => given.getAll(name).length > 1);
  demand(!repeated, 'malformed-response', 'A parameter of the answer was sent twice.');
  const answersUs = expectedState !== '' && isSame(given.get('state') ?? '', expectedState);
  demand(answersUs, 'state-mismatch', 'This answers no request of this browser. Start the sign-in again.');
  const issuer = given.get('iss');
  demand(
    issuer !== null || !mustNameIssuer,
    'wrong-issuer',
    'The answer does not name its issuer, as the provider announced.',
  );
  demand(issuer === null || isIssuer(issuer), 'wrong-issuer', 'The answer comes from another provider than was asked.');
  const error = given.get('error');
  const word = error !== null && ERRORS.has(error) ? error : 'an error that the standard does not define';
  demand(error === null, 'provider-refused', `The provider refused: ${word}. Its log says why.`);
  demand(Boolean(given.get('code')), 'malformed-response', 'The answer holds no code.');
  return { url: withParameters(redirectUri, given), issuer };
}

/** The code is redeemed for the registered redirect URI, whatever host name the browser used. */
function withParameters(redirectUri: string, given: URLSearchParams): URL {
  const url = new URL(redirectUri);
  for (const name of ['code', 'state', 'iss']) {
    const value = given.get(name);
    if (value !== null) url.searchParams.set(name, value);
  }
  return url;
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(one), digest(other));
}
