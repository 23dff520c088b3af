import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdentityProviderKey, type IdentityProviderKey } from '#libs/saml-idp';
import { KeyFileError } from './demo-idp.errors.js';

/**
 * Reads the demo's key, or makes it at the first start. Key and certificate share one file (mode 0600), so no crash can
 * part them; of several starts at the same time one wins, and all read the winner's.
 * @throws {KeyFileError} when the file does not hold a key with its certificate
 */
export async function loadOrCreateKey(dataDir: string, now: Date): Promise<IdentityProviderKey> {
  const folder = join(dataDir, 'demo-idp');
  const file = join(folder, 'identity-provider.pem');
  return (await readKey(file)) ?? (await createKey(folder, file, now));
}

async function createKey(folder: string, file: string, now: Date): Promise<IdentityProviderKey> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = await createIdentityProviderKey({ commonName: 'Gatebook demo identity provider', now });
  const draft = join(folder, `.${randomUUID()}.pem`);
  await writeFile(draft, made.privateKeyPem + made.certificatePem, { mode: 0o600, flag: 'wx' });
  await link(draft, file).catch(ignoreExisting);
  await rm(draft);
  return (await readKey(file)) ?? made;
}

async function readKey(file: string): Promise<IdentityProviderKey | undefined> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new KeyFileError(file, { cause: error });
  });
  if (content === undefined) return undefined;
  const key = { privateKeyPem: block(content, 'PRIVATE KEY'), certificatePem: block(content, 'CERTIFICATE') };
  if (!belongTogether(key)) throw new KeyFileError(file);
  return key;
}

function block(content: string, label: string): string {
  return new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\n?`).exec(content)?.[0] ?? '';
}

function belongTogether({ privateKeyPem, certificatePem }: IdentityProviderKey): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
  } catch {
    return false;
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
