/** What a cluster's folder remembers between commands: ports, processes, and with which settings they were started. Readable by its owner alone. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} ClusterState
 * @property {Record<string, number>} ports
 * @property {Record<string, import('./process-identity.mjs').ProcessIdentity>} processes
 * @property {string | null} settings digest of what the running processes were told
 */

/** @returns {ClusterState} */
export function readState(folder) {
  const file = join(folder, 'state.json');
  if (!existsSync(file)) return { ports: {}, processes: {}, settings: null };
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** @param {ClusterState} state */
export function writeState(folder, state) {
  writePrivately(join(folder, 'state.json'), state);
}

/** Where everything is; holds the password of the database. */
export function writeUrls(folder, urls) {
  writePrivately(join(folder, 'urls.json'), urls);
}

/** Makes the folders. Others may pass through the first (PostgreSQL has a user of its own), and see nothing. */
export function makeFolders(folder) {
  mkdirSync(join(folder, 'logs'), { recursive: true, mode: 0o700 });
  mkdirSync(join(folder, 'data'), { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o711);
}

/** Whole or not at all: a command may be killed while it writes. */
function writePrivately(file, value) {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
