/** 128 bits in base64url. */
const CHANCE_LENGTH_MIN = 22;
const CHANCE_LENGTH_MAX = 512;
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * Makes sure that what binds an answer to a browser is there and cannot be guessed: without it nothing is sent and nothing accepted.
 * @throws {TypeError} since only our own code can be wrong here
 */
export function demandTransaction({
  state,
  nonce,
  codeVerifier,
}: {
  state: string;
  nonce?: string;
  codeVerifier: string;
}) {
  for (const chance of nonce === undefined ? [state] : [state, nonce]) {
    const good = typeof chance === 'string' && chance.length >= CHANCE_LENGTH_MIN && chance.length <= CHANCE_LENGTH_MAX;
    if (!good)
      throw new TypeError(`State and nonce need ${CHANCE_LENGTH_MIN} to ${CHANCE_LENGTH_MAX} characters of chance.`);
  }
  if (!VERIFIER.test(codeVerifier))
    throw new TypeError('A code verifier has 43 to 128 unreserved characters (RFC 7636).');
}
