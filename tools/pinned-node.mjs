/** Which Node runs Gatebook: the one from the lockfile, or the reader's own where that has no build. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SetUpError } from './set-up-error.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PINNED_NODE = `${ROOT}node_modules/.bin/node`;
const MINIMUM = { major: 24, minor: 15 };
const PINNED_BUILDS = ['linux-x64', 'linux-arm64']; // optionalDependencies of package.json

/** Refuses before hundreds of megabytes are fetched, where it is already certain that no suitable Node will come of it. */
export function refuseHopelessPlatform() {
  if (!PINNED_BUILDS.includes(`${process.platform}-${process.arch}`)) ownNode();
}

/**
 * Path of the Node to run with.
 * @throws {SetUpError} when neither the pinned nor the own Node will do
 */
export function nodePath() {
  return existsSync(PINNED_NODE) ? PINNED_NODE : ownNode();
}

/** Takes away a pinned Node that this system cannot run (a musl libc, for one): npm scripts would pick it and fail. */
export function dropUnusableNode() {
  if (existsSync(PINNED_NODE) && spawnSync(PINNED_NODE, ['--version']).status !== 0) rmSync(PINNED_NODE);
}

/** Environment in which `node` and the tools of node_modules are the pinned ones. */
export function pinnedEnvironment(env = process.env) {
  return { ...env, PATH: `${ROOT}node_modules/.bin:${env.PATH ?? ''}` };
}

function ownNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM.major || (major === MINIMUM.major && minor >= MINIMUM.minor)) return process.execPath;
  throw new SetUpError(
    `Gatebook needs Node ${MINIMUM.major}.${MINIMUM.minor} or later. A fitting one comes with its dependencies on ${PINNED_BUILDS.join(' and ')} (glibc) only; ` +
      `here is ${process.platform}-${process.arch} with Node ${process.versions.node}. Install Node ${MINIMUM.major} from https://nodejs.org, then run the same command again.`,
  );
}
