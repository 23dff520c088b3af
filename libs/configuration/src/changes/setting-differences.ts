import { sameJson } from '#libs/domain';

type Keys = Readonly<Record<string, unknown>>;

/** One setting that differs; null: not there. */
export interface SettingDifference {
  /** Where it stands: `oidc.clientSecret`, `rules[sales].grant`. */
  readonly setting: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Tells two JSON values apart, as deep as names lead: keys of objects, and elements of lists that have ids. Other lists are compared as a
 * whole. Of something that comes or goes every setting is told.
 */
export function settingDifferences(before: Keys | null, after: Keys | null): SettingDifference[] {
  return keysOf(before, after).flatMap((key) => differences(key, before?.[key], after?.[key]));
}

function differences(setting: string, before: unknown, after: unknown): SettingDifference[] {
  if (sameJson(before ?? null, after ?? null)) return [];
  if (isKeys(before) && isKeys(after))
    return keysOf(before, after).flatMap((key) => differences(`${setting}.${key}`, before[key], after[key]));
  const [listed, then] = [byId(before), byId(after)];
  if (listed === null || then === null) return [{ setting, before: before ?? null, after: after ?? null }];
  const found = keysOf(listed, then).flatMap((id) => differences(`${setting}[${id}]`, listed[id], then[id]));
  // the same elements in another order
  return found.length > 0 ? found : [{ setting, before: Object.keys(listed), after: Object.keys(then) }];
}

const keysOf = (before: Keys | null, after: Keys | null): string[] =>
  [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort();

const isKeys = (value: unknown): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The elements of a list by their ids; null for anything else, also where two have the same. */
function byId(value: unknown): Keys | null {
  if (!Array.isArray(value)) return null;
  const entries = value.map((item: unknown) => [isKeys(item) ? item['id'] : null, item] as const);
  const ids = new Set(entries.map(([id]) => id));
  const isNamed = ids.size === entries.length && entries.every(([id]) => typeof id === 'string');
  return isNamed ? Object.fromEntries(entries) : null;
}
