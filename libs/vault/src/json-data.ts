import type { Json } from '#libs/kernel';

/**
 * Copies data as JSON: properties that are undefined are left out, everything else must survive a round trip through text.
 * @throws {TypeError} for what JSON cannot hold (dates, maps, functions, NaN, bigint); silently stored, it would be another value
 */
export function toJson(data: unknown, path = '(data)'): Json {
  if (data === null || typeof data === 'string' || typeof data === 'boolean') return data;
  if (typeof data === 'number' && Number.isFinite(data)) return data;
  if (Array.isArray(data)) return data.map((item, index) => toJson(item, `${path}[${index}]`));
  if (!isPlainObject(data)) throw new TypeError(`Data of an event holds what JSON cannot (at: ${path}).`);
  const present = Object.entries(data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, toJson(value, `${path}.${name}`)]));
}

function isPlainObject(data: unknown): data is Record<string, unknown> {
  if (typeof data !== 'object' || data === null) return false;
  const prototype = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null;
}
