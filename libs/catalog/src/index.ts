export { Catalog, CatalogView, type InTenant } from './catalog.js';
