import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian and Ubuntu put their versions of PostgreSQL. */
const DEBIAN_HOME = '/usr/lib/postgresql';

/** A PostgreSQL installed on this machine. */
export interface PostgresBinaries {
  /** Folder of `initdb` and `postgres`. */
  readonly bin: string;
  /** As `postgres --version` says it. */
  readonly version: string;
}

/** Finds the newest installed PostgreSQL; null when there is none. */
export function findPostgres(): PostgresBinaries | null {
  const bin = [...debianFolders(), ...(process.env['PATH'] ?? '').split(delimiter)].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  );
  if (!bin) return null;
  return { bin, version: execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).trim() };
}

function debianFolders(): string[] {
  if (!existsSync(DEBIAN_HOME)) return [];
  const versions = readdirSync(DEBIAN_HOME).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(DEBIAN_HOME, version, 'bin'));
}
