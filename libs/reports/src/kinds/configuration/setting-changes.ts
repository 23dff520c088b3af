import { createHash } from 'node:crypto';

/** Longest value that is shown; of longer ones, such as certificates and logos, the SHA-256 is. */
const VALUE_MAX = 300;

/** Deepest nesting that is told apart; below it values are shown as a whole. */
const DEPTH_MAX = 6;

/** What a setting was and what it is, by its path such as `rules[engineers].grant`. Null where there is none. */
interface SettingChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Settings that differ, as texts `path=value` in the order of their paths. */
export interface SettingChanges {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * Compares two settings leaf by leaf. Elements of lists are told apart by their `id`; other lists are values. A setting that is there on one
 * side alone is listed on that side alone.
 * @param before null for what is new
 * @param after null for what is gone
 */
export function settingChanges(before: unknown, after: unknown): SettingChanges {
  const changes = changesIn(leavesOf(before), leavesOf(after));
  const texts = (side: 'before' | 'after') =>
    changes.flatMap((change) => (change[side] === null ? [] : [`${change.path}=${change[side]}`]));
  return { before: texts('before'), after: texts('after') };
}

function changesIn(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly SettingChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((path) => ({ path, before: before.get(path) ?? null, after: after.get(path) ?? null }))
    .filter((change) => change.before !== change.after);
}

function leavesOf(settings: unknown): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  collect(settings, '', 0, leaves);
  return leaves;
}

function collect(value: unknown, path: string, depth: number, leaves: Map<string, string>): void {
  if (value === null || value === undefined) return;
  const parts = depth < DEPTH_MAX ? partsOf(value) : null;
  if (parts === null) leaves.set(path, shown(value));
  else for (const [name, part] of parts) collect(part, join(path, name), depth + 1, leaves);
}

/** Parts by name, as `[id]` in lists; null for what is one value. Empty lists and objects are values too. */
function partsOf(value: unknown): readonly (readonly [string, unknown])[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!Array.isArray(value)) {
    const entries = Object.entries(value);
    return entries.length === 0 ? null : entries;
  }
  const named = value.length > 0 && value.every(hasId);
  return named ? (value as readonly { id: string }[]).map((part) => [`[${part.id}]`, part] as const) : null;
}

const hasId = (part: unknown): boolean => typeof (part as { id?: unknown } | null)?.id === 'string';

const join = (path: string, name: string): string =>
  path === '' || name.startsWith('[') ? `${path}${name}` : `${path}.${name}`;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= VALUE_MAX) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')} (${text.length} characters)`;
}
