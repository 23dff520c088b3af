import type { PlatformRequest } from '#libs/platform';
import type { Client } from './verified-sign-in.js';

const LONGEST_ADDRESS = 64;
const LONGEST_USER_AGENT = 512;

/** Where a request comes from, as far as trusted proxies say so. */
export function clientOf(request: PlatformRequest): Client {
  return {
    address: (request.ip ?? '').slice(0, LONGEST_ADDRESS),
    userAgent: (request.get('user-agent') ?? '').slice(0, LONGEST_USER_AGENT),
  };
}
