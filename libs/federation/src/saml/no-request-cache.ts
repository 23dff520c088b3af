import type { CacheProvider } from '@node-saml/node-saml';

/**
 * For node-saml, which otherwise gives every instance a cache with a timer of its own.
 * Request ids are kept by the caller and compared by `postCheck`.
 */
export const noRequestCache: CacheProvider = {
  saveAsync: async () => null,
  getAsync: async () => null,
  removeAsync: async () => null,
};
