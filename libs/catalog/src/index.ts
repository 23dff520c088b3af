export { Catalog, CatalogView, type InTenant } from './catalog.js';
export { type PeopleBehindSources, peopleBehind, withPeopleBehind } from './people-behind.js';
