import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Largest private file that is read, bytes. */
const MAX_BYTES = 4_096;

/** Rights of anybody but the owner. */
const OTHERS = 0o077;

/** Writes a file that only its owner can read; whole or not at all. Makes its folder if needed. */
export async function writePrivately(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.new`;
  await rm(fresh, { force: true });
  await writeFile(fresh, text, { mode: 0o600, flag: 'wx' });
  await rename(fresh, file);
}

/** Reads a file that nobody but this process's user can have written. @returns null when there is none, or it is no such file */
export async function readPrivate(file: string): Promise<string | null> {
  const found = await lstat(file).catch(() => null);
  if (found === null) return null;
  const foreign = process.getuid !== undefined && found.uid !== process.getuid();
  const open = process.platform !== 'win32' && (found.mode & OTHERS) !== 0;
  if (!found.isFile() || found.size > MAX_BYTES || foreign || open) return null;
  return readFile(file, 'utf8').catch(() => null);
}
