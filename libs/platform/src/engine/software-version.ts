import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Name of the package, which tells its file from those of dependencies. */
const PACKAGE = 'gatebook';

/** Version of this software, as its package says; recorded with facts, so that an auditor knows which code decided. */
export const SOFTWARE_VERSION: string = versionAbove(dirname(fileURLToPath(import.meta.url)));

/** Sources and compiled files lie at different depths below the package's file. */
function versionAbove(folder: string): string {
  const { name, version } = packageIn(folder);
  if (name === PACKAGE && version) return version;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('The package.json of Gatebook is not above its own code.');
  return versionAbove(parent);
}

function packageIn(folder: string): { name?: string; version?: string } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
  } catch {
    return {}; // no such file here: the next folder up may have it
  }
}
