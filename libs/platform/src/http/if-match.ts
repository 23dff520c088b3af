import { InvalidRequestError } from '../problem/invalid-request.error.js';
import type { PlatformRequest } from './platform-request.js';

/**
 * The version that a change is made from: `If-Match: 3`, or in quotes; undefined without the header, or for `*`.
 * @throws {InvalidRequestError} when it is no version
 */
export function versionOf(request: PlatformRequest): number | undefined {
  const header = request.get('if-match');
  if (header === undefined || header === '*') return undefined;
  const [, version] = /^"?(\d{1,9})"?$/.exec(header) ?? [];
  if (version === undefined)
    throw new InvalidRequestError([
      { field: 'If-Match', problem: 'must be the version that the change is made from, such as 3' },
    ]);
  return Number(version);
}
