import type { SamlConnection } from '#libs/contracts';
import type { SamlSettings } from '#libs/federation';
import type { KeyPairs } from '#libs/vault';

/** Decryption keys that are tried: the present one and the one before it, while identity providers still encrypt for that. */
const DECRYPTION_KEYS = 2;

/** Keys of ours that a connection signs and decrypts with. */
export type OwnKeys = Pick<SamlSettings, 'signingKey' | 'decryptionKeys'>;

const signs = ({ signRequests, sloUrl }: SamlConnection): boolean => signRequests || sloUrl !== null;
const decrypts = ({ encryption }: SamlConnection): boolean => encryption !== 'refuse';

/** Whether anything of a connection needs keys of ours. */
export const usesOwnKeys = (saml: SamlConnection): boolean => signs(saml) || decrypts(saml);

/** The tenant's own keys, as far as a connection needs them: for signing requests and logout messages, and for reading what is encrypted. */
export async function ownKeys(saml: SamlConnection, tenant: string, keys: KeyPairs): Promise<OwnKeys> {
  const signing = signs(saml) ? await keys.current(tenant, 'saml-sp') : null;
  const encryption = decrypts(saml) ? await encryptionKeys(tenant, keys) : [];
  return {
    signingKey: signing && { privateKeyPem: signing.privateKeyPem, certificatePem: signing.certificatePem ?? '' },
    decryptionKeys: encryption.map(({ privateKeyPem }) => privateKeyPem),
  };
}

/** Certificates that an identity provider may encrypt for, the one to use first; none where nothing encrypted is read. */
export async function encryptionCertificates(saml: SamlConnection, tenant: string, keys: KeyPairs): Promise<string[]> {
  const [current] = decrypts(saml) ? await encryptionKeys(tenant, keys) : [];
  return current?.certificatePem ? [current.certificatePem] : [];
}

/** Newest first; makes the first one where there is none. */
async function encryptionKeys(tenant: string, keys: KeyPairs) {
  await keys.current(tenant, 'saml-sp-encryption');
  return (await keys.all(tenant, 'saml-sp-encryption')).slice(0, DECRYPTION_KEYS);
}
