/** The guard of every outbound HTTP request. */

export { EGRESS_ALLOW, EgressAllowError, EgressError, EgressFailedError, EgressRefusedError } from './egress.errors.js';
export { type Egress, type EgressOptions, egress, type Fetch, REQUEST_BYTES_MAX } from './egress.js';
export { HEADER_BYTES_MAX } from './exchange.js';
export { REDIRECTS_MAX } from './redirects.js';
export { plainHttpPermitted, type Resolve, URL_LENGTH_MAX } from './target.js';
