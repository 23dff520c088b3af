import type { PlatformRequest } from '#libs/platform';

/** Whether a form was sent from a page of this installation: browsers say so by Origin, or by Fetch Metadata where they hide it. */
export function isSameOrigin(request: PlatformRequest, publicUrl: string): boolean {
  const origin = request.get('origin');
  return origin === undefined || origin === 'null'
    ? request.get('sec-fetch-site') === 'same-origin'
    : origin === publicUrl;
}

/** Whether another site led the browser here, at any hop of a chain of redirects (Fetch Metadata); a browser that does not say is taken to have come by itself. */
export function isCrossSite(request: PlatformRequest): boolean {
  return request.get('sec-fetch-site') === 'cross-site';
}
