import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import type { References } from './read-configuration.js';

/** Largest file that a reference may name, in bytes. */
const MAX_REFERENCED_BYTES = 65_536;

/** References of the operator's own file: `file:` only below its folder (links followed), `env:` only names that begin with `GATEBOOK_SECRET_`. */
export function fileReferences(folder: string, env: Readonly<Record<string, string | undefined>>): References {
  return {
    resolve: (reference) =>
      reference.startsWith('env:') ? fromEnvironment(reference.slice(4), env) : fromFile(reference.slice(5), folder),
  };
}

/** Through the API nothing of the host can be referred to. */
export const noReferences: References = {
  resolve() {
    throw new Error('file: and env: can be used in the operator’s own file only; send the value itself');
  },
};

function fromEnvironment(name: string, env: Readonly<Record<string, string | undefined>>): string {
  if (!/^GATEBOOK_SECRET_[A-Z0-9_]+$/.test(name))
    throw new Error(`env:${name} must name a variable that begins with GATEBOOK_SECRET_`);
  const value = env[name];
  if (!value) throw new Error(`the environment has no ${name}`);
  return value;
}

function fromFile(name: string, folder: string): string {
  const root = realpathSync(folder);
  let path: string;
  try {
    path = realpathSync(resolve(root, name));
  } catch {
    throw new Error(`there is no file ${name} in the folder of the configuration`);
  }
  if (!path.startsWith(root + sep)) throw new Error(`file:${name} lies outside the folder of the configuration`);
  if (!statSync(path).isFile() || statSync(path).size > MAX_REFERENCED_BYTES)
    throw new Error(`${name} is not a file of at most ${MAX_REFERENCED_BYTES} bytes`);
  return readFileSync(path, 'utf8');
}
