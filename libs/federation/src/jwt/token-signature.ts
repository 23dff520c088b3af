import { compactVerify } from 'jose';
import type { CompactToken } from './compact-token.js';
import type { KeySource } from './issuer-keys.js';
import { importKey, type KeySet, keyFor, SIGNATURE_ALGORITHMS } from './key-set.js';
import { check, type TokenCheck } from './token-checks.js';

/** What came of checking a signature. */
export interface SignatureFinding {
  readonly check: TokenCheck;
  /** RFC 7638 thumbprint (hex) of the key that made it, when it is valid. */
  readonly keySha256: string | null;
  /** The keys that were used at last. */
  readonly keys: KeySet | null;
}

type Verdict = { readonly keySha256: string } | 'unknown-key' | 'invalid-signature';

const DETAILS = {
  'unknown-key': 'None of the published keys fits the token, or more than one does. Check the issuer and its key set.',
  'invalid-signature': 'The signature has to be made by a published key of the issuer.',
};

/**
 * Checks who signed a token, with published keys only: what the token itself says about keys (`jwk`, `jku`, `x5c`, `x5u`) is never used.
 * When no key fits, or the key that fits did not sign, newer keys are asked for once.
 * @param algorithms accepted ones; those that are not asymmetric never are
 */
export async function checkSignature(
  token: CompactToken,
  algorithms: readonly string[],
  source: KeySource | null,
): Promise<SignatureFinding> {
  const { alg } = token.header;
  const accepted = typeof alg === 'string' && algorithms.includes(alg) && SIGNATURE_ALGORITHMS.includes(alg);
  if (!accepted)
    return finding(false, 'invalid-signature', 'The signature was not looked at: its algorithm is not accepted.');
  if (!source) return finding(null, 'unknown-key', 'The signature could not be checked: no keys were given.');
  const keys = await source.current();
  const verdict = await verdictOf(token, alg, keys);
  const fresher = typeof verdict === 'string' ? await source.fresher(keys) : undefined;
  return fresher ? found(await verdictOf(token, alg, fresher), fresher) : found(verdict, keys);
}

async function verdictOf({ raw, header }: CompactToken, alg: string, keys: KeySet): Promise<Verdict> {
  const jwk = keyFor(keys, { alg, kid: header['kid'] });
  if (!jwk) return 'unknown-key';
  try {
    const { key, sha256 } = await importKey(jwk, alg);
    await compactVerify(raw, key, { algorithms: [alg] });
    return { keySha256: sha256 };
  } catch {
    return 'invalid-signature';
  }
}

function found(verdict: Verdict, keys: KeySet): SignatureFinding {
  if (typeof verdict === 'string') return { ...finding(false, verdict, DETAILS[verdict]), keys };
  return { ...finding(true, 'invalid-signature', DETAILS['invalid-signature']), keySha256: verdict.keySha256, keys };
}

function finding(passed: boolean | null, code: TokenCheck['code'], detail: string): SignatureFinding {
  return { check: check('signature', passed, code, detail), keySha256: null, keys: null };
}
