import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose';

/** A key pair of a fake provider. */
export interface FakeSigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  /** As published. */
  readonly jwk: JWK;
}

/** Makes a key pair; 2048 bits where it is RSA. */
export async function createSigningKey(kid: string, alg = 'RS256'): Promise<FakeSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Header and claims of a token that is about to be signed. */
export interface UnsignedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Signs any header and claims, sensible or not. The key's own algorithm makes the signature. */
export async function signToken({ header, claims }: UnsignedToken, key: FakeSigningKey): Promise<string> {
  return signText(header, JSON.stringify(claims), key);
}

/** Signs a payload as it is written, so that names may stand twice in it or be `__proto__`. */
export async function signText(header: UnsignedToken['header'], payload: string, key: FakeSigningKey): Promise<string> {
  const { crit, ...understood } = header;
  const signed = await new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: key.alg, ...understood })
    .sign(key.privateKey);
  return crit === undefined ? signed : resign(header, payload, key);
}

/** The library refuses to write an extension that it does not know, so this one is put together by hand. */
async function resign(header: UnsignedToken['header'], payload: string, key: FakeSigningKey): Promise<string> {
  const input = `${base64url(JSON.stringify({ alg: key.alg, ...header }))}.${base64url(payload)}`;
  const algorithm = { name: 'RSASSA-PKCS1-v1_5' };
  const signature = await crypto.subtle.sign(algorithm, key.privateKey, new TextEncoder().encode(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

/** Text in base64url. */
export const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');
