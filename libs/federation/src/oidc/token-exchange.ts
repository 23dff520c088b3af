import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';
import { boundedFetch, domainErrorIn } from '../jwt/bounded-fetch.js';
import { refusal } from './oidc-refused.error.js';
import { ProviderUnreachableError } from './provider.errors.js';

/**
 * A fetch that sends the request to the token endpoint once and remembers the answer: whoever reads it again, after keys were
 * renewed, gets the same octets, and the code is never redeemed twice (RFC 6749 §4.1.2: a second time must revoke all tokens).
 */
export class TokenExchange {
  #answer: Promise<Response> | undefined;
  readonly #inner: typeof fetch;

  constructor(
    inner: typeof fetch,
    private readonly tokenEndpoint: string,
  ) {
    this.#inner = boundedFetch(inner);
  }

  /** For the library. */
  readonly fetch: typeof fetch = async (input, init) => {
    if (new URL(String(input)).href !== new URL(this.tokenEndpoint).href) return this.#inner(input, init);
    this.#answer ??= this.#inner(input, init);
    return (await this.#answer).clone();
  };

  /** A member of the answer that is a text; undefined when there is no answer, or it is not what the standard says. */
  async member(name: string): Promise<string | undefined> {
    try {
      const answer = await this.#answer;
      if (answer?.status !== 200) return undefined;
      const json: unknown = await answer.clone().json();
      const value =
        typeof json === 'object' && json !== null && Object.hasOwn(json, name) ? Reflect.get(json, name) : null;
      return typeof value === 'string' && value !== '' ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether the provider was asked at all. */
  get asked(): boolean {
    return this.#answer !== undefined;
  }

  /** HTTP status of the answer. */
  async status(): Promise<number | undefined> {
    return (await this.#answer?.catch(() => undefined))?.status;
  }
}

/** Errors of the token endpoint that speak of the code or the verifier, not of us (RFC 6749 §5.2). */
const ABOUT_THE_CODE = ['invalid_grant', 'bad_verification_code'];

/**
 * Says in our words why a code could not be redeemed. The library's error goes no further: it may hold tokens and claims.
 * @returns the error to throw
 */
export async function exchangeFailure(error: unknown, exchange: TokenExchange): Promise<Error> {
  const known = domainErrorIn(error);
  if (known) return known;
  if (error instanceof AuthorizationResponseError) return refusal('provider-refused', 'The provider refused.');
  const word = error instanceof ResponseBodyError ? error.error : await exchange.member('error');
  if (word && ABOUT_THE_CODE.includes(word)) {
    return refusal(
      'code-refused',
      'The provider does not take its code back: used, too old, or of another browser. Start again.',
    );
  }
  const status = await exchange.status();
  if (status === 401 || word === 'invalid_client' || word === 'unauthorized_client') {
    return refusal(
      'client-refused',
      'The provider does not know this client or its secret. Compare clientId and secret.',
    );
  }
  if (status !== undefined && (status >= 500 || status === 429)) {
    return new ProviderUnreachableError(`its token endpoint answered ${status}`);
  }
  return refusal('malformed-response', 'The token endpoint did not answer with tokens. Look at the provider’s log.');
}
