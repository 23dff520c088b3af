/** Servers that have paths of their own, as an address of the whole installation shows them. */
export type Home = 'gate' | 'provisioning' | 'governance' | 'audit';

/** Which server answers below a path. */
export interface Route {
  /** Path without a trailing slash: it stands for itself and for whole segments below it. */
  readonly prefix: string;
  readonly home: Home;
}

/**
 * Every noun has one home, so that anything which routes by path can stand before the servers: Gatebook's own front, nginx, an Ingress.
 * The most special path comes first, and the first that fits decides; a longer one below a shorter one is the only overlap there is.
 */
export const ROUTES: readonly Route[] = longestFirst({
  gate: ['/', '/login', '/logout', '/me', '/setup', '/saml', '/signals', '/access/v1', '/op'],
  provisioning: [
    '/api/v1/accounts',
    '/api/v1/clients',
    '/api/v1/configuration',
    '/api/v1/connections',
    '/api/v1/imports',
    '/api/v1/keys',
    '/api/v1/ledger/verification',
    '/api/v1/link-proposals',
    '/api/v1/mappings',
    '/api/v1/projections',
    '/api/v1/roles',
    '/scim/v2',
    // Every server describes its own part; a front that cannot join them shows this one.
    '/docs',
    '/openapi.json',
  ],
  governance: [
    '/api/v1/access-reviews',
    '/api/v1/changes',
    '/api/v1/elevations',
    '/api/v1/findings',
    '/api/v1/policies',
    '/api/v1/review-items',
    '/api/v1/sod-exceptions',
    '/api/v1/usage',
    '/approvals',
    '/reviews',
  ],
  audit: ['/api/v1/access', '/api/v1/events', '/api/v1/ledger', '/api/v1/reports'],
});

/** Tells which server answers at a path (without query string). The root comes last: what no other route names is the gate's, which says 404. */
export function homeOf(path: string): Home {
  return (ROUTES.find(({ prefix }) => covers(prefix, path)) as Route).home;
}

/** By whole segments: `/api/v1/access` does not cover `/api/v1/access-reviews`. */
function covers(prefix: string, path: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}

function longestFirst(prefixes: Readonly<Record<Home, readonly string[]>>): Route[] {
  const routes = Object.entries(prefixes).flatMap(([home, list]) =>
    list.map((prefix) => ({ prefix, home: home as Home })),
  );
  return routes.sort((a, b) => b.prefix.length - a.prefix.length || (a.prefix < b.prefix ? -1 : 1));
}
