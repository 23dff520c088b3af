import type { Request } from 'express';

/** The route of what matched no route: addresses of strangers must become neither labels nor names. */
const NO_ROUTE = '(none)';

/** The pattern of the route that answered, known once it has; middleware that runs for every address is no route. */
export function routeOf(request: Request): string {
  const pattern: unknown = request.route?.path;
  return typeof pattern === 'string' && !pattern.includes('*') ? pattern : NO_ROUTE;
}
