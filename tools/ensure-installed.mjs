/**
 * Installs exactly what the lockfile says, when that is not what node_modules holds.
 * Built-ins only: this runs on the machine's own Node (20 or later), before there is anything else.
 */
import { readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dropUnusableNode, nodePath, ROOT, refuseHopelessPlatform } from './pinned-node.mjs';
import { runCommand, wasAskedToStop } from './run-command.mjs';
import { runEntryPoint, SetUpError } from './set-up-error.mjs';
import { withSetUpLock } from './set-up-lock.mjs';

export const LOCK_FOLDER = `${ROOT}.cache/set-up`;
const WANTED = `${ROOT}package-lock.json`;
const INSTALLED = `${ROOT}node_modules/.package-lock.json`; // npm writes it last: an install that was cut off has none

/** Makes node_modules match the lockfile. Takes the set-up lock only when there is something to do. */
export async function ensureInstalled() {
  if (!isInstalled()) await withSetUpLock(LOCK_FOLDER, installWhenNeeded);
  nodePath();
}

/** As `ensureInstalled`, for a caller that holds the set-up lock. */
export async function installWhenNeeded(addHolder) {
  if (isInstalled()) return;
  refuseHopelessPlatform();
  process.stderr.write('Installing dependencies exactly as locked (half a minute or so)…\n');
  rmSync(INSTALLED, { force: true });
  const [file, ...args] = npm();
  // NODE_ENV=production would leave out the build tools; warnings about the own Node's age concern no one.
  args.push('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error');
  const code = await runCommand(file, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    onStart: ({ pid }) => addHolder(pid),
  });
  if (wasAskedToStop(code)) process.exit(code); // the next start begins again
  if (code !== 0)
    throw new SetUpError(
      `"npm ci" failed (exit code ${code}). Its messages above say why; then run the same command again.`,
    );
  dropUnusableNode();
}

/** True when every package is there in the locked version, except optional ones that have no build for this machine. */
export function isInstalled() {
  const wanted = packagesIn(WANTED);
  const installed = packagesIn(INSTALLED);
  if (!wanted) throw new SetUpError('package-lock.json is missing or unreadable. Restore it from version control.');
  if (!installed) return false;
  const same = ([path, { version, integrity, optional, devOptional }]) => {
    const found = installed[path];
    return found ? found.version === version && found.integrity === integrity : Boolean(optional || devOptional);
  };
  const { '': _root, ...packages } = wanted;
  return Object.entries(packages).every(same) && Object.keys(installed).every((path) => path in packages);
}

function packagesIn(lockfile) {
  try {
    return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** The npm that started us, else the one on the path. */
function npm() {
  const running = process.env.npm_execpath ?? '';
  return basename(running) === 'npm-cli.js' ? [process.execPath, running] : ['npm'];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runEntryPoint(ensureInstalled);
