import { createPrivateKey } from 'node:crypto';
import type { JWK } from 'oidc-provider';
import { INSTALLATION_TENANT } from '#libs/kernel';
import type { KeyPair, KeyPairs } from '#libs/vault';

/** How long a signing key is used, in milliseconds. Its successor takes over with the first request after that. */
export const SIGNING_KEY_LIFE_MS = 90 * 86_400_000;
/** How long a retired key is still published, in milliseconds: longer than any ID token lives. */
export const RETIRED_KEY_SHOWN_MS = 7 * 86_400_000;

/** The current signing key, renewed when it is old, and the retired ones that clients may still need; the current one first. */
export async function signingKeys(pairs: KeyPairs, now: Date): Promise<JWK[]> {
  const purpose = 'op-signing' as const;
  const current = await pairs.current(INSTALLATION_TENANT, purpose);
  if (now.getTime() - current.createdAt.getTime() > SIGNING_KEY_LIFE_MS) {
    await pairs.discardRetiredBefore(INSTALLATION_TENANT, purpose, new Date(now.getTime() - RETIRED_KEY_SHOWN_MS));
    await pairs.rotate(INSTALLATION_TENANT, purpose);
  }
  const all = await pairs.all(INSTALLATION_TENANT, purpose);
  return all.filter((pair) => isShown(pair, now)).map(asJwk);
}

const isShown = ({ retiredAt }: KeyPair, now: Date): boolean =>
  retiredAt === null || now.getTime() - retiredAt.getTime() < RETIRED_KEY_SHOWN_MS;

function asJwk({ kid, privateKeyPem }: KeyPair): JWK {
  const jwk = createPrivateKey(privateKeyPem).export({ format: 'jwk' }) as JWK;
  return { ...jwk, kid, use: 'sig', alg: 'RS256' };
}
