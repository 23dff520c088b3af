/** Longest address to return to, in characters. */
const LONGEST_RETURN_TO = 512;

/** Where a person goes after signing in when nothing else was asked. */
export const DEFAULT_RETURN_TO = '/me';

/**
 * Accepts a path of this site to return to. Anything that a browser might read as another site (`//host`, `/\host`, control characters)
 * becomes the default.
 */
export function returnToOf(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > LONGEST_RETURN_TO) return DEFAULT_RETURN_TO;
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(asked) && !asked.includes('\\') ? asked : DEFAULT_RETURN_TO;
}
