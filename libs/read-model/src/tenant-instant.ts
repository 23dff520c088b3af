import type { KnownInstant } from './grants/grants.queries.js';

/** What a question about the past is about: a tenant, an instant and a state of knowledge. */
export interface TenantInstant extends KnownInstant {
  readonly tenant: string;
}
