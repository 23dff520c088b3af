import { randomBytes } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KeyringUnusableError } from './vault.errors.js';

/** A keyring is a few hundred bytes; anything much larger is another file. */
const MAX_KEYRING_BYTES = 65_536;
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/** Reads a keyring file; `undefined` where there is none. @throws {KeyringUnusableError} as {@link readOrMakeKeyringFile} does */
export const readKeyringFile = (path: string): Promise<string | undefined> => readPrivately(path);

/**
 * Reads a keyring file, making it first where there is none. Of several processes that make it at once, one wins and all read that one:
 * the finished file is linked into place, which, unlike a rename, never replaces what is there.
 * @throws {KeyringUnusableError} when others than its owner may read the file, or it is too large
 */
export async function readOrMakeKeyringFile(path: string, make: () => string): Promise<string> {
  const existing = await readPrivately(path);
  if (existing !== undefined) return existing;
  await writePrivately(path, make());
  const made = await readPrivately(path);
  if (made === undefined) throw new KeyringUnusableError(path, 'it vanished right after it was made.');
  return made;
}

async function readPrivately(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch(unlessAbsent);
  if (!file) return undefined;
  try {
    const { mode, size } = await file.stat();
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) throw exposed(path, mode);
    if (size > MAX_KEYRING_BYTES) throw new KeyringUnusableError(path, `it is larger than ${MAX_KEYRING_BYTES} bytes.`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function writePrivately(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`;
  try {
    await writeDurably(draft, text);
    await link(draft, path).catch(unlessPresent);
  } finally {
    await unlink(draft).catch(unlessAbsent);
  }
  await syncFolder(folder);
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A file survives a power cut only once its folder is on disk too. Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const exposed = (path: string, mode: number) =>
  new KeyringUnusableError(
    path,
    `others than its owner may read it (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 '${path}'`,
  );

const unless = (code: string) => (error: NodeJS.ErrnoException) => {
  if (error.code !== code) throw error;
  return undefined;
};
const unlessAbsent = unless('ENOENT');
const unlessPresent = unless('EEXIST');
