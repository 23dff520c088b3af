import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import type { References } from './yaml-text.js';

/** Largest file that a reference may name, in bytes. */
const MAX_REFERENCED_BYTES = 65_536;

/** Largest document of metadata, in bytes: that of a whole federation. */
const MAX_METADATA_BYTES = 8_388_608;

/** Largest picture, in bytes. */
const MAX_PICTURE_BYTES = 32_768;

/** References of the operator's own file: `file:` only below its folder (links followed), `env:` only names that begin with `GATEBOOK_SECRET_`. */
export function fileReferences(folder: string, env: Readonly<Record<string, string | undefined>>): References {
  return {
    resolve(reference, as = 'text') {
      if (reference.startsWith('env:')) return fromEnvironment(reference.slice(4), env);
      const name = reference.slice(5);
      if (as === 'picture') return pictureIn(name, folder);
      return fromFile(name, folder, as === 'metadata' ? MAX_METADATA_BYTES : MAX_REFERENCED_BYTES).toString('utf8');
    },
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

/** A picture as a `data:` address; what it is shows in its first bytes, not in its name. */
function pictureIn(name: string, folder: string): string {
  const bytes = fromFile(name, folder, MAX_PICTURE_BYTES);
  const type = PICTURES.find(({ is }) => is(bytes))?.type;
  if (!type) throw new Error(`${name} is no picture in PNG, SVG or WebP`);
  return `data:image/${type};base64,${bytes.toString('base64')}`;
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

const PICTURES = [
  { type: 'png', is: (bytes: Buffer) => bytes.subarray(0, PNG.length).equals(PNG) },
  {
    type: 'webp',
    is: (bytes: Buffer) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  },
  { type: 'svg+xml', is: (bytes: Buffer) => /^\s*<(?:svg|\?xml)[\s>]/.test(bytes.toString('utf8', 0, 256)) },
];

function fromFile(name: string, folder: string, bytesMax: number): Buffer {
  const root = realpathSync(folder);
  let path: string;
  try {
    path = realpathSync(resolve(root, name));
  } catch {
    throw new Error(`there is no file ${name} in the folder of the configuration`);
  }
  if (!path.startsWith(root + sep)) throw new Error(`file:${name} lies outside the folder of the configuration`);
  if (!statSync(path).isFile() || statSync(path).size > bytesMax)
    throw new Error(`${name} is not a file of at most ${bytesMax} bytes`);
  return readFileSync(path);
}
