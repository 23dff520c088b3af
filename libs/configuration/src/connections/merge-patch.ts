type Keys = Readonly<Record<string, unknown>>;

/** Lays a JSON merge patch over a value (RFC 7396): keys are joined at every depth, null takes a key out, lists are replaced. */
export function mergePatch(value: unknown, patch: unknown): unknown {
  if (!isKeys(patch)) return patch;
  const merged = new Map(Object.entries(isKeys(value) ? value : {}));
  for (const [key, item] of Object.entries(patch)) {
    if (item === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), item));
  }
  return Object.fromEntries(merged);
}

const isKeys = (value: unknown): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);
