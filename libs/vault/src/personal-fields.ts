import type { Json } from '#libs/kernel';
import { CIPHERTEXT_KEY, type Ciphertext, isCiphertext } from './field-encryption.js';

/** Rewrites one value; `path` is where it stands, as in `links[0].subject`. */
export type Rewrite<Value extends Json = Json> = (value: Value, path: string) => Json;

/**
 * Rewrites the values at some paths and leaves everything else as it is. A path is names joined by dots, `[]` for every element of a list:
 * `claims`, `profile.email`, `links[].subject`. Absent and empty values (null, '', [], {}) tell nothing and are left alone.
 * Pure; the data given is not changed.
 * @throws {TypeError} when data in clear already uses the mark of a ciphertext
 */
export function rewritePersonalFields(data: Json, paths: readonly string[], rewrite: Rewrite): Json {
  const tree = treeOf(paths);
  return walk(data, tree, '', rewrite);
}

/**
 * Rewrites every ciphertext in the data, wherever it stands: fields of older schema versions need no paths. Data without any are answered as
 * they are, as nearly all data are. Pure.
 */
export function rewriteCiphertexts(data: Json, rewrite: (ciphertext: Ciphertext, path: string) => Json): Json {
  return holdsCiphertext(data) ? rewriteWithin(data, rewrite, '') : data;
}

function holdsCiphertext(data: Json): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return isCiphertext(data) || Object.values(data).some(holdsCiphertext);
}

function rewriteWithin(data: Json, rewrite: (ciphertext: Ciphertext, path: string) => Json, path: string): Json {
  if (Array.isArray(data)) return data.map((item, index) => rewriteWithin(item, rewrite, `${path}[${index}]`));
  if (typeof data !== 'object' || data === null) return data;
  if (isCiphertext(data)) return rewrite(data, path);
  return mapObject(data as JsonObject, (value, name) => rewriteWithin(value, rewrite, below(path, name)));
}

type JsonObject = { readonly [key: string]: Json };

/** Names and `[]` → what lies below; `personal` where a path ends. */
interface PathTree {
  personal: boolean;
  readonly below: Map<string, PathTree>;
}

function treeOf(paths: readonly string[]): PathTree {
  const root: PathTree = { personal: false, below: new Map() };
  for (const path of paths) {
    let node = root;
    for (const step of path.replaceAll('[]', '.[]').split('.')) {
      const next = node.below.get(step) ?? { personal: false, below: new Map() };
      node.below.set(step, next);
      node = next;
    }
    node.personal = true;
  }
  return root;
}

function walk(value: Json, tree: PathTree | undefined, path: string, rewrite: Rewrite): Json {
  if (tree?.personal) return isEmpty(value) ? value : rewrite(value, path);
  if (Array.isArray(value)) {
    return value.map((item, index) => walk(item, tree?.below.get('[]'), `${path}[${index}]`, rewrite));
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isCiphertext(value)) throw new TypeError(`Data in clear uses the reserved name ${CIPHERTEXT_KEY} (at: ${path}).`);
  return mapObject(value as JsonObject, (item, name) => walk(item, tree?.below.get(name), below(path, name), rewrite));
}

const below = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

/** Keys come from outside; `fromEntries` defines `__proto__` as an ordinary property. */
const mapObject = (object: JsonObject, map: (value: Json, name: string) => Json): Json =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));

function isEmpty(value: Json): boolean {
  if (value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
